#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole corpus as one capture: all link types and encapsulations, damage, and packets of all
years between 1970 and 2116, one behind the other and mixed."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import flows  # noqa: E402
from lib.programs import corpus, require, rows, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402
from test_accounting import read_summary  # noqa: E402

SOME_DAMAGED = 3
WAYS = [[], ["--merge"], ["--memory", "64M"], ["--merge", "--memory", "64M"],
        ["--compat", "3.0.8", "--merge"], ["-AJZm", "-U", "512", "-S", "0.5", "-M", "1"]]


def check(files, options, counted):
    """`counted` takes the packets that were read, which are the same whatever the options are."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "whole.argus"
        result = run("argus", "-X", "-v", *options, "-r", *files, "-w", output, status=None)
        equal(result.status, SOME_DAMAGED, f"status, with {result.err[-500:]}")
        read, recorded, named = read_summary(result.err)
        equal(recorded + sum(named.values()), read, "packets accounted for")
        equal(flows.packets(rows(output, flows.FIELDS)), recorded, "packets in the records")
        counted.append(read)
        equal(read, counted[0], "packets read")


def main():
    require("argus", "ra")
    cases, files, counted = Cases("the corpus as one capture"), corpus(), []
    for options in WAYS:
        cases.add_call(" ".join(options) or "by time", check, files, options, counted)
    cases.run()


main()
