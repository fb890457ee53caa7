#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An archive of many captures and its index: what is cut, shuffled, compressed, moved, changed,
missing, damaged or killed.

The archive is made-up traffic in many files, so that flows span them; the truth is the capture in
one file, read from its first packet to its last.
"""
import collections
import csv
import datetime
import gzip
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.packets import read_pcap  # noqa: E402
from lib.programs import call, generate, program, require, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

FILES = 20
PACKETS = 40_000
TRAFFIC = ["--packets", str(PACKETS), "--rate", "2000", "--snaplen", "96", "--format", "pcap-ns"]

cases = Cases("archive")
scratch = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(scratch.name)


def packets_of(path):
    """(time, bytes) of the packets of a pcap file with nanoseconds."""
    header, records = read_pcap(path)
    equal(header[:4], struct.pack("<I", 0xA1B23C4D), "magic")
    return [(struct.unpack_from("<II", record), record[16:]) for record in records]


class Archive:
    """Captures in many files, their records and their index."""

    def __init__(self, folder):
        self.folder = folder
        self.whole = generate(folder / "whole.pcap", *TRAFFIC)
        self.captures = folder / "captures"
        generate(self.captures, *TRAFFIC, "--files", str(FILES), "--shuffle-names")
        self.records = folder / "flows.argus"
        self.index = folder / "index"
        run("argus", "-q", "-r", *self.files(), "-w", self.records, "--index", self.index)

    def files(self):
        return sorted(self.captures.iterdir())

    def rapcap(self, *options, index=None, status=0):
        return run("rapcap", "--index", index or self.index, *options, status=status)

    def extract(self, *options, **more):
        """The packets that rapcap writes."""
        output = self.folder / "out.pcap"
        output.unlink(missing_ok=True)
        result = self.rapcap("-w", output, *options, **more)
        return packets_of(output), result

    def copy(self, name):
        """Captures and index of its own, for those who break something."""
        other = Archive.__new__(Archive)
        other.folder = self.folder / name
        other.captures, other.index = other.folder / "captures", other.folder / "index"
        other.records = self.records
        shutil.copytree(self.captures, other.captures)
        run("raindex", "-q", "--index", other.index, "-r", *other.files())
        return other


ARCHIVE = None


def segment_of(archive, path):
    """The segment of a capture, by what raindex --list says is its size; the newest if unsure."""
    for segment in archive.index.iterdir():
        if str(path).encode() in segment.read_bytes():
            return segment
    raise AssertionError(f"no segment of {path}")


@cases.add()
def _all_packets_in_order():
    got, _ = ARCHIVE.extract("-r", ARCHIVE.records)
    equal(len(got), PACKETS, "packets")
    equal(got, packets_of(ARCHIVE.whole), "packets, their order and nanoseconds")


def seconds_of(line):
    """The time of a packet, as it stands in JSON."""
    return datetime.datetime.fromisoformat(line["time"][:26] + "+00:00").timestamp()


@cases.add()
def _flows_that_span_files():
    lines = [json.loads(line) for line in
             ARCHIVE.rapcap("-r", ARCHIVE.records, "--json").out.splitlines()]
    files = collections.defaultdict(set)
    for line in lines:
        files[line["flow"]].add(line["file"])
    assert max(map(len, files.values())) > 5, "no flow spans files: the test tests nothing"
    flow = max(files, key=lambda name: len(files[name]))
    wanted = [line["packet"] for line in lines if line["flow"] == flow]
    asked = [json.loads(line) for line in
             ARCHIVE.rapcap("--flow", flow, "--json").out.splitlines()]
    equal([line["packet"] for line in asked], wanted, f"packets of {flow}")

    seconds = [int(seconds_of(line)) for line in asked]
    middle = seconds[len(seconds) // 2]
    part = ARCHIVE.rapcap("--flow", flow, "-t", f"{middle}-{middle + 1}", "--json").out.splitlines()
    wanted = [line["packet"] for line in asked if middle <= seconds_of(line) <= middle + 1]
    equal([json.loads(line)["packet"] for line in part], wanted, f"packets of {flow} at {middle}")


@cases.add()
def _list_forms_agree():
    options = ["-r", ARCHIVE.records, "-N", "50"]
    objects = [json.loads(line) for line in
               ARCHIVE.rapcap(*options, "--json").out.splitlines()]
    rows = list(csv.DictReader(ARCHIVE.rapcap(*options, "--csv").out.splitlines()))
    text = ARCHIVE.rapcap(*options, "--list").out.splitlines()
    equal(len(rows), len(objects), "rows of CSV")
    equal(len(text), len(objects) + 1, "lines of text, the header with them")
    for row, line in zip(rows, objects):
        equal(row, {name: str(value) for name, value in line.items()}, "row")


@cases.add()
def _list_says_where_packets_are():
    for line in ARCHIVE.rapcap("-r", ARCHIVE.records, "-N", "20", "--json").out.splitlines():
        place = json.loads(line)
        bytes_ = pathlib.Path(place["file"]).read_bytes()
        seconds, nanoseconds = struct.unpack_from("<II", bytes_, place["offset"])
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanoseconds:09}Z"
        equal(place["time"], stamp, "time of the record at the offset")


@cases.add()
def _filters_choose_records():
    some, _ = ARCHIVE.extract("-r", ARCHIVE.records, "-", "udp", "and", "port", "53")
    result = run("racount", "-r", ARCHIVE.records, "-", "udp", "and", "port", "53")
    equal(len(some), int(result.out.split()[10]), "packets, held against the records' count")


@cases.add()
def _merged_records():
    merged = ARCHIVE.folder / "merged.argus"
    merged.unlink(missing_ok=True)
    run("racluster", "-r", ARCHIVE.records, "-m", "saddr/16", "daddr", "proto", "dport",
        "-w", merged, "-", "tcp", "and", "dst", "port", "25")
    got, _ = ARCHIVE.extract("-r", merged)
    wanted, _ = ARCHIVE.extract("-r", ARCHIVE.records, "-", "tcp", "and", "dst", "port", "25")
    missing = collections.Counter(wanted) - collections.Counter(got)
    equal(sum(missing.values()), 0, "packets of the flows that the merged records do not find")
    assert wanted, "no packets: the test tests nothing"


def write_pcapng(path, packets):
    """Ethernet packets of (microseconds, bytes)."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack("<HHI", 1, 0, 0))
    path.write_bytes(head + interface + b"".join(
        block(6, struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, len(data), len(data)) + data)
        for at, data in packets))


FAR_SECONDS = 2_700_000_000  # from the generator's times to the year 2109


@cases.add()
def _times_that_records_do_not_have():
    """Of a record's seconds, 32 bits are kept; the packets lie in two rounds of them."""
    far, index = ARCHIVE.folder / "far.pcapng", ARCHIVE.folder / "far-index"
    packets = [(seconds * 10**6 + nanoseconds // 1000, data)
               for (seconds, nanoseconds), data in packets_of(ARCHIVE.whole)[:2000]]
    write_pcapng(far, packets + [(at + FAR_SECONDS * 10**6, data) for at, data in packets])
    run("argus", "-q", "-r", far, "-w", ARCHIVE.folder / "far.argus", "--index", index)
    out = ARCHIVE.rapcap("-r", ARCHIVE.folder / "far.argus", "--json", index=index).out
    lines = [json.loads(line) for line in out.splitlines()]
    equal([line["packet"] for line in lines], list(range(1, len(lines) + 1)), "packets, in order")
    rows = run("ra", "-c", ",", "-L", "-1", "-r", ARCHIVE.folder / "far.argus", "-s", "pkts").out
    counts = collections.Counter(line["record"] for line in lines)
    for number, count in enumerate(rows.splitlines(), 2):
        equal(counts[number], int(count), f"packets of record {number}")


@cases.add()
def _pcapng_with_comments():
    output = ARCHIVE.folder / "out.pcapng"
    ARCHIVE.rapcap("-r", ARCHIVE.records, "-N", "5", "--pcapng", "--comments", "-w", output)
    assert b"record 2: " in output.read_bytes(), "no comment"
    plain, _ = ARCHIVE.extract("-r", ARCHIVE.records, "-N", "5")
    run("argus", "-q", "-r", output, "-w", ARCHIVE.folder / "ng.argus")
    counted = run("racount", "-r", ARCHIVE.folder / "ng.argus").out.split()
    equal(int(counted[10]), len(plain), "packets")


@cases.add()
def _moved_and_renamed():
    other = ARCHIVE.copy("moved")
    wanted, _ = other.extract("-r", ARCHIVE.records, "-N", "300")
    away = other.folder / "away"
    away.mkdir()
    for number, path in enumerate(other.files()):
        path.rename(away / (path.name if number % 2 else f"{number}.cap"))
    result = other.rapcap("-r", ARCHIVE.records, "-N", "300", status=3)
    assert "No such file" in result.err, result
    got, _ = other.extract("-r", ARCHIVE.records, "-N", "300", "--captures", away)
    equal(got, wanted, "packets")


@cases.add()
def _compressed_captures():
    other = ARCHIVE.copy("compressed")
    wanted, _ = other.extract("-r", ARCHIVE.records)
    shutil.rmtree(other.index)
    for path in other.files():
        packed = path.with_suffix(".gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), compresslevel=1))
        path.unlink()
    run("raindex", "-q", "--index", other.index, "-r", *other.files())
    got, _ = other.extract("-r", ARCHIVE.records)
    equal(got, wanted, "packets")


@cases.add()
def _changed_and_missing_captures():
    other = ARCHIVE.copy("changed")
    first, second = other.files()[:2]
    wanted, _ = other.extract("-r", ARCHIVE.records)
    lost = len(packets_of(first)) + len(packets_of(second))
    changed = bytearray(first.read_bytes())
    changed[-1] ^= 1
    first.write_bytes(changed)
    second.unlink()
    got, result = other.extract("-r", ARCHIVE.records, status=3)
    assert f"{first}: has changed since it was indexed" in result.err, result
    assert f"{second}: No such file" in result.err, result
    equal(len(got), len(wanted) - lost, "packets of the others")
    assert f"{lost} packets of" in result.err, result


@cases.add()
def _damaged_segments():
    other = ARCHIVE.copy("damaged")
    path = other.files()[0]
    segment = segment_of(other, path)
    good = segment.read_bytes()
    rng = random.Random(1)
    seen = collections.Counter()
    for _ in range(60):
        bad = bytearray(good)
        place = rng.randrange(rng.choice((0, 4096)), len(bad))
        bad[place] ^= 1 << rng.randrange(8)
        segment.write_bytes(bad)
        got, result = other.extract("-r", ARCHIVE.records, status=None)
        equal(result.status, 3, f"status, byte {place} of {len(bad)}, \n{result}")
        assert str(segment) in result.err, result
        seen[result.err.split(": ", 2)[2][:30]] += 1
        assert len(got) < PACKETS, "all packets, out of a damaged index"
    for size in (0, 1, 100, 4095, 4096, 4500, len(good) - 1):
        segment.write_bytes(good[:size])
        result = other.rapcap("-r", ARCHIVE.records, "-w", other.folder / "o.pcap", status=None)
        equal(result.status, 3, f"status with {size} of {len(good)} bytes")
        assert str(segment) in result.err, result
        verified = run("raindex", "--index", other.index, "--verify", status=3)
        assert str(segment) in verified.err, verified
    newer = bytearray(good)
    version, = struct.unpack_from("<I", newer, 8)
    struct.pack_into("<I", newer, 8, version + 1)
    segment.write_bytes(newer)
    result = run("raindex", "--index", other.index, "--list", status=3)
    assert f"version {version + 1}" in result.err, result


@cases.add()
def _verify_reads_everything():
    run("raindex", "--index", ARCHIVE.index, "--verify")
    other = ARCHIVE.copy("swapped")
    one, two = (segment_of(other, path) for path in other.files()[:2])
    # A segment of another capture, with the name and identity of this one, is not believed.
    header = one.read_bytes()[:4096]
    two.write_bytes(header + two.read_bytes()[4096:])
    run("raindex", "--index", other.index, "--verify", status=3)


@cases.add()
def _list_shows_what_is_covered():
    out = run("raindex", "--index", ARCHIVE.index, "--list").out.splitlines()
    equal(len(out), FILES + 1, "lines")
    equal(sum(int(line.split()[0]) for line in out[1:]), PACKETS, "packets")
    equal({line.split()[-1] for line in out[1:]}, {str(path) for path in ARCHIVE.files()}, "files")


@cases.add()
def _same_bytes_with_little_memory_and_in_any_order():
    little, again = ARCHIVE.folder / "little", ARCHIVE.folder / "again"
    files = ARCHIVE.files()
    run("raindex", "-q", "--index", little, "--memory", "32M", "-r", *files)
    for path in reversed(files):  # one at a time
        run("raindex", "-q", "--index", again, "-r", path)
    merged = ARCHIVE.folder / "merged-index"
    run("argus", "-q", "--merge", "-r", *files, "-w", ARCHIVE.folder / "m.argus", "--index", merged)
    for folder in (little, again, merged):
        equal(sorted(os.listdir(folder)), sorted(os.listdir(ARCHIVE.index)), "segments")
        for name in os.listdir(folder):
            equal((folder / name).read_bytes(), (ARCHIVE.index / name).read_bytes(), name)


@cases.add()
def _two_builders_at_once():
    index = ARCHIVE.folder / "both"
    command = [program("raindex"), "-q", "--index", index, "-r", *ARCHIVE.files()]
    both = [subprocess.Popen(list(map(str, command))) for _ in range(2)]
    equal([one.wait(60) for one in both], [0, 0], "status")
    run("raindex", "--index", index, "--verify")
    equal(sorted(os.listdir(index)), sorted(os.listdir(ARCHIVE.index)), "segments")


@cases.add()
def _killed_builder_goes_on():
    index = ARCHIVE.folder / "killed"
    command = list(map(str, [program("raindex"), "-q", "--index", index, "-r",
                             *ARCHIVE.files()]))
    rng = random.Random(2)
    for _ in range(8):
        process = subprocess.Popen(command)
        time.sleep(rng.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name in os.listdir(index) if index.exists() else []:
            if not name.startswith("."):
                equal((index / name).read_bytes(), (ARCHIVE.index / name).read_bytes(), name)
    run(*["raindex", *command[1:]])
    equal(sorted(n for n in os.listdir(index) if not n.startswith(".")),
          sorted(os.listdir(ARCHIVE.index)), "segments")


@cases.add()
def _full_disk():
    if os.geteuid() != 0:
        return
    small = ARCHIVE.folder / "small"
    small.mkdir()
    if call(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small]).status:
        return  # not allowed here
    try:
        result = run("raindex", "-q", "--index", small / "i", "-r", ARCHIVE.whole, status=3)
        assert "No space left" in result.err, result
        equal(os.listdir(small / "i"), [], "files left behind")
        (small / "o.pcap").write_bytes(b"what was there before")
        result = ARCHIVE.rapcap("-r", ARCHIVE.records, "-w", small / "o.pcap", status=1)
        assert "No space left" in result.err, result
        equal((small / "o.pcap").read_bytes(), b"what was there before", "the old file")
    finally:
        call(["umount", small])


@cases.add()
def _wrong_usage():
    for options, why in (
            ([], "where is the index"),
            (["--index", ARCHIVE.index, "--flow", "tcp 10.0.0.1"], "is not PROTOCOL"),
            (["--index", ARCHIVE.index, "--flow", "foo 10.0.0.1:1 10.0.0.2:2"], "no IP protocol"),
            (["--index", ARCHIVE.index, "--flow", "tcp 10.0.0.1:x 10.0.0.2:2"], "no port"),
            (["--index", ARCHIVE.index, "--flow", "icmp 10.0.0.1:1 10.0.0.2"], "has no ports"),
            (["--index", ARCHIVE.index, "--flow", "tcp 10.0.0.1:1 10.0.0.2:2", "-t", "n12:00"],
             "only a range"),
            (["--index", "nowhere", "--flow", "tcp 10.0.0.1:1 10.0.0.2:2"], "No such file"),
            (["--index", ARCHIVE.index, "-r", ARCHIVE.records, "--comments"], "--pcapng"),
            (["--index", ARCHIVE.index, "-r", ARCHIVE.records, "--list", "-w", "x"], "list")):
        result = run("rapcap", *options, stdin=b"", status=1)
        assert why in result.err, result
        equal(result.err.count("\n"), 1, f"lines of error of {result}")


def main():
    global ARCHIVE
    require("argus", "ra", "racluster", "racount", "raindex", "rapcap")
    with scratch:
        ARCHIVE = Archive(FOLDER)
        cases.run()


if __name__ == "__main__":
    main()
