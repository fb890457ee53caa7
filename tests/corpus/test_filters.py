#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our filters beside those of argus 3.0.8, on the records of its sensor over the whole corpus.

Each expression of filters.txt must select the same records with both readers. A record that only
one of them selects must be explained by known_filters.txt. The records are numbered anew, so that
each can be told from all others.
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import pool  # noqa: E402
from lib.original_records import sense  # noqa: E402
from lib.programs import call, corpus, original, program, require, require_original  # noqa: E402
from lib.tap import Cases, note  # noqa: E402

from known_filters import numbers_of, read_lines, reasons, records_of  # noqa: E402

READERS_AT_ONCE = 4
SHOWN_MOST = 5
EXPRESSIONS_LEAST = 300


def join(parts, path):
    """One file of all records, numbered from 1; the records by number, and the management ones."""
    numbered, management = {}, []
    with open(path, "wb") as out:
        for record in (record for part in parts for record in records_of(part)):
            if record.is_management:
                management.append(record)
                out.write(record.data)
                continue
            data = record.renumbered(len(numbered) + 1)
            if data:
                numbered[len(numbered) + 1] = record
                out.write(data)
    return numbered, management


class Selected:
    """What one reader selects: numbers of records, and how many management records."""

    def __init__(self, reader, path, expression):
        result = call([reader, "-X", "-r", path, "-w", "-", "-", expression])
        assert "filter" not in result.err, f"'{expression}': {result.err.strip()}"
        numbers = numbers_of(result.out_bytes)
        self.numbers = [number for number in numbers if number is not None]
        # A file begins with a management record, whether it is selected or not.
        self.management = max(0, len(numbers) - len(self.numbers) - 1)
        assert self.numbers == sorted(set(self.numbers)), f"'{expression}': records out of order"


class World:
    def __init__(self, folder):
        parts = sense(corpus(), folder)
        self.path = folder / "all.argus"
        self.records, self.management = join(parts, self.path)
        self.reasons = reasons()

    def compare(self, expression):
        """How many records differ, all of them explained; raises if one is not."""
        theirs = Selected(original("ra"), self.path, expression)
        ours = Selected(program("ra"), self.path, expression)
        fitting = [reason for reason in self.reasons if reason.pattern.search(expression)]
        different = set(theirs.numbers) ^ set(ours.numbers)
        records = [(f"record {n}", self.records[n]) for n in sorted(different)]
        if ours.management != theirs.management:
            records.append(("management records", self.management[0]))
        unknown = [name for name, record in records
                   if not any(reason.explains(record) for reason in fitting)]
        assert not unknown, (
            f"'{expression}': 3.0.8 selects {len(theirs.numbers)} records and "
            f"{theirs.management} management records, ours {len(ours.numbers)} and "
            f"{ours.management}; not explained: {len(unknown)}, as {unknown[:SHOWN_MOST]}")
        return len(different)


def main():
    require("ra")
    require_original("argus", "ra")
    expressions = list(dict.fromkeys(read_lines("filters.txt")))
    with tempfile.TemporaryDirectory() as name:
        world = World(pathlib.Path(name))
        results = list(pool.each(world.compare, expressions, READERS_AT_ONCE))
        failures = [str(failure) for _, _, failure in results if failure]
        equal = sum(different == 0 for _, different, _ in results)
        cases = Cases("filters beside argus 3.0.8")

        @cases.add("there is much to compare")
        def _():
            note(f"{len(world.records)} flow records, {len(expressions)} expressions")
            assert len(expressions) >= EXPRESSIONS_LEAST and world.records

        @cases.add("the readers select the same records, or it is known why not")
        def _():
            note(f"{equal} expressions select the same; the others differ as is known")
            for reason in world.reasons:
                if not reason.is_used:
                    note(f"known_filters.txt: nothing is explained by '{reason.text}'")
            assert not failures, "\n".join(failures)

        cases.run()


if __name__ == "__main__":
    main()
