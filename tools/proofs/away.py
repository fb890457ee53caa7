# SPDX-License-Identifier: Apache-2.0
"""A sensor at a link whose line to the collector is away for longer than its queue reaches. It
drops no packet meanwhile. What the store lacks at the end is what it was told that it lacks; with a
spool at the sensor it lacks nothing."""
import random
import signal
import time

from lib.programs import BIN
from lib.streams import split_records
from lib.tap import equal
from link import wait_until

from .cuts import (COLLECTOR, PORT, await_store, compare, flows, lay_lines, start_collector,
                   start_store)
from .hosts import Hosts, Process

RATE = 50_000  # packets a second
LOSS_RECORD, LOSS_FIELD = b"\x83\x83", slice(80, 84)


def told_missing(path):
    return sum(int.from_bytes(r[LOSS_FIELD], "big") for r in split_records(path.read_bytes())[1:]
               if r[:2] == LOSS_RECORD)


def cut_for_long(hosts, seed, seconds):
    """Twice. The sensor's kernel is told, so that it does not keep what it has not sent."""
    dice = random.Random(seed)
    for _ in range(2):
        time.sleep(seconds / 6)
        hosts.plug("sensor", "collector", "down")
        hosts.forget_connections("sensor", COLLECTOR)
        time.sleep(seconds / 6 * dice.uniform(0.8, 1.2))
        hosts.plug("sensor", "collector", "up")


def watch(hosts, capture, folder, seed, packets, words):
    """The status of the sensor, which has ended then, and what it says."""
    direct, store = folder / "direct", folder / "store"
    sensor = Process(hosts, "sensor", folder, BIN / "argus", "-X", "-v", "-i", "to-sender", "-P",
                     PORT, "-B", "any", "-w", direct, *words)
    wait_until(lambda: direct.exists() and direct.stat().st_size, "the sensor listens")
    collector = start_collector(hosts, folder, "--wait-clients", "1")
    keeper = start_store(hosts, folder)
    wait_until(lambda: store.exists() and store.stat().st_size, "the store is served", 30)
    sender = Process(hosts, "sender", folder, "tcpreplay", "-q", "--limit", packets, "--pps", RATE,
                     "-i", "to-sensor", capture)
    cut_for_long(hosts, seed, packets / RATE)
    equal(sender.wait(), 0, "status of tcpreplay")
    time.sleep(1)
    equal(sensor.stop(signal.SIGINT), 0, "status of the sensor")
    await_store(store, len(flows(direct)) - told_missing(store))
    keeper.stop(signal.SIGTERM)
    collector.stop(signal.SIGTERM)
    return sensor.account()


def away(capture, folder, seed, packets, has_spool):
    words = ("--queue", "4M", "--spool", folder / "spool-here") if has_spool else ("--queue", "1M")
    with Hosts("sender", "sensor", "collector", "store") as hosts:
        lay_lines(hosts)
        hosts.lay("sender", None, "sensor", None)
        arrived, dropped, read, recorded = watch(hosts, capture, folder, seed, packets, words)
    equal((arrived, dropped, read, recorded), (packets, 0, packets, packets),
          "packets arrived, dropped, read, and in records")
    sent, told = flows(folder / "direct"), told_missing(folder / "store")
    found = compare(sent, flows(folder / "store"))
    missing = found.pop("missing")
    assert not any(found.values()), f"{found} of {len(sent)} flow records"
    # Management records are among those that are told of.
    others = len(split_records((folder / "direct").read_bytes())) - len(sent)
    assert missing <= told <= missing + others, f"{missing} are missing, and {told} were told of"
    assert bool(missing) != has_spool, f"{missing} are missing"
    return (f"{packets:,} packets in {len(sent):,} flow records; {missing:,} missing, "
            f"{told:,} told of")
