#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rasort: beside that of argus 3.0.8, under limits of memory, and in place of files.

Beside 3.0.8, the records of its sensor over captures of the corpus are sorted by both programs.
Some keys 3.0.8 compares well only where every record has a value, so that these are sorted among
TCP connections with packets both ways.
"""
import hashlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import (  # noqa: E402
    SANITIZED, call, generate, original, program, require, run, sense)
from lib.tap import Cases, Skip, equal  # noqa: E402

FLOWS = 15_000 if SANITIZED else 60_000
CAPTURES = 150
LEAST = 4 << 20
SLACK = 16 << 20  # what the program itself may take
HEAD = 128  # bytes of the management record that a file begins with
# By what all records can be sorted, and by what only those that have a value.
KEYS = """seq srcid stime ltime dur runtime mean sum min max trans pkts spkts dpkts bytes sbytes
    dbytes appbytes sappbytes dappbytes pcr load sload dload""".split()
TCP_KEYS = """proto sport sgap dgap tcprtt stcpb dtcpb stos dtos sdsb ddsb sttl dttl sipid smaxsz
    dmaxsz sminsz dminsz""".split()
KEY_OF = {"rasort": "bytes", "racluster": "saddr"}  # for replacing files
TCP = ["-", "ip and tcp and src pkts gt 0 and dst pkts gt 0 and not src net 0.0.0.0/8"]

cases = Cases("rasort")


def records_of(path):
    """The records of a file, without its head."""
    data = pathlib.Path(path).read_bytes()
    at, records = HEAD, []
    while at < len(data):
        size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
        records.append(data[at:at + size])
        at += size
    return records


# --- beside 3.0.8 --------------------------------------------------------------------------------

class World:
    """Records as 3.0.8 writes them."""

    def __init__(self, folder):
        self.folder = folder
        self.all = self.tcp = None
        records = sample(folder, CAPTURES) if original("rasort") else None
        if records:
            self.all = settled(records, folder / "all.argus")
            self.tcp = settled(records, folder / "tcp.argus", *TCP)


def check_order(world, which, words):
    path = getattr(world, which)
    if not path:
        raise Skip("argus 3.0.8 is not installed, or there is no corpus")
    theirs, ours = world.folder / "theirs.argus", world.folder / "ours.argus"
    for output in (theirs, ours):
        output.unlink(missing_ok=True)
    call([original("rasort"), "-X", *words, "-r", path, "-w", theirs])
    run("rasort", "-X", *words, "-r", path, "-w", ours)
    a, b = records_of(theirs), records_of(ours)
    equal(len(b), len(a), "number of records")
    assert len(a) > 100 or "PANOPTES_SAMPLE" in os.environ, "too few to say anything"
    first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), None)
    assert first is None, f"record {first} of {len(a)} is another one"


# --- limits --------------------------------------------------------------------------------------

def outcome(records, output, *options):
    """Digest of what comes out, and the most memory that it took."""
    output.unlink(missing_ok=True)
    command = [program("rasort"), "-X", "-r", records, "-w", output, *options]
    pid = os.fork()
    if not pid:
        os.execv(command[0], [str(word) for word in command])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, f"{command}: status {status}"
    sha = hashlib.sha256()
    with open(output, "rb") as file:
        while block := file.read(1 << 16):
            sha.update(block)
    return sha.hexdigest(), usage.ru_maxrss * 1024


def check_limits(records, keys, folder):
    output = folder / "limited.argus"
    size = records.stat().st_size
    whole, _ = outcome(records, output, *keys, "--threads", "1")
    for limit in (None, size // 2, size // 4, size // 10):
        for threads in (1, 2, 4):
            memory = ["--memory", str(max(limit, LEAST))] if limit else []
            got, peak = outcome(records, output, *keys, *memory, "--threads", str(threads))
            equal(got, whole, f"bytes with {memory} and {threads} threads")
            if limit and not SANITIZED:
                assert peak <= max(limit, LEAST) + SLACK, f"{peak} bytes at most with {memory}"


def check_same_records(records, folder):
    """What comes out is what went in, byte by byte, in another order."""
    output = folder / "same.argus"
    output.unlink(missing_ok=True)
    run("rasort", "-X", "-r", records, "-m", "bytes", "-w", output, "--memory", str(LEAST))
    before = [record for record in records_of(records) if record[0] >> 4 != 8]
    after = records_of(output)
    assert before != after, "it was in order before"
    equal(sorted(after), sorted(before), "records")


# --- in place of files ---------------------------------------------------------------------------


def check_killed(name, records, folder):
    """At any moment each file is the old one or the new one. What else may lie about is a hidden
    file, if it was whole and about to take its place; no program reads such files with -R."""
    random.seed(4)
    data, whole = folder / "data", records.read_bytes()
    data.mkdir()
    (data / "0.argus").write_bytes(whole)
    begin = time.monotonic()
    run(name, "-X", "-M", "replace", "-m", KEY_OF[name], "-r", data / "0.argus")
    duration = time.monotonic() - begin
    new = (data / "0.argus").read_bytes()
    assert new != whole and len(new) <= len(whole)
    names = [f"{i}.argus" for i in range(4)]
    seen = set()
    for number in range(12):
        for file in names:
            (data / file).write_bytes(whole)
        words = [program(name), "-X", "-M", "replace", "-m", KEY_OF[name], "-R", data]
        with subprocess.Popen(words) as process:
            time.sleep(random.random() * duration * len(names))
            process.send_signal((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[number % 3])
        for file in data.glob(".*.argus-*"):
            assert file.read_bytes() == new, f"{file} is not whole"
            file.unlink()
        assert sorted(os.listdir(data)) == names, os.listdir(data)
        for file in names:
            content = (data / file).read_bytes()
            assert content in (whole, new), f"{file} is neither old nor new"
            seen.add(content == new)
    assert False in seen, "never stopped before the end"
    for file in names:
        (data / file).unlink()
    data.rmdir()


class SmallDisk:
    """A file system of a few megabytes."""

    def __init__(self, folder, size):
        self.path = folder / "disk"
        self.path.mkdir()
        if os.geteuid() or call(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs",
                                 self.path]).status:
            self.path.rmdir()
            raise Skip("a small file system cannot be mounted here")

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        call(["umount", self.path])
        self.path.rmdir()


def one_line(result, *parts):
    assert result.err.count("\n") == 1 and result.err.startswith("rasort: "), result
    for part in parts:
        assert part in result.err, result


def check_full(records, folder):
    whole = records.read_bytes()
    with SmallDisk(folder, len(whole) * 3 // 2) as disk:
        file = disk / "flows.argus"
        file.write_bytes(whole)
        result = run("rasort", "-X", "-M", "replace", "-m", "bytes", "-r", file, status=1)
        one_line(result, "No space left on device", str(file))
        assert file.read_bytes() == whole, "the file is another one"
        equal(os.listdir(disk), [file.name], "files")
        file.unlink()
        result = run("rasort", "-X", "-m", "bytes", "-r", records, records, "-w", file, status=1)
        one_line(result, "No space left on device", str(file))
        file.unlink()
        result = run("rasort", "-X", "-r", records, records, records, "-q", "--temp-dir", disk,
                     "--memory", str(LEAST), status=1)
        one_line(result, "No space left on device", f"temporary file in {disk}")
        equal(os.listdir(disk), [], "files")


def check_reader_gone(records):
    words = [program("rasort"), "-X", "-r", records, "-w", "-", "--memory", str(LEAST)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1000)
        process.stdout.close()
        equal(process.stderr.read(), b"", "errors")
        status = process.wait()
    assert status in (0, 1), status


require("argus", "ra", "racluster", "rasort")
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    there = World(scratch)
    for key in KEYS:
        cases.add_call(f"3.0.8: {key}", check_order, there, "all", ["-m", key])
        cases.add_call(f"3.0.8: -v {key}", check_order, there, "all", ["-v", "-m", key])
    for key in TCP_KEYS:
        cases.add_call(f"3.0.8: {key} of TCP", check_order, there, "tcp", ["-m", key])
    cases.add_call("3.0.8: several keys", check_order, there, "tcp", ["-m", "sttl", "bytes"])
    generate(scratch / "made.pcap", "-m", "scan", "-f", FLOWS)
    made = sense(scratch / "made.pcap", scratch / "made.argus", "-S", "1")
    for fields in ([], ["-m", "bytes"], ["-m", "saddr/16", "dport", "stime"],
                   ["-v", "-m", "state", "dur"]):
        cases.add_call(f"limits: {' '.join(fields) or 'stime'}", check_limits, made, fields,
                       scratch)
    cases.add_call("the same records", check_same_records, made, scratch)
    for tool in KEY_OF:
        cases.add_call(f"{tool} killed while it replaces", check_killed, tool, made, scratch)
    cases.add_call("a full disk", check_full, made, scratch)
    cases.add_call("a reader that goes away", check_reader_gone, made)
    cases.run()
