#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rafilteraddr: lists of addresses, networks and ranges made from the records themselves, and the
records that it must select; beside that of argus 3.0.8 where that is right.
"""
import ipaddress
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import BIN, call, original, require, require_original, rows  # noqa: E402
from lib.tap import Cases, equal, skip_all  # noqa: E402

CAPTURES = 80
LISTS = 48
FIELDS = ["stime", "proto", "saddr", "sport", "daddr", "dport", "spkts"]
SIDES = [[], ["-m", "saddr"], ["-m", "daddr"], ["-v"], ["-v", "-m", "saddr"],
         ["-v", "-m", "daddr"]]
HEADINGS = ["SrcAddr", "# a comment", "", "   ", "# 10.0.0.1"]


def entry(address, chance, simple):
    """A line about an address and its neighbours, and the first and last of what it means."""
    at = int(address)
    kind = chance.randrange(4 if simple else 6)
    if kind < 2:
        behind = chance.choice(["", ' "a label"', "\t# what it is"])
        return f"{'  ' * kind}{address}{behind}", at, at
    if kind < 4:
        network = ipaddress.IPv4Network((at, chance.randrange(8, 33)), strict=False)
        return str(network), int(network[0]), int(network[-1])
    last = min(at + chance.choice([0, 1, 3, 10, 255, 4096]), 2**32 - 1)
    between = chance.choice(["-", " - "])
    return f"{address}{between}{ipaddress.IPv4Address(last)}", at, last


def make_list(addresses, chance, simple):
    """Lines and the ranges that they mean. 3.0.8 knows simple lists: of networks that do not
    overlap, without ranges, of which it leaves out some addresses."""
    lines, ranges = [], []
    for _ in range(chance.choice([1, 2, 8, 40])):
        line, first, last = entry(chance.choice(addresses), chance, simple)
        if not simple or all(last < begin or first > end for begin, end in ranges):
            lines.append(line)
            ranges.append((first, last))
    lines += chance.sample(HEADINGS, 3)
    chance.shuffle(lines)
    return lines, ranges


def is_selected(row, ranges, words):
    sides = [side for side in ("saddr", "daddr") if side in words] or ["saddr", "daddr"]
    numbers = [int(ipaddress.IPv4Address(row[side])) for side in sides]
    listed = any(first <= number <= last for first, last in ranges for number in numbers)
    return listed != ("-v" in words)


def equal_rows(got, wanted, what):
    missing, more = ([row for row in one if row not in other][:3]
                     for one, other in ((wanted, got), (got, wanted)))
    equal((missing, more), ([], []), f"{what}: missing and too many")
    equal(got, wanted, f"{what}: order")


def select(program, output, words):
    output.unlink(missing_ok=True)
    result = call([program, *words, "-w", output])
    equal(result.err, "", f"messages of {program}")
    return rows(output, FIELDS, "-M", "noman") if output.exists() else []


def compare(path, records, addresses, number):
    chance = random.Random(number)
    simple = number % 2 == 0
    lines, ranges = make_list(addresses, chance, simple)
    listed = path.with_name("list")
    listed.write_text("\n".join(lines) + "\n")
    sides = SIDES[number // 2 % len(SIDES)]
    words = ["-X", "-r", path, "-f", listed, *sides]
    ours = select(BIN / "rafilteraddr", path.with_name("ours.argus"), words)
    what = f"{sides}, list {lines}"
    equal_rows(ours, [row for row in records if is_selected(row, ranges, sides)], what)
    if simple:
        theirs = select(original("rafilteraddr"), path.with_name("theirs.argus"), words)
        equal_rows(ours, theirs, what)


def main():
    require("ra", "rafilteraddr")
    require_original("argus", "rasort", "rafilteraddr")
    cases = Cases("rafilteraddr beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        raw = sample(folder, CAPTURES)
        if not raw:
            skip_all("no captures; set PANOPTES_CORPUS to a folder of some")
        path = settled(raw, folder / "flows.argus", "-", "net 0.0.0.0/0 and not arp")
        records = rows(path, FIELDS, "-M", "noman")
        addresses = sorted({ipaddress.IPv4Address(row[side]) for row in records
                            for side in ("saddr", "daddr")})
        for number in range(LISTS):
            cases.add_call(f"list {number}", compare, path, records, addresses, number)
        cases.run()


if __name__ == "__main__":
    main()
