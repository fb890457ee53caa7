#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ra -w` without a filter gives the records of its input byte by byte, and -w with -E gives each
of them to exactly one of the two files: over records of both sensors.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import pool  # noqa: E402
from lib.programs import call, corpus, original, require, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

SENSORS_AT_ONCE = 40  # argus 3.0.8 spends a second asleep in each run
EVERY = 4             # file of the corpus
FILTERS = ["tcp", "not con", "tcp and ((syn or synack) and (fin or finack or reset))",
           "udp or icmp", "src pkts gt 1", "man", "not man", "host 10.0.0.1 or net 192.168.0.0/16"]

cases = Cases("copies of records")
scratch = tempfile.TemporaryDirectory()
FOLDER = pathlib.Path(scratch.name)


def records_of(path):
    """The records of a file, as bytes; by their lengths alone."""
    data, at, records = path.read_bytes() if path.exists() else b"", 0, []
    while at < len(data):
        size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
        assert size, f"{path}: a record of length 0 at {at}"
        records.append(data[at:at + size])
        at += size
    return records


def theirs(path):
    output = FOLDER / f"{path.name}.theirs"
    call([original("argus"), "-X", "-AJZRm", "-U", "64", "-r", path, "-w", output], timeout=60)
    return output.read_bytes() if output.exists() else b""


def inputs():
    files = corpus()[::EVERY]
    ours = FOLDER / "ours.argus"
    run("argus", "-q", "-AJZm", "-U", "64", "-r", *files, "-w", ours, status=None)
    yield "ours", ours
    if original("argus"):
        joined = FOLDER / "theirs.argus"
        joined.write_bytes(b"".join(data for _, data, _ in
                                    pool.each(theirs, files, SENSORS_AT_ONCE) if data))
        yield "argus 3.0.8", joined


def copy_whole(path):
    output = FOLDER / "copy"
    output.unlink(missing_ok=True)
    run("ra", "-r", path, "-w", output)
    equal(records_of(output), records_of(path), "records")


def split(path, expression):
    some, rest = FOLDER / "some", FOLDER / "rest"
    for name in (some, rest):
        name.unlink(missing_ok=True)
    run("ra", "-r", path, "-w", some, "-E", rest, "-", expression, status=None)
    wanted = records_of(path)
    parts = [records_of(some), records_of(rest)]
    # Each file begins with the first management record, wherever that went.
    head = wanted[0]
    for part in parts:
        if part and part[0] == head:
            part.pop(0)
    equal(sorted(parts[0] + parts[1]), sorted(wanted[1:]), "records of both files")
    at = iter(wanted)
    assert all(record in at for record in parts[0]), "another order"


def main():
    require("argus", "ra")
    with scratch:
        for name, path in inputs():
            cases.add_call(f"a copy of records of {name}", copy_whole, path)
            for expression in FILTERS:
                cases.add_call(f"{name} in two: {expression}", split, path, expression)
        cases.run()


if __name__ == "__main__":
    main()
