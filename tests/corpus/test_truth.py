#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the generator says it made is what the sensor counts, conversation by conversation."""
import csv
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import flows  # noqa: E402
from lib.programs import generate, require, rows, run, sense  # noqa: E402
from lib.tap import Cases, equal, note  # noqa: E402

ARP, TCP, UDP = "2054", "6", "17"
SHOWN_MOST = 5

cases = Cases("truth")


def true_rows(path):
    with open(path, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            row["proto"] = ARP if row["proto"] == "arp" else row["proto"]
            if row["proto"] not in (TCP, UDP):
                row["sport"] = row["dport"] = ""
            yield row


def plain(record_rows):
    """Rows of records, ports only where they are ports."""
    for row in record_rows:
        if row["proto"] not in (TCP, UDP):
            row["sport"] = row["dport"] = ""
        yield row


def compare(folder, sensor_options, generator_options):
    capture = generate(folder / "in.pcap", "--truth", folder / "truth.csv", *generator_options)
    records = sense(capture, folder / "out.argus", *sensor_options)
    truth = flows.add_up(true_rows(folder / "truth.csv"))
    counted = flows.add_up(plain(rows(records, flows.FIELDS)))
    different = flows.differences(truth, counted)
    for key in different[:SHOWN_MOST]:
        note(f"{key}: truth {truth.get(key)}, records {counted.get(key)}")
    note(f"{len(truth)} conversations, {sum(sum(v[:2]) for v in truth.values())} packets")
    equal(len(different), 0, "number of conversations that differ")


def check(sensor_options, generator_options):
    with tempfile.TemporaryDirectory() as folder:
        compare(pathlib.Path(folder), sensor_options, generator_options)


MIXED = ["--packets", "60000"]
cases.add_call("mixed traffic", check, [], MIXED)
cases.add_call("mixed traffic, compat", check, ["--compat", "3.0.8"], MIXED + ["--seed", "2"])
cases.add_call("mixed traffic, records of a minute", check, ["-S", "60"], MIXED + ["--seed", "3"])
cases.add_call("short captured lengths", check, [], MIXED + ["--snaplen", "96"])
cases.add_call("scans, nanoseconds", check, [], ["--packets", "60000", "--mix", "scan",
                                                 "--format", "pcap-ns"])
cases.add_call("mail, pcapng", check, [], ["--packets", "30000", "--mix", "mail",
                                           "--format", "pcapng"])


@cases.add("merging by racluster loses nothing")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        capture = generate(folder / "in.pcap", *MIXED)
        records = sense(capture, folder / "out.argus", "-S", "1")
        run("racluster", "-X", "-r", records, "-w", folder / "merged.argus")
        before, after = rows(records, flows.FIELDS), rows(folder / "merged.argus", flows.FIELDS)
        assert len(after) < len(before), f"{len(before)} records before, {len(after)} after"
        equal(flows.packets(after), flows.packets(before), "number of packets")
        equal(flows.differences(flows.add_up(before), flows.add_up(after)), [], "differences")


@cases.add("the generator gives the same for the same options")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        one, same, other = (generate(folder / f"{i}.pcap", "--packets", "5000", "--seed", seed)
                            for i, seed in enumerate("112"))
        equal(same.read_bytes() == one.read_bytes(), True, "equality for the same seed")
        equal(other.read_bytes() == one.read_bytes(), False, "equality for another seed")


require("argus", "ra", "racluster")
cases.run()
