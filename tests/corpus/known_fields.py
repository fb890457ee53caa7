# SPDX-License-Identifier: Apache-2.0
"""Why a cell that 3.0.8 prints may differ from ours: known_fields.txt, and what it says.

A row is `fields | rules | reason`; the fields are names, or * for all. A cell that differs is
explained by a row with its field and one rule, of those below, that holds. The rule `unasked` says
that the field is not compared at all.
"""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
SINGLE = 2.0 ** -21  # a few roundings of single precision
LETTERS = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


class Cell:
    """A cell of both readers, and `row`, what else ours says of the record: plain numbers."""

    def __init__(self, field, ours, theirs, row):
        self.field, self.ours, self.theirs, self.row = field, ours.strip(), theirs.strip(), row

    def number(self, name):
        return float(self.row.get(name) or 0)

    @property
    def other_side(self):
        """What ours says of the other side, where one cell tells of one side."""
        swap = {"s": "d", "d": "s"}
        return self.row.get(swap.get(self.field[0], "-") + self.field[1:], "").strip()


def number(text):
    """A printed number, or what is left of it, and its last digit's size; None if it is none."""
    text = text.rstrip("*")
    unit = LETTERS.get(text[-1:], 1)
    try:
        value = float(text if unit == 1 else text[:-1]) * unit
    except ValueError:
        return None
    digits = len(text.partition(".")[2].rstrip("KMGT"))
    return value, unit * 10.0 ** -digits


def is_near(one, other, times=1):
    one, other = number(one), number(other)
    if not one or not other:
        return False
    value, last = one[0] * times, max(one[1] * times, other[1])
    return abs(value - other[0]) <= abs(value) * SINGLE + last * 1.001


def is_of(printed, plain):
    """True if `printed`, which may be cut off, is the value that plainly is `plain`."""
    if printed.endswith("*") and plain.startswith(printed[:-2]):
        return True
    return printed == plain or is_near(plain, printed)


def is_turned(cell):
    """Readers turn it round: TCP whose SYN was not seen, and ARP."""
    return cell.row["proto"] in ("6", "2054", "32821")


RULES = {
    "near": lambda c: is_near(c.ours, c.theirs),
    "blanks": lambda c: c.ours == c.theirs,
    "thousandfold": lambda c: is_near(c.ours, c.theirs, 1000),
    "more": lambda c: bool(number(c.theirs) and number(c.ours)) and
    number(c.theirs)[0] >= number(c.ours)[0],
    "empty-there": lambda c: not c.theirs,
    "other-side": lambda c: is_turned(c) and is_of(c.theirs, c.other_side),
    "no-gap": lambda c: not c.ours and c.theirs.startswith("-1."),
    "broadcast": lambda c: c.ours == "ff:ff:ff:ff:ff:ff" and c.theirs == "Broadcast",
    "turned": is_turned,
    "both-phases": lambda c: bool(c.row[c.field[0] + "intpktact"] and
                                  c.row[c.field[0] + "intpktidl"]),
    "one-phase": lambda c: c.theirs == "-nan",
    "late": lambda c: max(c.number("stime"), c.number("ltime")) >= 2 ** 31,
    "odd-fraction": lambda c: any(c.row[name].endswith(".999999")
                                  for name in ("stime", "ltime", "dstime", "dltime")),
    "long": lambda c: c.number("dur") >= 2 ** 24,
    "esp": lambda c: c.row["proto"] == "50",
    "isis": lambda c: c.row["proto"] == "isis",
    "udt": lambda c: c.row["proto"] in ("17", "udt"),
    "arp": lambda c: c.row["proto"] in ("2054", "32821"),
    "link": lambda c: c.row["proto"] == "isis" or ":" in c.row["saddr"] and not c.row["dport"],
    "class-e": lambda c: c.theirs == "0.0.0.0" and c.ours.split(".")[0].isdigit() and
    int(c.ours.split(".")[0]) >= 240,
    "no-state": lambda c: c.row["proto"] == "6" and not c.row["swin"],
    "no-loss": lambda c: c.theirs.strip(".0") == "" and c.row["flgs"][3:4] in "sd*",
}


class Reason:
    def __init__(self, line):
        fields, rules, self.text = (part.strip() for part in line.split(" | ", 2))
        self.fields, names = fields.split(), rules.split()
        self.is_unasked = "unasked" in names
        self.rules = [RULES[name] for name in names if name != "unasked"]
        self.is_used = self.is_unasked

    def explains(self, cell):
        if self.fields != ["*"] and cell.field not in self.fields:
            return False
        if not any(holds(cell) for holds in self.rules):
            return False
        self.is_used = True
        return True


def reasons():
    lines = (HERE / "known_fields.txt").read_text(encoding="utf-8").splitlines()
    return [Reason(line) for line in lines if line.strip() and not line.startswith("#")]
