#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our sensor and reader beside those of argus 3.0.8, on every capture of the corpus.

Sensors: for each file, the packets and bytes of each conversation in both directions. Files where
they differ must stand in known_differences.txt with the reason, and in all at least 99 of 100
conversations must be equal. Readers: the text of `ra` over the records of both sensors.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import flows, pool  # noqa: E402
from lib.programs import (call, corpus, original, require, require_original, rows,  # noqa: E402
                          run)
from lib.tap import Cases, note  # noqa: E402

import known_cells  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
AT_ONCE = 24  # argus 3.0.8 spends a second asleep in each run
EQUAL_LEAST = 0.99
SHARE_NEEDS = 5000  # conversations
SHOWN_MOST = 5

# Columns that mean the same in both; the printed form is compared letter by letter.
READ_FIELDS = ["stime", "ltime", "flgs", "proto", "saddr", "sport", "dir", "daddr", "dport",
               "spkts", "dpkts", "sbytes", "dbytes", "state", "dur", "seq", "cause", "sttl", "dttl",
               "stos", "dtos", "svlan", "dvlan", "smpls", "inode", "synack", "ackdat", "swin",
               "dwin", "stcpb", "dtcpb", "tcpopt", "sloss", "dloss"]


def known_differences():
    """File names that are excused, each with its reason."""
    known = {}
    for line in (HERE / "known_differences.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition("  ")
            known[name] = reason.strip()
    return known


class Sensed:
    """The records of both sensors for one capture; paths are None where there is no file."""

    def __init__(self, path, folder):
        self.path = path
        self.ours, self.theirs = folder / f"{path.name}.ours", folder / f"{path.name}.theirs"
        call([original("argus"), "-X", "-r", path, "-w", self.theirs], timeout=60)
        run("argus", "-q", "--compat", "3.0.8", "-r", path, "-w", self.ours, status=None)
        self.ours_sum, self.theirs_sum = self.sum_of(self.ours), self.sum_of(self.theirs)
        self.different = flows.differences(self.ours_sum, self.theirs_sum)
        self.conversations = len(self.ours_sum.keys() | self.theirs_sum.keys())

    @staticmethod
    def sum_of(path):
        # Our reader for both: the original's does not show all counters that are in the file.
        return flows.add_up(rows(path, flows.FIELDS)) if path.exists() else {}


def check_sensors(sensed):
    known = known_differences()
    unread = [s for s in sensed if not s.theirs_sum and s.ours_sum]
    compared = [s for s in sensed if s.theirs_sum or not s.ours_sum]
    counted = [s for s in compared if not known.get(s.path.name, "").startswith("misread")]
    total = sum(s.conversations for s in counted)
    different = sum(len(s.different) for s in counted)
    unknown = [s for s in compared if s.different and s.path.name not in known]
    for s in unknown:
        note(f"{s.path.name}: {len(s.different)} of {s.conversations} conversations differ")
        for key in s.different[:SHOWN_MOST]:
            note(f"    {' '.join(key[:1])} {key[1:]}: ours {s.ours_sum.get(key)}, "
                 f"theirs {s.theirs_sum.get(key)}")
    for s in sensed:
        if s.path.name in known and not (s.different and s.theirs_sum):
            note(f"{s.path.name} is listed in known_differences.txt, but does not differ")
    equal_part = 1 - different / total if total else 1
    note(f"{total - different} of {total} conversations are equal ({100 * equal_part:.3f} %) in "
         f"{len(counted)} captures; {len(compared) - len(counted)} more are misread by 3.0.8, of "
         f"{len(unread)} it makes no flow record at all")
    # A few conversations of a sample say nothing of shares; all must be explained even so.
    enough = total < SHARE_NEEDS or equal_part >= EQUAL_LEAST
    assert enough, f"only {100 * equal_part:.3f} % are equal"
    assert not unknown, f"unexplained differences in {[s.path.name for s in unknown]}"


def check_readers(paths, folder, whose):
    """The same text from both readers over all record files joined."""
    joined = folder / f"all.{whose}"
    with open(joined, "wb") as out:
        for path in paths:
            if path.exists():
                out.write(path.read_bytes())
    options = ["-X", "-r", joined, "-n", "-u", "-c", ",", "-L", "-1", "-s", *READ_FIELDS]
    ours = run("ra", *options).out.splitlines()
    theirs = call([original("ra"), *options], timeout=300).out.splitlines()
    assert len(ours) == len(theirs), f"{len(ours)} lines of ours, {len(theirs)} of theirs"
    columns, shown = {}, 0
    for one, other in zip(ours, theirs):
        wrong = differing_columns(one, other)
        for column in wrong:
            columns[column] = columns.get(column, 0) + 1
        if wrong and shown < SHOWN_MOST:
            note(f"{wrong}\nours:   {one}\ntheirs: {other}")
            shown += 1
    note(f"{len(ours)} records of {whose} are read")
    assert not columns, f"cells that differ, by column: {columns}"


def differing_columns(one, other):
    """Names of the columns in which two lines differ, but for known errors of 3.0.8."""
    if one == other or not known_cells.is_comparable(READ_FIELDS, other):
        return []
    ours, theirs = (dict(zip(READ_FIELDS, line.split(","))) for line in (one, other))
    return [column for column in READ_FIELDS if ours[column] != theirs[column] and
            not known_cells.is_known(column, ours, theirs)]


def main():
    require("argus", "ra")
    require_original("argus", "ra")
    files = corpus()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sensed, failures = [], []
        for path, result, failure in pool.each(lambda p: Sensed(p, folder), files, AT_ONCE):
            if failure:
                failures.append(f"{path.name}: {failure}")
            else:
                sensed.append(result)
        cases = Cases("beside argus 3.0.8")

        @cases.add("both sensors ran over every capture")
        def _():
            assert not failures, "\n".join(failures)

        cases.add_call("the sensors agree on conversations", check_sensors, sensed)
        cases.add_call("the readers agree on records of 3.0.8", check_readers,
                       [s.theirs for s in sensed], folder, "argus 3.0.8")
        cases.add_call("the readers agree on our records", check_readers,
                       [s.ours for s in sensed], folder, "ours")
        cases.run()


if __name__ == "__main__":
    main()
