# SPDX-License-Identifier: Apache-2.0
"""Packets in = packets in records + packets under named counters, of files and of a flood."""
import subprocess

from lib.programs import BIN, tool
from lib.tap import equal

from .sensing import (ENVIRONMENT, MEGABYTE, SOME_DAMAGED, Account, Ended, counted_by_others,
                      packets_in, packets_of_count, start)

FLOOD_LIMIT = 256
FLOOD_SLACK = 16  # MB that a peak may be above the limit


def account_of(words, folder, *options):
    """Reads files into records, and holds the records against what the sensor says of them."""
    output = folder / "flows.argus"
    output.unlink(missing_ok=True)
    ended = Ended(start([*words, *options], output, stdout=subprocess.DEVNULL), (0, SOME_DAMAGED))
    account = Account(ended.err)
    equal(packets_in(output), account.recorded, "packets in the records")
    output.unlink()
    return account


def told(account):
    return f"{account.recorded:,} in {account.records:,} records + {account.named:,} named"


def trace(make, folder):
    words = make()
    counted = counted_by_others(words[-1])
    said = []
    for options in ([], ["--memory", "64M", "--half-open", "compact"]):
        account = account_of(words, folder, *options)
        if counted is not None:
            equal(account.read, counted, "packets read, held against capinfos")
        said.append(told(account))
    witness = "capinfos" if counted is not None else "(no capinfos)"
    return f"{account.read:,} read = {witness} = {' = '.join(said)}"


def corpus(make, folder):
    account = account_of(make(), folder)
    return f"{account.read:,} read = {told(account)}"


def flood(packets):
    """Distinct flows of one packet, through pipes, so that no file is as large as they are."""
    source = subprocess.Popen([str(tool("generate")), "--mix", "flood", "--rate", "1000000",
                               "--snaplen", "64", "--packets", str(packets), "-"],
                              stdout=subprocess.PIPE)
    sensor = start(["--memory", f"{FLOOD_LIMIT}M", "-r", "-"], "-", stdin=source.stdout,
                   stdout=subprocess.PIPE)
    source.stdout.close()
    counter = subprocess.Popen([str(BIN / "racount"), "-X", "-r", "-"], stdin=sensor.stdout,
                               stdout=subprocess.PIPE, env=ENVIRONMENT)
    sensor.stdout.close()
    records, recorded = packets_of_count(counter.communicate()[0].decode())
    ended = Ended(sensor)
    equal((counter.returncode, source.wait()), (0, 0), "status of racount and generate")
    account = Account(ended.err)
    equal((account.read, account.recorded, recorded), (packets,) * 3, "packets read and recorded")
    peak = ended.peak / MEGABYTE
    assert peak <= FLOOD_LIMIT + FLOOD_SLACK, f"peak {peak:.0f} MB"
    return (f"{packets:,} packets in {records:,} records, {account.flows:,} flows, "
            f"{account.cut:,} cut; peak {peak:.0f} MB with --memory {FLOOD_LIMIT}M")


def prove(report, traces, flood_packets):
    report.title("Every packet is accounted for")
    for name, make in traces.inputs():
        report.check(name, corpus if name == "corpus" else trace, make, traces.folder)
    report.title("A flood of flows of one packet")
    report.check("flood", flood, flood_packets)
