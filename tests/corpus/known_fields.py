# SPDX-License-Identifier: Apache-2.0
"""Why a cell that 3.0.8 prints may differ from ours: known_fields.txt, and what it says.

A row is `fields | rules | reason`; the fields are names, or kinds of the field table. A cell that
differs is explained by a row with its field and one rule, of those below, that holds. A rule says
what 3.0.8 prints instead, or what in the bytes of the record makes it go wrong.
"""
import math
import pathlib
import re
import struct
import time

from lib import blocks

HERE = pathlib.Path(__file__).resolve().parent
MAC = re.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}")
FAMILY, IP4, SETTLED, REVERSE = 0x1F, 1, 0x20, 0x40  # of the flow's block
TCP, TCP_SIZE, UDT, SYN, SYNACK = 5, 116, 13, 1, 2  # of the block of the protocol
ARP_CUT_SIZE = 12
SINGLE = 2.0 ** -21  # a few roundings of single precision
LETTERS = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}

ROW = re.compile(r'^\w+\("(\w+)", "[^"]*", \d+, (\w+)', re.MULTILINE)


def kinds():
    """Names of fields by the kind of their values."""
    table = (HERE.parents[1] / "src" / "record" / "field.def").read_text(encoding="utf-8")
    found = {}
    for name, kind in ROW.findall(table):
        found.setdefault(kind, []).append(name)
    return found


KINDS = kinds()


class Cell:
    """A cell of both readers; `row`, what else ours says of the record in plain numbers; and
    `blocks`, what the record itself says.
    """

    def __init__(self, field, ours, theirs, row, blocks):
        self.field, self.ours, self.theirs = field, ours.strip(), theirs.strip()
        self.row, self.blocks = row, blocks

    def number(self, name):
        return float(self.row.get(name) or 0)

    def of_side(self, name):
        """The field of that name of the side that the cell tells of."""
        return self.row[self.field[0] + name]

    @property
    def other_side(self):
        """What ours says of the other side, where one cell tells of one side."""
        swap = {"s": "d", "d": "s"}
        return self.row.get(swap.get(self.field[0], "-") + self.field[1:], "").strip()

    @property
    def is_zero_there(self):
        return bool(self.theirs) and not self.theirs.strip(".0")


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


def is_near(one, other):
    one, other = number(one), number(other)
    if not one or not other:
        return False
    return abs(one[0] - other[0]) <= abs(one[0]) * SINGLE + max(one[1], other[1]) * 1.001


def is_of(printed, plain):
    """True if `printed`, which may be cut off, is the value that plainly is `plain`."""
    if printed.endswith("*") and plain.startswith(printed[:-2]):
        return True
    return printed == plain or is_near(plain, printed)


def is_of_number(printed, value):
    """True if `printed` is the value, or its first digits and a star."""
    if not printed.endswith("*") or "." in printed:
        return is_of(printed, f"{value:.6f}")
    first = printed[:-1]
    rest = len(str(int(value))) - len(first)
    return rest >= 0 and abs(int(first) - value / 10 ** rest) <= 1 + value / 10 ** rest * SINGLE


# --- what a record says --------------------------------------------------------------------------

def state_of_tcp(cell):
    """The words of TCP's state, if the record has all of them."""
    net = cell.blocks.get(blocks.NET)
    is_whole = net and cell.row["proto"] == "6" and net.subtype == TCP and len(net.body) == TCP_SIZE
    return blocks.words_of(net.body) if is_whole else None


def is_turned(cell):
    """Readers turn it round: IPv4 TCP that began with its SYN+ACK, where the sensor has not settled
    the direction, and ARP that began with its answer.
    """
    flow, state = cell.blocks[blocks.FLOW], state_of_tcp(cell)
    if is_arp(cell):
        return bool(flow.subtype & REVERSE)
    is_settled = flow.qualifier & SETTLED or flow.qualifier & FAMILY != IP4
    return bool(state and not is_settled and state[0] & (SYN | SYNACK) == SYNACK)


def is_arp(cell):
    return cell.row["proto"] in ("2054", "rarp")


def is_of_links(cell):
    """Its addresses are those of a link layer."""
    return cell.row["proto"] == "isis" or MAC.fullmatch(cell.row["saddr"])


def has_no_deviation(cell):
    """The sensor wrote "not a number" as a deviation of this side."""
    block = cell.blocks.get(blocks.JITTER)
    values = struct.unpack(f">{len(block.body) // 4}f", block.body) if block else ()
    return any(math.isnan(value) for value in values[3::5])


def has_a_wide_fraction(cell):
    """A time of more than a million microseconds."""
    words = blocks.words_of(cell.blocks[blocks.TIME].body)
    return any(fraction >= 1000000 for fraction in words[1::2])


# --- what 3.0.8 makes of it ----------------------------------------------------------------------

def deviation_with_mixed_units(cell):
    """Of both phases: the mean of the squares is divided by a thousand, not by a million, to be
    milliseconds, before the square of the mean is taken off.
    """
    if not (cell.of_side("jitact") and cell.of_side("jitidl")):
        return None
    mean, deviation = float(cell.of_side("intpkt")), float(cell.of_side("jit"))
    return math.sqrt(1000 * (deviation ** 2 + mean ** 2) - mean ** 2)


def is_deviation_with_mixed_units(cell):
    wrong, there = deviation_with_mixed_units(cell), number(cell.theirs)
    if wrong is None or not there:
        return False
    return abs(there[0] - wrong) <= 1e-5 * wrong + 1.001 * max(there[1], 1e-3)


def least_and_most(cell):
    """Of the two phases, what field and side ask for: a number where there is one."""
    end = cell.field[-3:]
    active, idle = cell.of_side("intpktact" + end), cell.of_side("intpktidl" + end)
    return active, idle


def is_larger_least(cell):
    active, idle = least_and_most(cell)
    return bool(active and idle) and is_of(cell.theirs, max(active, idle, key=float))


def turned_letters(cell):
    """The flags with the letters of the two sides exchanged: loss, window, congestion."""
    flags = cell.row["flgs"]
    return flags[:3] + flags[3:6].translate(str.maketrans("sdirSDxt", "dsriDStx")) + flags[6:]


def is_signed_time(cell):
    """A time after January 2038, whose seconds are taken for signed ones, or for nothing."""
    if cell.number(cell.field) < 2 ** 31:
        return False
    before_1970 = int(cell.number(cell.field)) - 2 ** 32
    texts = [time.strftime("%T", time.localtime(when)) for when in (before_1970, before_1970 + 1)]
    texts += [str(int(cell.number(cell.field)) + 1)]  # and a fraction below 0
    return cell.is_zero_there or cell.theirs.startswith((*texts, "00:00:00"))


def half_an_spi(cell):
    """The SPI with its upper half overwritten by the lengths of the masks."""
    return f"0x2020{int(cell.row['dport'], 16) & 0xffff:04x}"


RULES = {
    "near": lambda c: is_near(c.ours, c.theirs),
    "blanks": lambda c: c.ours == c.theirs,
    "thousandfold": lambda c: is_of_number(c.theirs, c.number(c.field) * 1000),
    "empty-there": lambda c: not c.theirs,
    "other-side": lambda c: is_turned(c) and is_of(c.theirs, c.other_side),
    "letters": lambda c: is_turned(c) and is_of(c.theirs, turned_letters(c).strip()),
    "no-gap": lambda c: not c.ours and c.theirs.startswith("-1."),
    "broadcast": lambda c: c.ours == "ff:ff:ff:ff:ff:ff" and c.theirs == "Broadcast",
    "mixed-units": is_deviation_with_mixed_units,
    "no-number": lambda c: c.theirs == "-nan" and has_no_deviation(c),
    "active-alone": lambda c: is_of(c.theirs, least_and_most(c)[0]),
    "larger-least": is_larger_least,
    "signed": is_signed_time,
    "wide-fraction": has_a_wide_fraction,
    "long": lambda c: c.number("dur") >= 2 ** 24,
    "esp": lambda c: c.row["proto"] == "50" and is_of(c.theirs, half_an_spi(c)),
    "udt-window": lambda c: is_udt(c) and not c.ours and c.is_zero_there,
    "udt-fragments": lambda c: is_udt(c) and c.theirs == c.ours.replace("F", "").rstrip(),
    "arp-net": lambda c: is_arp(c) and c.theirs == "0.0.0.0",
    "rarp": lambda c: c.row["proto"] == "rarp" and c.theirs == c.row["daddr"],
    "arp-cut": lambda c: is_arp(c) and len(c.blocks[blocks.FLOW].body) == ARP_CUT_SIZE,
    "no-text": lambda c: is_of_links(c) and c.theirs in ("(null)", ""),
    "class-e": lambda c: c.theirs == "0.0.0.0" and c.ours.split(".")[0].isdigit() and
    int(c.ours.split(".")[0]) >= 240,
    "no-state": lambda c: c.row["proto"] == "6" and not state_of_tcp(c),
    "closed": lambda c: c.is_zero_there and state_of_tcp(c) and not state_of_tcp(c)[1],
    "answered": lambda c: c.is_zero_there and c.row["spkts"] == "0",
}


def is_udt(cell):
    net = cell.blocks.get(blocks.NET)
    return bool(net and net.subtype == UDT)


class Reason:
    def __init__(self, line):
        fields, rules, self.text = (part.strip() for part in line.split(" | ", 2))
        self.fields = [name for word in fields.split() for name in KINDS.get(word, [word])]
        self.rules = rules.split()
        self.unused = {(field, rule) for field in self.fields for rule in self.rules}

    def explains(self, cell):
        if cell.field not in self.fields:
            return False
        holding = [rule for rule in self.rules if RULES[rule](cell)]
        self.unused -= {(cell.field, rule) for rule in holding}
        return bool(holding)


def reasons():
    lines = (HERE / "known_fields.txt").read_text(encoding="utf-8").splitlines()
    return [Reason(line) for line in lines if line.strip() and not line.startswith("#")]
