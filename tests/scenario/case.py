# SPDX-License-Identifier: Apache-2.0
"""One scenario: some packets, and the records that the sensor must make of them.

A record is written as one line,

    udp A:1000 -> B:53 1/0 0-0.1 Start 1 flgs=e

protocol, source, direction, destination, packets of source and destination, first and last time
(seconds after the capture's start), cause, flow number, and the further fields that the case asks
for with `also`. A, B, R and S are the hosts 10.0.0.1, 10.0.0.2, 10.0.0.3 and 10.0.0.4, in IPv6
fd00::1 and so on; a and b are the MAC addresses of A and B.
"""
from decimal import Decimal

from lib.packets import MAC_A, MAC_B, Capture, ether, ip4, ip6

START = 1_700_000_000
FIELDS = ["proto", "saddr", "sport", "dir", "daddr", "dport", "spkts", "dpkts", "stime", "ltime",
          "cause", "seq"]
HOSTS = {"A": "10.0.0.1", "B": "10.0.0.2", "R": "10.0.0.3", "S": "10.0.0.4"}
HOSTS6 = {"A": "fd00::1", "B": "fd00::2", "R": "fd00::3", "S": "fd00::4"}
NAMES = {address: name for hosts in (HOSTS, HOSTS6) for name, address in hosts.items()}
NAMES |= {MAC_A: "a", MAC_B: "b"}


def between(src, dst):
    """A function that puts an upper layer into IPv4 between two of the hosts."""
    return lambda upper, **more: ip4(HOSTS[src], HOSTS[dst], upper, **more)


def between6(src, dst):
    return lambda upper, **more: ip6(HOSTS6[src], HOSTS6[dst], upper, **more)


ab, ba = between("A", "B"), between("B", "A")
ab6, ba6 = between6("A", "B"), between6("B", "A")


class Case:
    """Packets are pairs of time and frame; a frame may also be an IP packet.

    want: the records by default. compat: those with --compat 3.0.8, where they differ. original:
    those of 3.0.8 itself, where it loses packets that we never lose. ra: options for ra.
    """

    def __init__(self, name, packets, want, compat=None, original=None, options=(), also=(), ra=(),
                 snap=None):
        self.name, self.packets, self.want = name, packets, want
        self.compat = want if compat is None else compat
        self.original = self.compat if original is None else original
        self.options, self.also, self.ra = list(options), list(also), list(ra)
        self.snap = snap

    def write(self, path):
        capture = Capture(start=START)
        for time, frame in self.packets:
            # The first nibble of an IP packet is its version; our frames begin with an even byte.
            is_ip = frame[0] >> 4 in (4, 6)
            capture.add(time, ether(frame) if is_ip else frame)
        return capture.write(path, self.snap)


def number(text):
    """A number without needless zeros; a moment of the capture as seconds from its start."""
    value = Decimal(text)
    if value >= START:
        value -= START
    return f"{value.normalize():f}" if value else "0"


def value_of(text):
    return number(text) if text.replace(".", "", 1).isdigit() else NAMES.get(text, text)


def describe(row, also=()):
    """The line for a record as ra prints it."""
    def host(address, port):
        return f"{value_of(address)}:{port}" if port else value_of(address)

    line = (f"{row['proto']} {host(row['saddr'], row['sport'])} {row['dir']} "
            f"{host(row['daddr'], row['dport'])} {row['spkts']}/{row['dpkts']} "
            f"{number(row['stime'])}-{number(row['ltime'])} {row['cause']} {row['seq']}")
    return " ".join([line] + [f"{field}={value_of(row[field])}" for field in also])
