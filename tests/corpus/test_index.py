#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From every record of every capture back to exactly its packets.

For each file: the sensor makes records and the index in one pass, raindex makes the same index,
rapcap finds for each record as many packets as it counts, no packet twice, and with the bytes of
the flow; what it writes holds the same packets. Of TCP and UDP flows, the numbers of the frames are
those that tshark finds.
"""
import collections
import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import pool  # noqa: E402
from lib.programs import call, corpus, require, run  # noqa: E402
from lib.tap import equal, note  # noqa: E402

FIELDS = ["proto", "saddr", "sport", "daddr", "dport", "pkts", "stime", "ltime"]
TSHARK_FLOWS = 3  # of each file
TSHARK_EVERY = 2  # files: it takes a third of a second to start


def records_of(path):
    """Fields of the records, by their numbers in the file."""
    out = run("ra", "-M", "man", "-nn", "-c", ",", "-L", "-1", "-r", path, "-s", *FIELDS).out
    rows = dict(enumerate((line.split(",") for line in out.splitlines()), 1))
    return {number: row for number, row in rows.items() if row[0] != "man"}


def found_in(index, records, *options):
    out = run("rapcap", "--index", index, "-r", records, "--json", *options, status=None).out
    return [json.loads(line) for line in out.splitlines()]


def compare_indexes(one, other):
    equal(sorted(os.listdir(one)), sorted(os.listdir(other)), "segments")
    for name in os.listdir(one):
        equal(pathlib.Path(one, name).read_bytes(), pathlib.Path(other, name).read_bytes(), name)


def frames_by_tshark(path, row):
    """Numbers of the frames of a TCP or UDP flow, and of those with several headers that fit."""
    protocol, src, sport, dst, dport = row[:5]
    word = {"6": "tcp", "17": "udp"}[protocol]
    family = "ipv6" if ":" in src else "ip"
    ends = [f"{family}.src=={a} && {family}.dst=={b} && {word}.srcport=={c} && {word}.dstport=={d}"
            for a, b, c, d in ((src, dst, sport, dport), (dst, src, dport, sport))]
    result = call(["tshark", "-n", "-r", path, "-o", "ip.defragment:false", "-Y",
                   f"({ends[0]}) || ({ends[1]})", "-T", "fields", "-e", "frame.number",
                   "-e", f"{family}.src", "-e", "icmp.type", "-e", "icmpv6.type"])
    plain, odd = set(), set()
    for line in result.out.splitlines():
        number, sources, *icmp = line.split("\t")
        (odd if "," in sources or any(icmp) else plain).add(int(number))
    return plain, odd


def compare_with_tshark(path, rows, found):
    """Whole flows: all records with the same ends together."""
    flows = collections.defaultdict(set)
    for number, row in rows.items():
        if row[0] in ("6", "17") and row[2] and row[4]:
            flows[tuple(sorted([(row[1], row[2]), (row[3], row[4])])) + (row[0],)].add(number)
    compared = 0
    for numbers in list(flows.values())[:TSHARK_FLOWS]:
        packets = [line for line in found if line["record"] in numbers]
        if any(line["kind"] != "packet" for line in packets):
            continue
        theirs, odd = frames_by_tshark(path, rows[min(numbers)])
        if not theirs:
            continue
        equal({line["packet"] for line in packets} - odd, theirs,
              f"frames of {rows[min(numbers)][:5]}")
        compared += 1
    return compared


def check(job):
    """Checks one file; returns records, packets and flows that were compared with tshark."""
    place, path = job
    with tempfile.TemporaryDirectory() as folder:
        records, index = f"{folder}/out.argus", f"{folder}/index"
        run("argus", "-q", "-r", path, "-w", records, "--index", index, status=None)
        if not os.path.exists(records) or not os.listdir(index):
            return 0, 0, 0
        run("raindex", "-q", "--index", f"{folder}/again", "-r", path, status=None)
        compare_indexes(index, f"{folder}/again")
        rows, found = records_of(records), found_in(index, records)
        counts = collections.Counter(line["record"] for line in found)
        wrong = {n: (counts[n], row) for n, row in rows.items() if counts[n] != int(row[5])}
        equal(wrong, {}, "records whose packets are not found")
        equal(len({line["packet"] for line in found}), len(found), "packets found once")
        run("rapcap", "--index", index, "-r", records, "--pcapng", "-w", f"{folder}/out.pcapng")
        run("argus", "-q", "-S", "1d", "-r", f"{folder}/out.pcapng", "-w", f"{folder}/2.argus",
            status=None)
        again = sum(int(row[5]) for row in records_of(f"{folder}/2.argus").values())
        equal(again, len(found), "packets in the extract")
        compared = 0
        if place % TSHARK_EVERY == 0 and shutil.which("tshark"):
            compared = compare_with_tshark(path, rows, found)
        return len(rows), len(found), compared


def main():
    require("argus", "ra", "raindex", "rapcap")
    files = corpus()
    print(f"1..{len(files)}")
    results = list(pool.each(check, list(enumerate(files))))
    good = pool.report(results, lambda job: job[1].name)
    totals = [sum(result[i] for _, result, _ in results if result) for i in range(3)]
    note("{} records, {} packets; {} flows held against tshark".format(*totals))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
