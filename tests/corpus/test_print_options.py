#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Options of printing, of print_options.txt: ours and ra of argus 3.0.8 print the same lines of
records of every kind that the corpus has. A line may begin with a variable of a start-up file.

The records are those that both print alike without options; what else differs in a cell is for
test_fields.py to explain. IS-IS and ESP, of which no two lines are equal, have files of their own.
"""
import collections
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.blocks import record_at  # noqa: E402
from lib.original_records import sense  # noqa: E402
from lib.programs import call, corpus, original, program, require, require_original  # noqa: E402
from lib.tap import Cases, note  # noqa: E402

from known_fields import is_near  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SEPARATOR = "\x01"
KINDS = ("proto", "dir", "flgs", "svlan", "smpls", "state", "sappbytes", "dappbytes")
FIELDS = ("stime", "ltime", "dur", "saddr", "sport", "daddr", "dport", "spkts", "dpkts", "sbytes",
          "dbytes", "sttl", "sdsb", "ddsb", "tcpopt", "suser", "duser", *KINDS)
PLAIN = ("-u", "-Z", "b", "-L", "-1", "-c", SEPARATOR)
OF_A_KIND, OF_IPSEC = 6, 40
IS_PART = "PANOPTES_SAMPLE" in os.environ
KINDS_LEAST = {"IS-IS": 5, "ESP": 3, "records": 300, "protocols": 20}
SPI = re.compile(r"0x[0-9a-f]{4}([0-9a-f]{4})|0x[0-9a-f]{1,3}\*")
LAST_SAME_DAY = 2 ** 31  # times behind it are printed as before 1970 by 3.0.8
NEAR = "~ "  # in front of a line whose numbers may differ in the last digit


def rows_of(path):
    """Cells of both readers without options, and the offset of each record."""
    def printed(reader, fields):
        done = call([reader, "-X", "-r", path, *PLAIN, "-s", *fields])
        return [line.split(SEPARATOR) for line in done.out_bytes.decode("latin-1").splitlines()]

    offsets = printed(program("ra"), ("offset",))
    sides = [printed(reader, FIELDS) for reader in (program("ra"), original("ra"))]
    for (offset,), ours, theirs in zip(offsets, *sides):
        row = dict(zip(FIELDS, ours))
        if row["proto"] == "isis":
            del theirs[FIELDS.index("dport") + 1:FIELDS.index("dport") + 2]
        yield int(offset), row, [name for name, here, there in zip(FIELDS, ours, theirs)
                                 if here != there]


def kind_of(row):
    """What makes records print in different ways."""
    tcp_state = row["state"].count("_")
    shape = [bool(row[name].strip("0")) for name in ("svlan", "smpls", "sappbytes", "dappbytes")]
    return (row["proto"], row["dir"], row["flgs"], ":" in row["saddr"], tcp_state, *shape)


class Samples:
    """Files with some records of each kind: `records`, `isis` and `esp`."""

    def __init__(self, folder):
        data = b"".join(sense(corpus(), folder, "-U", "64"))
        every = folder / "every.argus"
        every.write_bytes(data)
        chosen, seen = {"records": [], "isis": [], "esp": []}, collections.Counter()
        for offset, row, different in rows_of(every):
            name, most = {"isis": ("isis", OF_A_KIND), "esp": ("esp", OF_IPSEC)}.get(
                row["proto"], ("records", OF_A_KIND))
            is_whole_spi = name == "esp" and len(row["dport"]) == len("0x12345678")
            if different and not (different == ["dport"] and is_whole_spi):
                continue
            if float(row["ltime"]) >= LAST_SAME_DAY or seen[kind_of(row)] >= most:
                continue
            seen[kind_of(row)] += 1
            chosen[name].append(record_at(data, offset))
        self.counts = {"IS-IS": len(chosen["isis"]), "ESP": len(chosen["esp"]),
                       "records": len(chosen["records"]),
                       "protocols": len({kind[0] for kind in seen})}
        self.paths = {name: folder / f"{name}.argus" for name in chosen}
        for name, path in self.paths.items():
            path.write_bytes(record_at(data, 0) + b"".join(chosen[name]))

    def check(self):
        note(str(self.counts))
        for name, least in KINDS_LEAST.items():
            assert IS_PART or self.counts[name] >= least, f"{self.counts[name]} {name}"


def parse(line):
    """The variable in front of a line of options, if there is one, and the options."""
    if not line.startswith("RA_"):
        return None, line.split(" ")
    at = line.find(" -")
    return (line, []) if at < 0 else (line[:at], line[at + 1:].split(" "))


def lines(reader, path, rc, options):
    done = call([reader, "-X", *rc, "-r", path, *options])
    assert not done.err, f"{reader}: {done.err}"
    return done.out_bytes.decode("latin-1").splitlines()


def is_near_line(ours, theirs):
    ours, theirs = ours.split(), theirs.split()
    return len(ours) == len(theirs) and all(one == other or is_near(one, other)
                                            for one, other in zip(ours, theirs))


def compare(samples, folder, line, name):
    is_rough = line.startswith(NEAR)
    variable, options = parse(line.removeprefix(NEAR))
    rc = []
    if variable:
        (folder / "rc").write_text(variable + "\n")
        rc = ["-F", folder / "rc"]
    ours, theirs = (lines(reader, samples.paths[name], rc, options)
                    for reader in (program("ra"), original("ra")))
    if name == "esp":  # 3.0.8 overwrites the upper half
        ours, theirs = ([SPI.sub(r"0x\1", text) for text in texts] for texts in (ours, theirs))
    assert ours or name != "records", "nothing is printed"
    different = [pair for pair in zip(ours, theirs) if pair[0] != pair[1] and
                 not (is_rough and is_near_line(*pair))]
    assert len(ours) == len(theirs), f"{len(ours)} lines of ours, {len(theirs)} of theirs"
    assert not different, (f"{len(different)} of {len(ours)} lines differ, as\n"
                           f"ours:   {different[0][0]}\ntheirs: {different[0][1]}")


def compare_all(samples, folder, line):
    compare(samples, folder, line, "records")
    if "-s" not in line or "dport" in line:
        compare(samples, folder, line, "esp")
    if "-c" not in line and "DELIMITER" not in line:  # where 3.0.8 has a delimiter too many
        compare(samples, folder, line, "isis")


def main():
    require("ra")
    require_original("argus", "ra")
    cases = Cases("options of printing beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        samples = Samples(folder)
        cases.add_call("there are records of many kinds", samples.check)
        for line in (HERE / "print_options.txt").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                cases.add_call(line, compare_all, samples, folder, line)
        cases.run()


if __name__ == "__main__":
    main()
