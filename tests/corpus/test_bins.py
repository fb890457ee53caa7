#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rabins: beside that of argus 3.0.8, nothing lost, the same whatever the memory and threads."""
import collections
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import (  # noqa: E402
    SANITIZED, call, generate, original, program, require, run, sense)
from lib.tap import Cases, Skip, equal  # noqa: E402

CAPTURES = 150
LEAST = 20 << 20
SLACK = 16 << 20  # what the program itself may take
FIELDS = ["stime", "proto", "saddr", "sport", "daddr", "dport", "spkts", "dpkts", "trans", "sbytes",
          "dbytes"]
COUNTERS = ["pkts", "bytes", "appbytes"]
BYTES = FIELDS.index("sbytes")
# Modes that both programs have; of the same records, they must print the same.
BESIDE = ["time 1m", "hard time 10s", "time 7s -m proto", "hard time 1h -m saddr daddr",
          "nomodify time 10s -m proto dport", "time 1m -m none", "nomerge time 30s",
          "time 1d -m matrix", "hard time 5s -P bytes stime", "time 1m -P dport proto stime",
          "hard time 2m -m daddr -P spkts stime", "rmon time 1h -m saddr", "time 1h -m sport"]
# With empty bins a range of time is needed, or there are centuries of them.
ZEROS = ["hard zero time 1m -m proto", "zero time 10s -m saddr"]

cases = Cases("rabins")


class World:
    def __init__(self, folder):
        self.folder = folder
        self.records = None
        records = sample(folder, CAPTURES) if original("rabins") else None
        if records:
            self.records = of_one_day(records, folder)
        generate(folder / "made.pcap", "-n", "20000" if SANITIZED else "200000", "-r", "3000")
        self.made = sense(folder / "made.pcap", folder / "made.argus", "-S", "10", "-AJZ")


def of_one_day(records, folder):
    """TCP and UDP over IPv4 of the day that has most of it, sorted: 3.0.8 loses what is out of
    order, and makes all bins between the first and the last record."""
    flows, day = folder / "flows.argus", folder / "day.argus"
    settled(records, flows, "-", "(tcp or udp) and net 0.0.0.0/0")
    days = collections.Counter(run("ra", "-X", "-r", flows, "--time-format", "%Y/%m/%d", "-L", "-1",
                                   "-s", "stime").out.split())
    run("ra", "-X", "-r", flows, "-t", f"c{days.most_common(1)[0][0]}", "-w", day)
    output = folder / "sorted.argus"
    run("rasort", "-X", "-r", day, "-w", output)
    return output


def words_of(mode):
    """Options of a mode: what stands before the first option is of -M."""
    return ["-M", *mode.split()]


def printed(binary, records, words):
    result = call([binary, "-X", "-r", records, *words, "-L", "-1", "-c", ",", "-nn", "-u", "-s",
                   *FIELDS])
    assert result.status == 0, result
    return [line.split(",") for line in result.out.splitlines()]


def near(theirs, ours):
    """3.0.8 loses a byte here and there when it cuts, which later parts have."""
    return abs(int(theirs or 0) - int(ours or 0)) <= 16 + int(ours or 0) // 50


def check_beside(world, mode):
    if not world.records:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    words = words_of(mode)
    theirs = printed(original("rabins"), world.records, words)
    ours = printed(program("rabins"), world.records, words)
    # Equal ones of a bin may stand in another order.
    for a, b in zip(sorted(theirs), sorted(ours)):
        equal(b[:BYTES], a[:BYTES], "record")
        assert all(map(near, a[BYTES:], b[BYTES:])), f"bytes differ\n3.0.8 {a}\nours  {b}"
    equal(len(ours), len(theirs), "number of records")
    assert len(ours) > 10, "too few to say anything"


# --- nothing is lost -----------------------------------------------------------------------------

def sums(command):
    """Counters of what a command prints, together."""
    out = run(*command, "-L", "-1", "-c", ",", "-s", *COUNTERS).out
    rows = [[int(value or 0) for value in line.split(",")] for line in out.splitlines()]
    return dict(zip(COUNTERS, map(sum, zip(*rows))))


def check_conserved(world, which, mode):
    records = getattr(world, which)
    if not records:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    equal(sums(["rabins", "-X", "-r", records, *words_of(mode)]),
          sums(["ra", "-X", "-r", records]), "sums")


def check_file(world):
    """What is written is what is printed."""
    output = world.folder / "bins.argus"
    words = ["-X", "-r", world.made, "-M", "time", "3s", "-m", "proto", "dport"]
    fields = ["-n", "-s", "stime", "dur", "proto", "dport", "pkts", "bytes", "trans"]
    run("rabins", *words, "-w", output)
    equal(run("ra", "-X", "-r", output, *fields).out, run("rabins", *words, *fields).out, "lines")


# --- limits --------------------------------------------------------------------------------------

def outcome(records, output, words):
    """What comes out, and the most memory that it took."""
    output.unlink(missing_ok=True)
    command = [program("rabins"), "-X", "-r", *records, "-w", output, *words]
    pid = os.fork()
    if not pid:
        os.execv(command[0], [str(word) for word in command])
    _, status, usage = os.wait4(pid, 0)
    equal(os.waitstatus_to_exitcode(status), 0, "status")
    return output.read_bytes(), usage.ru_maxrss * 1024


def check_limits(world, words):
    """One outcome, whatever the memory and threads. Ten times the records, so that they spill."""
    many = [world.made] * (1 if SANITIZED else 12)
    output = world.folder / "out.argus"
    whole, _ = outcome(many, output, words)
    assert len(whole) > 1000
    for limits in (["--memory", str(LEAST), "--threads", "1"], ["--memory", str(LEAST)],
                   ["--memory", "40M", "--threads", "2"]):
        got, peak = outcome(many, output, [*words, *limits])
        assert got == whole, f"with {limits} it is another file"
        limit = LEAST if limits[1] == str(LEAST) else 40 << 20
        assert SANITIZED or peak <= limit + SLACK, f"{peak >> 20} MB with {limits}"


def check_full(world):
    """A full disk for temporary files, and for the output."""
    disk = world.folder / "disk"
    disk.mkdir(exist_ok=True)
    if os.geteuid() or call(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]).status:
        raise Skip("a small file system cannot be mounted here")
    try:
        words = ["-X", "-r", *[world.made] * 12, "-M", "time", "1s", "-m", "none"]
        spilling = ["-q", "--temp-dir", disk, "--memory", str(LEAST)]
        for more in (["-w", disk / "out.argus"], spilling):
            result = run("rabins", *words, *more, status=1)
            assert result.err.count("\n") == 1 and "No space left on device" in result.err, result
            assert str(disk) in result.err, result
            (disk / "out.argus").unlink(missing_ok=True)
            equal(os.listdir(disk), [], "files")
    finally:
        call(["umount", disk])


require("argus", "ra", "rabins")
with tempfile.TemporaryDirectory() as scratch:
    there = World(pathlib.Path(scratch))
    for text in BESIDE:
        cases.add_call(f"3.0.8: {text}", check_beside, there, text)
    for text in BESIDE[:-2] + BESIDE[-1:]:
        cases.add_call(f"sums: {text} of the corpus", check_conserved, there, "records", text)
    for text in ["time 0.3s", "hard time 1s -m proto", "uni time 5s", *ZEROS]:
        cases.add_call(f"sums: {text}", check_conserved, there, "made", text)
    cases.add_call("written and printed", check_file, there)
    for text in ["time 1s", "hard time 20s -m saddr dport -P bytes"]:
        cases.add_call(f"limits: {text}", check_limits, there, words_of(text))
    cases.add_call("a full disk", check_full, there)
    cases.run()
