#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every field as ours and ra of argus 3.0.8 print it, over the records that the sensor of 3.0.8
makes of the corpus: delimited and in fixed width, with several ways to print names, times and
states. A cell that differs must be explained by known_fields.txt.
"""
import collections
import fractions
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.blocks import blocks_of, record_at  # noqa: E402
from lib.original_records import sense  # noqa: E402
from lib.programs import (ROOT, call, corpus, original, program, require,  # noqa: E402
                          require_original)
from lib.tap import Cases, note  # noqa: E402

from known_fields import Cell, reasons  # noqa: E402

SEPARATOR = "\x01"
TIME_WIDTH, PAYLOAD_WIDTH = 18, 16 + len("s[16]=") + 3
# In 3.0.8 these are a character wider than what stands under them.
SHIFTED_TITLES = ("SrcStartTime", "SrcLastTime", "DstStartTime", "DstLastTime")
FIELDS_LEAST, SHOWN_MOST = 180, 5
ROW = re.compile(r'^(FIELD|LEFT|CENTRED|NOTHING)\("(\w+)", "([^"]*)", (\d+), (\w+)')
PLAIN = ("-nn", "-u")
MODES = [PLAIN, ("-n",), (), ("-nn", "-p", "3", "-z"), ("-p", "0", "-Z", "b"),
         ("-nnnn", "-p", "1", "-Z", "s"), ("-H", "-p", "2", "-Z", "d")]


# Compared by checks of their own, because no two cells of theirs are to be equal.
APART = ("resp", "cor", "rtime", "idle", "srng", "erng", "cid")
CLOCK_SECONDS, SINGLE_OF_NOW = 60, 128


def exact(text):
    return fractions.Fraction(text)


def table():
    """Widths by name of all fields, from the field table."""
    widths = {}
    for line in (ROOT / "src" / "record" / "field.def").read_text().splitlines():
        match = ROW.match(line)
        if match:
            _, name, _, width, kind = match.groups()
            widths[name] = (TIME_WIDTH if kind == "TIME" else
                            PAYLOAD_WIDTH if name in ("suser", "duser") else int(width))
    return widths


class World:
    def __init__(self, folder):
        self.path = folder / "all.argus"
        data = b"".join(sense(corpus(), folder, "-U", "32"))
        self.path.write_bytes(data)
        self.reasons = reasons()
        self.widths = {name: width for name, width in table().items() if name not in APART}
        self.fields = list(self.widths)
        self.rows = [dict(zip(self.fields, line.split(SEPARATOR)))
                     for line in self.lines(program("ra"), "-c", SEPARATOR, *PLAIN)]
        self.blocks = [blocks_of(record_at(data, int(row["offset"]))) for row in self.rows]

    def lines(self, reader, *options, header="-1", fields=None):
        result = call([reader, "-X", "-r", self.path, "-L", header, *options,
                       "-s", *(fields or self.fields)])
        return result.out_bytes.decode("latin-1").splitlines()

    def cells(self, reader, *fields, options=PLAIN):
        """A list of cells for each record."""
        lines = self.lines(reader, "-c", SEPARATOR, *options, fields=fields)
        return [line.split(SEPARATOR) for line in lines]

    def delimited(self, line):
        cells = line.split(SEPARATOR)
        if len(cells) == len(self.fields) + 1:  # IS-IS
            del cells[self.fields.index("dport") + 1]
        return cells

    def fixed(self, line):
        cells, at = [], 0
        line = line.ljust(sum(self.widths.values()) + len(self.widths))
        for width in self.widths.values():
            cells.append(line[at:at + width])
            at += width + 1
        return cells

    def is_known(self, cell):
        return any([reason.explains(cell) for reason in self.reasons])

    def compare(self, cells_of, *options):
        ours, theirs = (self.lines(reader, *options) for reader in (program("ra"), original("ra")))
        assert len(ours) == len(theirs), f"{len(ours)} lines of ours, {len(theirs)} of theirs"
        unknown = collections.defaultdict(list)
        for row, blocks, one, other in zip(self.rows, self.blocks, ours, theirs):
            for field, here, there in zip(self.fields, cells_of(one), cells_of(other)):
                if here != there and not self.is_known(Cell(field, here, there, row, blocks)):
                    unknown[field].append((here, there, row["proto"]))
        for field, cells in unknown.items():
            note(f"{field}: {len(cells)} cells differ, as {cells[:SHOWN_MOST]}")
        assert not unknown, f"not explained: {sorted(unknown)}"


def check_titles(world):
    for options in ((), ("-c", ",")):
        ours, theirs = (world.lines(reader, *options, header="0")[0]
                        for reader in (program("ra"), original("ra")))
        for title in SHIFTED_TITLES:
            theirs = theirs.replace(f"  {title} ", f" {title} ")
        assert ours == theirs, f"titles with {options}:\nours:   {ours}\ntheirs: {theirs}"


def check_responses(world):
    """resp: 3.0.8 has no cell where there was no answer, so that the columns behind it move."""
    ours, theirs = (world.cells(reader, "seq", "resp", "bytes")
                    for reader in (program("ra"), original("ra")))
    assert [[cell for cell in row if cell] for row in ours] == theirs
    assert any(row[1] for row in ours)


def check_correlation(world):
    """cor: 3.0.8 prints what lies in memory; no record has any."""
    assert not any(row[0] for row in world.cells(program("ra"), "cor"))


def check_relative_times(world):
    """rtime: of 3.0.8 any number; ours is the time since the first record."""
    first = exact(world.rows[0]["stime"])
    for row, cells in zip(world.rows, world.cells(program("ra"), "rtime")):
        assert exact(cells[0]) == exact(row["stime"]) - first, (cells[0], row["stime"])
    theirs = world.cells(original("ra"), "rtime")
    assert float(theirs[0][0]) != 0, "the first record of 3.0.8 begins when it begins"


def check_idle_times(world):
    """idle: 3.0.8 takes the last packet of a file's record for one of 1970, in single precision."""
    now = time.time()
    for row, (ours,), (theirs,) in zip(world.rows, world.cells(program("ra"), "idle"),
                                       world.cells(original("ra"), "idle")):
        assert abs(now - float(row["ltime"]) - float(ours)) < CLOCK_SECONDS, (row["ltime"], ours)
        assert abs(now - float(theirs)) < CLOCK_SECONDS + SINGLE_OF_NOW, theirs


def check_ranges(world):
    """srng, erng: nothing without -t; with it, 3.0.8 has nothing still."""
    fields = ("srng", "seq", "erng")
    both = [world.cells(reader, *fields) for reader in (program("ra"), original("ra"))]
    assert both[0] == both[1]
    options = (*PLAIN, "-t", "1100000000-1700000000")
    ours, theirs = (world.cells(reader, *fields, options=options)
                    for reader in (program("ra"), original("ra")))
    assert ours == [["1100000000.000000", row[1], "1700000000.000000"] for row in theirs]
    assert theirs and not any(row[0] or row[2] for row in theirs)


def check_new_fields(world):
    """cid: 3.0.8 leaves out what it does not know."""
    theirs = world.cells(original("ra"), "seq", "cid", "bytes")
    ours = world.cells(program("ra"), "seq", "cid", "bytes")
    assert [[row[0], row[2]] for row in ours] == theirs
    assert sum(row[1].startswith("1:") for row in ours) > len(ours) / 2


def check_much(world):
    note(f"{len(world.rows)} records, {len(world.fields)} fields")
    assert world.rows and len(world.fields) >= FIELDS_LEAST


def check_reasons(world):
    for reason in world.reasons:
        if reason.unused:
            note(f"known_fields.txt: '{reason.text}' is not needed for {sorted(reason.unused)}")


APART_CHECKS = {
    "resp is the address that answered": check_responses,
    "cor is empty": check_correlation,
    "rtime counts from the first record": check_relative_times,
    "idle counts from the last packet": check_idle_times,
    "srng and erng are the limits of -t": check_ranges,
    "cid is new": check_new_fields,
}


def main():
    require("ra")
    require_original("argus", "ra")
    with tempfile.TemporaryDirectory() as name:
        world = World(pathlib.Path(name))
        cases = Cases("fields beside argus 3.0.8")
        cases.add_call("there is much to compare", check_much, world)
        cases.add_call("titles", check_titles, world)
        for mode in MODES:
            cases.add_call(f"delimited {' '.join(mode)}", world.compare, world.delimited,
                           "-c", SEPARATOR, *mode)
        for mode in MODES[1:3]:  # with six digits, which widths are made for
            cases.add_call(f"fixed {' '.join(mode)}", world.compare, world.fixed, *mode)
        for name, check in APART_CHECKS.items():
            cases.add_call(name, check, world)
        cases.add_call("reasons that are used", check_reasons, world)
        cases.run()


if __name__ == "__main__":
    main()
