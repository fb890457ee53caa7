#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rasplit and rastream: beside those of argus 3.0.8, and nothing lost whatever the records, the way
of dividing them, the number of files and the trouble on the way.

Beside 3.0.8, the records of its sensor over captures of the corpus are divided by programs of both:
the names of the files, and what is in each of them, must be the same. Bytes of parts may differ by
what 3.0.8 loses to floating point.
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import (  # noqa: E402
    SANITIZED, call, generate, original, program, require, run, sense)
from lib.tap import Cases, Skip, equal  # noqa: E402

CAPTURES = 150
EXACT = ["stime", "ltime", "proto", "saddr", "sport", "daddr", "dport", "spkts", "dpkts", "sloss",
         "dloss", "trans", "state", "flgs", "cause", "seq", "srcid", "svlan", "sttl", "dttl"]
BYTES = ["sbytes", "dbytes", "sappbytes", "dappbytes"]
COUNTERS = ["spkts", "dpkts", *BYTES, "sloss", "dloss"]
# What both programs are asked to do, and whether records are cut.
BESIDE = [
    (["-M", "time", "1s", "-w", "x.%Y.%m.%d"], True),
    (["-M", "time", "7s", "-w", "x.%Y.%m.%d.%H"], True),
    (["-M", "time", "10s", "-w", "x.%Y.%H.%M"], True),
    (["-M", "time", "1m", "-w", "x.%Y.%m"], True),
    (["-M", "time", "1.5m", "-w", "x.%Y."], True),
    (["-M", "time", "1h", "-w", "%Y/%m/%d/%H"], True),
    (["-M", "time", "2d", "-w", "x"], True),
    (["-M", "time", "1M", "-w", "x.%Y.%m"], True),
    (["-M", "time", "1y", "-w", "x.%Y"], True),
    (["-M", "nomodify", "time", "1s", "-w", "x.%Y.%m.%M"], False),
    (["-M", "time", "1d", "nomodify", "-w", "x"], False),
    (["-M", "count", "100"], False),
    (["-M", "count", "30", "-a", "1", "-w", "c"], False),
    (["-M", "count", "51", "-a", "3"], False),
    (["-M", "flow", "icmp"], False),
    (["-M", "flow", "udp and dst port 53", "-w", "flow."], False),
    ([], False),
]
# Fields in names; 3.0.8 needs -s to print an address, and cuts names.
BESIDE_FIELDS = [
    (["-nn", "-M", "time", "1h", "nomodify", "-w", "$proto.%Y.%m.%d", "-", "ip"], False),
    (["-nn", "-s", "saddr", "-M", "time", "1d", "-w", "d/$saddr/x.%Y.%m.%d", "-",
      "tcp and src net 10.0.0.0/8"], True),
    (["-nn", "-s", "saddr", "-M", "time", "1d", "-w", "$srcid/$dport.%Y", "-", "udp"], True),
]
# Local time, and what is cut in it; not of 1970, where 3.0.8 has trouble with negative times.
BESIDE_ZONES = [
    ("CET-1CEST,M3.5.0,M10.5.0/3", ["-M", "time", "6h", "-w", "x.%Y.%m.%d.%H"]),
    ("CET-1CEST,M3.5.0,M10.5.0/3", ["-M", "time", "1d", "-w", "x"]),
    ("<+0530>-5:30", ["-M", "time", "1d", "-w", "x.%Y.%m.%d"]),
]
# With few files: for each a program is run.
STREAMED = [
    (["-M", "time", "1M", "-w", "x.%Y.%m"], True),
    (["-M", "time", "1y", "nomodify", "-w", "%Y/x"], False),
]
# Ways that only ours goes.
OURS = [
    ["-M", "time", "0.1s", "-w", "x.%Y.%m.%d"],
    ["-M", "time", "3M", "-w", "x.%Y.%m"],
    ["-M", "size", "20k", "-w", "s"],
    ["-M", "size", "3k", "-a", "1"],
    ["-M", "count", "70", "-w", "by/$proto."],
    ["-M", "flow", "tcp", "-w", "by/$saddr."],
    ["-M", "time", "5s", "-w", "by/$proto-$dport/%Y"],
    ["-M", "time", "10s", "-w", "-"],
    ["-M", "count", "10", "-w", "-"],
]

cases = Cases("rasplit")


class World:
    def __init__(self, folder):
        self.folder = folder
        self.records = None
        records = sample(folder, CAPTURES) if original("rasplit") else None
        if records:
            self.records = settled(records, folder / "all.argus")
        generate(folder / "made.pcap", "-n", "30000", "-r", "400")
        self.made = sense(folder / "made.pcap", folder / "made.argus", "-S", "60", "-AJZm")


def divide(folder, binary, records, words, zone="UTC", quiet=True):
    """The files that come out, by name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = [binary, "-X", "-r", records, *words]
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True,
                          env={**os.environ, "TZ": zone}, check=False, timeout=120)
    equal((done.returncode, done.stderr if quiet else b""), (0, b""),
          f"status and errors of {' '.join(words)}")
    if done.stdout:
        (folder / "stdout").write_bytes(done.stdout)
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))
            if path.is_file()}


def values(paths, fields):
    """Rows of the records of each file, without its head."""
    out = run("ra", "-X", "-r", *paths, "-M", "man", "-L", "-1", "-c", ",", "-nn", "-u", "-s",
              *fields).out
    files, cause, proto = [], fields.index("cause"), fields.index("proto")
    for line in out.splitlines():
        row = line.split(",")
        if row[proto] == "man" and row[cause] == "Start":
            files.append([])
        else:
            files[-1].append(row)
    return files


def near(theirs, ours, packets):
    """Bytes of a part may have lost a little, and the last one has what the others lost."""
    return abs(int(theirs) - int(ours)) <= 16 + packets + int(ours) // 100


def exact(row, is_cut):
    """What must be equal. Sequence numbers of parts are their own here: they have no gaps."""
    return [value.replace("g", " ") if is_cut and field == "flgs" else value
            for field, value in zip(EXACT, row)]


def compare_file(name, theirs, ours, is_cut):
    for a, b in zip(theirs, ours):
        equal(exact(b, is_cut), exact(a, is_cut), f"record of {name}")
    equal(len(ours), len(theirs), f"records of {name}")
    for a, b in zip(theirs, ours):
        if a[EXACT.index("proto")] == "man":
            continue
        counts = list(zip(a[len(EXACT):], b[len(EXACT):]))
        packets = int(b[EXACT.index("spkts")]) + int(b[EXACT.index("dpkts")])
        good = all(near(x, y, packets) if is_cut else x == y for x, y in counts)
        assert good, f"{name}: bytes differ\n3.0.8 {a}\nours  {b}"


def check_beside(world, words, is_cut, zone="UTC"):
    if not world.records:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    theirs = divide(world.folder / "theirs", original("rasplit"), world.records, words, zone)
    ours = divide(world.folder / "ours", program("rasplit"), world.records, words, zone)
    compare_files(theirs, ours, is_cut)


def compare_files(theirs, ours, is_cut):
    equal(list(ours), list(theirs), "names of files")
    fields = EXACT + BYTES
    equal(sums(ours.values()), sums(theirs.values()), "sums")
    for name, a, b in zip(theirs, values(theirs.values(), fields), values(ours.values(), fields)):
        compare_file(name, a, b, is_cut)


def check_streamed_beside(world, words, is_cut):
    """rastream: the same files, and the program is run for the same, each when it is whole."""
    if not world.records:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    files, finished = [], []
    for name, binary in (("theirs", original("rastream")), ("ours", program("rastream"))):
        log = world.folder / f"{name}.log"
        log.unlink(missing_ok=True)
        script = world.folder / "store"
        script.write_text(f'#!/bin/sh\necho "$# $1 $2" >>{log}\n')
        script.chmod(0o755)
        files.append(divide(world.folder / name, binary, world.records,
                            [*words, "-B", "5", "-f", str(script)], quiet=False))
        finished.append(set(log.read_text().splitlines()))
    equal(finished[0], {f"2 -r {name}" for name in files[0]}, "programs of 3.0.8")
    equal(finished[1], finished[0], "programs")
    compare_files(*files, is_cut)
    equal(sums(files[1].values()), sums([world.records]), "sums")


# --- nothing is lost -----------------------------------------------------------------------------

def sums(paths):
    """Counters of all records of files together."""
    total = [0] * len(COUNTERS)
    paths = list(paths)
    for at in range(0, len(paths), 500):
        out = run("ra", "-X", "-r", *paths[at:at + 500], "-L", "-1", "-c", ",", "-s",
                  *COUNTERS).out
        for line in out.splitlines():
            total = [a + int(b or 0) for a, b in zip(total, line.split(","))]
    return dict(zip(COUNTERS, total))


def check_conserved(world, which, words):
    records = getattr(world, which)
    if not records:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    files = divide(world.folder / "ours", program("rasplit"), records, words)
    equal(sums(files.values()), sums([records]), "sums")


def check_merged_again(world):
    """The parts of a flow make the flow; what is printed of it is what it was."""
    fields = ["stime", "ltime", "sstime", "sltime", "dstime", "dltime", "saddr", "daddr", *COUNTERS,
              "sgap", "dgap", "sttl", "dttl", "smaxsz", "state", "tcprtt"]
    divide(world.folder / "ours", program("rasplit"), world.made,
           ["-M", "time", "2s", "-w", "x.%M.%S"])
    whole, again = (run("racluster", "-X", *paths, "-L", "-1", "-c", ",", "-u", "-nn", "-m",
                        "proto", "saddr", "sport", "daddr", "dport", "-s", *fields).out
                    for paths in (["-r", world.made], ["-R", world.folder / "ours"]))
    assert whole.count("\n") > 100
    for a, b in zip(whole.splitlines(), again.splitlines()):
        equal(b, a, "flow")
    equal(again, whole, "all flows")


# --- many files, and trouble ---------------------------------------------------------------------

def peak_of(command, **options):
    """Runs it; the most memory that it took, in bytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    subprocess.run([str(word) for word in command], check=True, **options)
    return max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


def check_many_files(world):
    """Many files in turn, with few descriptors and little memory."""
    many = world.folder / "many.argus"
    generate(world.folder / "many.pcap", "-m", "scan", "-f", "500" if SANITIZED else "2000")
    sense(world.folder / "many.pcap", many, "-S", "60")
    outputs = world.folder / "outputs"
    shutil.rmtree(outputs, ignore_errors=True)
    outputs.mkdir()
    command = f"ulimit -n 64; exec {program('rasplit')} -X -r {many} {many} -M time 1h nomodify " \
              "-w '$proto/$daddr'.%H -- not man"
    most = peak_of(["bash", "-c", command], cwd=outputs, env={**os.environ, "TZ": "UTC"})
    files = [path for path in outputs.rglob("*") if path.is_file()]
    assert len(files) > (200 if SANITIZED else 800), len(files)
    twice = {name: 2 * count for name, count in sums([many]).items()}
    equal(sums(files), twice, "sums")
    assert SANITIZED or most < 64 << 20, f"{most >> 20} MB"


def check_full(world, size):
    """A disk that is full: one line, a status that says so, and what was good is still there."""
    disk = world.folder / "disk"
    disk.mkdir(exist_ok=True)
    if os.geteuid() or call(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk]).status:
        raise Skip("a small file system cannot be mounted here")
    try:
        result = run("rasplit", "-X", "-r", world.made, "-M", "time", "5s", "-w",
                     disk / "x.%M.%S", status=1)
        assert result.err.count("\n") == 1 and "No space left on device" in result.err, result
        assert str(disk) in result.err, result
        # All files end with a whole record, so that they can be appended to.
        files = [path for path in disk.iterdir() if path.stat().st_size]
        assert run("ra", "-X", "-r", *files).out.count("\n") > 100
    finally:
        call(["umount", disk])


require("argus", "ra", "racluster", "rasplit", "rastream")
# Making hundreds of files takes its time on a disk.
MEMORY = "/dev/shm"
roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 256 << 20
with tempfile.TemporaryDirectory(dir=MEMORY if roomy else None) as scratch:
    there = World(pathlib.Path(scratch))
    for options, cuts in BESIDE + BESIDE_FIELDS:
        cases.add_call(f"3.0.8: {' '.join(options) or 'no mode'}", check_beside, there, options,
                       cuts)
    for where, options in BESIDE_ZONES:
        cases.add_call(f"3.0.8: {' '.join(options)} in {where}", check_beside, there, options, True,
                       where)
    for options, cuts in STREAMED:
        cases.add_call(f"rastream of 3.0.8: {' '.join(options)}", check_streamed_beside, there,
                       options, cuts)
    for options in [words for words, _ in BESIDE] + OURS:
        for kind in ("records", "made") if options in OURS else ("records",):
            cases.add_call(f"sums: {' '.join(options) or 'no mode'} of {kind}", check_conserved,
                           there, kind, options)
    cases.add_call("parts merged again", check_merged_again, there)
    cases.add_call("many files", check_many_files, there)
    for room in (252, 256, 260, 264):
        cases.add_call(f"a disk of {room} KB", check_full, there, room)
    cases.run()
