#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every field as ours and ra of argus 3.0.8 print it, over the records that the sensor of 3.0.8
makes of the corpus: delimited and in fixed width, with several ways to print names, times and
states. A cell that differs must be explained by known_fields.txt.
"""
import collections
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
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
        self.path.write_bytes(b"".join(sense(corpus(), folder, "-U", "32")))
        self.reasons = reasons()
        unasked = {field for reason in self.reasons if reason.is_unasked
                   for field in reason.fields}
        self.widths = {name: width for name, width in table().items() if name not in unasked}
        self.fields = list(self.widths)
        self.rows = [dict(zip(self.fields, line.split(SEPARATOR)))
                     for line in self.lines(program("ra"), "-c", SEPARATOR, *PLAIN)]

    def lines(self, reader, *options, header="-1"):
        result = call([reader, "-X", "-r", self.path, "-L", header, *options, "-s", *self.fields])
        return result.out_bytes.decode("latin-1").splitlines()

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
        for row, one, other in zip(self.rows, ours, theirs):
            if one == other or cells_of == self.fixed and row["proto"] == "isis":
                continue
            for field, here, there in zip(self.fields, cells_of(one), cells_of(other)):
                if here != there and not self.is_known(Cell(field, here, there, row)):
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


def check_much(world):
    note(f"{len(world.rows)} records, {len(world.fields)} fields")
    assert world.rows and len(world.fields) >= FIELDS_LEAST


def check_reasons(world):
    for reason in world.reasons:
        if not reason.is_used:
            note(f"known_fields.txt: nothing is explained by '{reason.text}'")


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
        cases.add_call("reasons that are used", check_reasons, world)
        cases.run()


if __name__ == "__main__":
    main()
