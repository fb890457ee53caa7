#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rastrip and ratimerange beside those of argus 3.0.8, on records of the original sensor: what is
left of the records, and the same range of time.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import call, original, require, require_original, rows, run  # noqa: E402
from lib.tap import Cases, equal, skip_all  # noqa: E402

CAPTURES = 60
# A field or two of each block that rastrip knows and the sensor writes.
FIELDS = ["seq", "proto", "saddr", "daddr", "sport", "stime", "ltime", "spkts", "dbytes", "tcprtt",
          "stcpb", "smac", "svlan", "smpls", "sttl", "dtos", "smaxsz", "sintpkt"]
MODES = [[], ["-M", "+trans"], ["-M", "+mac"], ["-M", "+jitter"], ["-M", "+psize"], ["-M", "+vlan"],
         ["-M", "-net"], ["-M", "-psize"], ["-M", "-mac"], ["-M", "flow", "time"]]
RANGES = [[], ["-u"], ["-u", "-p", "3"], ["-p", "0"], ["-u", "-", "udp"], ["-u", "-", "tcp"],
          ["-u", "-", "dst", "port", "53"]]


def strip(path, folder, mode):
    ours, theirs = folder / "ours.argus", folder / "theirs.argus"
    for output in (ours, theirs):
        output.unlink(missing_ok=True)
    run("rastrip", "-X", "-r", path, "-w", ours, *mode)
    call([original("rastrip"), "-X", "-r", path, "-w", theirs, *mode])
    left, wanted = (rows(output, FIELDS, "-M", "noman") for output in (ours, theirs))
    equal(len(left), len(wanted), "number of records")
    assert left, "nothing is left"
    for got, want in zip(left, wanted):
        equal(got, want, "a record")


def time_range(path, words):
    ours = run("ratimerange", "-X", "-r", path, *words)
    theirs = call([original("ratimerange"), "-X", "-r", path, *words])
    equal(ours.out, theirs.out, "range")


def main():
    require("ra", "rastrip", "ratimerange")
    require_original("argus", "rasort", "rastrip", "ratimerange")
    cases = Cases("small tools beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        raw = sample(folder, CAPTURES)
        if not raw:
            skip_all("no captures; set PANOPTES_CORPUS to a folder of some")
        path = settled(raw, folder / "flows.argus", "-", "ip")
        for mode in MODES:
            cases.add_call(" ".join(["rastrip", *mode]), strip, path, folder, mode)
        for words in RANGES:
            cases.add_call(" ".join(["ratimerange", *words]), time_range, path, words)
        cases.run()


if __name__ == "__main__":
    main()
