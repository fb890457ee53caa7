#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Options of printing, of print_options.txt: ours and ra of argus 3.0.8 print the same lines of the
TCP and UDP flows of some captures. A line may begin with a variable of a start-up file.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sense  # noqa: E402
from lib.programs import (call, corpus, original, program, require,  # noqa: E402
                          require_original, run)
from lib.tap import Cases  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES, RECORDS = 40, "400"
# What test_fields.py knows to differ would hide the options.
RANGE = ["-t", "600000000-1900000000"]
FILTER = ["-", "ipv4 and (udp or src syn) and dur lt 100000"]


def parse(line):
    """The variable in front of a line of options, if there is one, and the options."""
    if not line.startswith("RA_"):
        return None, line.split(" ")
    at = line.find(" -")
    return (line, []) if at < 0 else (line[:at], line[at + 1:].split(" "))


def lines(reader, path, rc, options):
    done = call([reader, "-X", *rc, "-r", path, "-N", RECORDS, *options])
    assert done.out_bytes, f"{reader} prints nothing: {done.err}"
    return done.out_bytes.decode("latin-1").splitlines()


def compare(path, folder, line):
    variable, options = parse(line)
    rc = []
    if variable:
        (folder / "rc").write_text(variable + "\n")
        rc = ["-F", folder / "rc"]
    ours, theirs = (lines(reader, path, rc, options) for reader in (program("ra"), original("ra")))
    different = [pair for pair in zip(ours, theirs) if pair[0] != pair[1]]
    assert len(ours) == len(theirs), f"{len(ours)} lines of ours, {len(theirs)} of theirs"
    assert not different, (f"{len(different)} lines differ, as\nours:   {different[0][0]}\n"
                           f"theirs: {different[0][1]}")


def main():
    require("ra")
    require_original("argus", "ra")
    cases = Cases("options of printing beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = corpus()
        some = files[::max(1, len(files) // CAPTURES)]
        sensed, path = folder / "sensed.argus", folder / "some.argus"
        sensed.write_bytes(b"".join(sense(some, folder, "-U", "64")))
        run("ra", "-X", "-r", sensed, "-w", path, *RANGE, *FILTER)
        for line in (HERE / "print_options.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                cases.add_call(line, compare, path, folder, line)
        cases.run()


if __name__ == "__main__":
    main()
