# SPDX-License-Identifier: Apache-2.0
"""Why a filter of 3.0.8 may select other records than ours: known_filters.txt, and what it says.

A row is `expression | records | reason`. The first is a regular expression for filters; the second
names kinds of records, those below. A record that only one of the two readers selects is explained
by a row that fits the filter and the record.
"""
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).resolve().parent
IP4, IP6, ETHER, ARP, RARP = 1, 2, 3, 4, 5
TCP, ICMP, IGMP = 6, 1, 2
FLOW, TIME, NET, MAC, ATTRIBUTES = 2, 3, 0x30, 0x42, 0x48


class Record:
    """A record on the wire, and what its blocks say. A management record has no number."""

    def __init__(self, data):
        self.data = data
        self.is_management = data[0] >> 4 == 8
        self.blocks = {}
        at = 4
        while not self.is_management and at + 4 <= len(data):
            size = max(4 * data[at + 3], 4)
            self.blocks.setdefault(data[at], (at, data[at:at + size]))
            at += size

    def body(self, kind):
        """The bytes of a block behind its header; empty if there is none."""
        return self.blocks.get(kind, (0, b""))[1][4:]

    def qualifier(self, kind):
        return self.blocks[kind][1][2] if kind in self.blocks else 0

    def renumbered(self, number):
        """The record with this sequence number; None if it has no place for it."""
        at, block = self.blocks.get(1, (0, b""))
        if len(block) < 12:
            return None
        return self.data[:at + 8] + struct.pack(">I", number) + self.data[at + 12:]

    @property
    def family(self):
        return self.qualifier(FLOW) & 0x1F

    @property
    def protocol(self):
        where = {IP4: 8, IP6: 32}.get(self.family)
        return self.body(FLOW)[where] if where is not None else None

    @property
    def is_turned(self):
        """Readers turn it round: the SYN of the TCP connection was not seen; and ARP."""
        status = self.body(NET)[:4]
        return self.family == ARP or self.protocol == TCP and len(status) == 4 and not status[3] & 1

    @property
    def duration(self):
        body = self.body(TIME)
        if len(body) < 16:
            return 0
        first, last = struct.unpack_from(">I", body)[0], struct.unpack_from(">I", body, 8)[0]
        return last - first


def records_of(data):
    """All records of a file."""
    at = 0
    while at + 4 <= len(data):
        size = 4 * struct.unpack_from(">H", data, at + 2)[0]
        assert size >= 4 and at + size <= len(data), f"a record of {size} bytes at {at}"
        yield Record(data[at:at + size])
        at += size


def numbers_of(data):
    """The sequence numbers of all records of a file, which have them in their first block; None of
    management records. There are very many."""
    numbers, at, word = [], 0, struct.Struct(">I")
    while at + 4 <= len(data):
        numbers.append(None if data[at] >> 4 == 8 else word.unpack_from(data, at + 12)[0])
        at += 4 * (data[at + 2] << 8 | data[at + 3]) or 4
    return numbers


def one_sided(record):
    """IP attributes of one side only."""
    return ATTRIBUTES in record.blocks and record.qualifier(ATTRIBUTES) & 3 != 3


KINDS = {
    "any": lambda r: True,
    "flow": lambda r: not r.is_management,
    "management": lambda r: r.is_management,
    "ipv6": lambda r: r.family == IP6,
    "not-ipv4": lambda r: r.family != IP4,
    "ethernet": lambda r: r.family == ETHER,
    "arp": lambda r: r.family in (ARP, RARP),
    "igmp": lambda r: r.protocol == IGMP,
    "not-tcp": lambda r: r.protocol != TCP,
    "tcp-without-state": lambda r: r.protocol == TCP and len(r.body(NET)) < 100,
    "icmp-without-message": lambda r: r.protocol == ICMP and len(r.body(NET)) < 4,
    "icmp": lambda r: r.protocol == ICMP,
    "turned": lambda r: r.is_turned,
    "one-sided": one_sided,
    "no-link": lambda r: MAC not in r.blocks,
    "long": lambda r: r.duration > 1 << 24,
}


class Reason:
    def __init__(self, line):
        pattern, kinds, self.text = (part.strip() for part in line.split(" | ", 2))
        self.pattern = re.compile(pattern)
        self.kinds = [KINDS[kind] for kind in kinds.split()]
        self.is_used = False

    def explains(self, record):
        if not any(holds(record) for holds in self.kinds):
            return False
        self.is_used = True
        return True


def read_lines(name):
    """Lines of a data file that are no comments."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def reasons():
    return [Reason(line) for line in read_lines("known_filters.txt")]
