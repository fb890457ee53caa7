# SPDX-License-Identifier: Apache-2.0
"""Hand-made packets and captures, built inside out:

    ether(ip4("10.0.0.1", "10.0.0.2", udp(1000, 53, b"hello")))

Lengths and checksums are filled in where they are not given, so that a test says only what it is
about. A Capture collects frames with their times and writes a pcap file.
"""
import ipaddress
import struct

ETHER_IP4, ETHER_ARP, ETHER_VLAN, ETHER_IP6 = 0x0800, 0x0806, 0x8100, 0x86DD
ETHER_MPLS, ETHER_PPPOE = 0x8847, 0x8864
ICMP, IGMP, IPIP, TCP, UDP, IP6, GRE, ESP, AH, ICMP6, SCTP = 1, 2, 4, 6, 17, 41, 47, 50, 51, 58, 132

MAC_A, MAC_B, BROADCAST = "02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff"


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    """The Internet checksum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# --- upper layers: pairs of protocol number and bytes, checksum still zero -----------------------

class Upper:
    """An IP payload: its protocol, its bytes, and where its checksum goes (or None)."""

    def __init__(self, protocol, data, checksum_at=None):
        self.protocol, self.data, self.checksum_at = protocol, data, checksum_at

    def sealed(self, pseudo_header):
        """The bytes with their checksum, for the pseudo header given."""
        at = self.checksum_at
        if at is None or len(self.data) < at + 2 or self.data[at:at + 2] != b"\0\0":
            return self.data
        pseudo = b"" if self.protocol in (ICMP, IGMP) else pseudo_header
        value = checksum(pseudo + self.data)
        if self.protocol == UDP and value == 0:
            value = 0xFFFF
        return self.data[:at] + struct.pack(">H", value) + self.data[at + 2:]


TCP_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}


def tcp(sport, dport, flags="A", seq=1, ack=0, data=b"", win=1000, options=b"", offset=None):
    """A segment; `flags` are letters of FSRPAUEC, an integer `data` means so many bytes."""
    bits = sum(TCP_FLAGS[letter] for letter in flags)
    options += b"\0" * (-len(options) % 4)
    words = (20 + len(options)) // 4 if offset is None else offset
    data = bytes(data) if isinstance(data, int) else data
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       words << 4, bits, win, 0, 0)
    return Upper(TCP, head + options + data, 16)


def udp(sport, dport, data=b"", length=None):
    data = bytes(data) if isinstance(data, int) else data
    length = 8 + len(data) if length is None else length
    return Upper(UDP, struct.pack(">HHHH", sport, dport, length, 0) + data, 6)


def dns(sport, dport, dns_id, data=b"\1\0\0\1\0\0\0\0\0\0"):
    return udp(sport, dport, struct.pack(">H", dns_id) + data)


def icmp(kind, code=0, rest=b"\0\0\0\0", data=b"", protocol=ICMP):
    """Any ICMP message; `rest` is its second word."""
    return Upper(protocol, struct.pack(">BBH", kind, code, 0) + rest + data, 2)


def echo(kind, echo_id=1, sequence=1, data=b"\0" * 32, protocol=ICMP):
    return icmp(kind, 0, struct.pack(">HH", echo_id, sequence), data, protocol)


def icmp_error(kind, code, inner, mtu=0, keep=8):
    """An ICMP error that quotes the header and `keep` bytes more of an IPv4 datagram."""
    size = (inner[0] & 15) * 4 + keep
    return icmp(kind, code, struct.pack(">HH", 0, mtu), inner[:size])


def igmp(kind, group, code=0):
    return Upper(IGMP, struct.pack(">BBH", kind, code, 0) + address(group), 2)


def esp(spi, sequence, data=b"\0" * 60):
    return Upper(ESP, struct.pack(">II", spi, sequence) + data)


def raw(protocol, data):
    return Upper(protocol, data)


def gre(inner, ethertype=ETHER_IP4):
    return Upper(GRE, struct.pack(">HH", 0, ethertype) + inner)


# --- network layers ------------------------------------------------------------------------------

def ip4(src, dst, upper, ident=1, ttl=64, tos=0, offset=0, more=False, options=b"", length=None):
    """An IPv4 packet. For a fragment pass raw bytes of the payload and offset or more."""
    options += b"\0" * (-len(options) % 4)
    total = 20 + len(options) + len(upper.data) if length is None else length
    pseudo = address(src) + address(dst) + struct.pack(">BBH", 0, upper.protocol, len(upper.data))
    head = struct.pack(">BBHHHBBH", 0x40 + 5 + len(options) // 4, tos, total, ident,
                       offset // 8 | (0x2000 if more else 0), ttl, upper.protocol, 0)
    head += address(src) + address(dst) + options
    head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    return head + upper.sealed(pseudo)


def ip6(src, dst, upper, hop=64, traffic_class=0, label=0, extensions=()):
    """An IPv6 packet; extensions are pairs of type and bytes, the first byte of which is set."""
    pseudo = address(src) + address(dst) + struct.pack(">II", len(upper.data), upper.protocol)
    body, following = upper.sealed(pseudo), upper.protocol
    for kind, data in reversed(extensions):
        body, following = bytes([following]) + data[1:] + body, kind
    word = 6 << 28 | traffic_class << 20 | label
    head = struct.pack(">IHBB", word, len(body), following, hop)
    return head + address(src) + address(dst) + body


def fragments4(src, dst, upper, sizes, ident=77):
    """The fragments of one IPv4 datagram; `sizes` are payload bytes of each (multiples of 8)."""
    whole = ip4(src, dst, upper)[20:]
    out, offset = [], 0
    for size in sizes:
        piece = whole[offset:offset + size]
        out.append(ip4(src, dst, raw(upper.protocol, piece), ident=ident, offset=offset,
                       more=offset + size < len(whole)))
        offset += size
    return out


def fragment6(ident, offset, more):
    """The fragment extension header, for ip6(extensions=...)."""
    return 44, struct.pack(">BBHI", 0, 0, offset | more, ident)


def arp(operation, sender, target, sender_mac=MAC_A, target_mac="00:00:00:00:00:00"):
    return (struct.pack(">HHBBH", 1, ETHER_IP4, 6, 4, operation) + mac(sender_mac) +
            address(sender) + mac(target_mac) + address(target))


# --- link layers ---------------------------------------------------------------------------------

def ethertype_of(packet):
    return ETHER_IP6 if packet[0] >> 4 == 6 else ETHER_IP4


def ether(payload, src=MAC_A, dst=MAC_B, ethertype=None, tags=(), pad=0):
    """A frame; tags are 802.1Q control words from the outside in, or pairs of type and word."""
    ethertype = ethertype_of(payload) if ethertype is None else ethertype
    between = b""
    for tag in tags:
        kind, word = tag if isinstance(tag, tuple) else (ETHER_VLAN, tag)
        between += struct.pack(">HH", kind, word)
    frame = mac(dst) + mac(src) + between + struct.pack(">H", ethertype) + payload
    return frame + b"\0" * max(0, pad - len(frame))


def mpls(payload, labels):
    """An MPLS label stack before a packet."""
    stack = b""
    for i, label in enumerate(labels):
        stack += struct.pack(">I", label << 12 | (i == len(labels) - 1) << 8 | 64)
    return stack + payload


class Capture:
    """Frames with times (seconds as numbers or exact text) for a pcap file."""

    def __init__(self, link=1, start=1_700_000_000, nanoseconds=False, big_endian=False):
        self.link, self.start, self.nanoseconds = link, start, nanoseconds
        self.order = ">" if big_endian else "<"
        self.frames = []

    def add(self, time, frame, wire=None):
        """A frame at `time` after the start; `wire`: its length on the wire if it was cut."""
        self.frames.append((time, frame, len(frame) if wire is None else wire))
        return self

    def data(self, snap=None):
        """The bytes of the file; frames are cut to `snap` bytes."""
        magic = 0xA1B23C4D if self.nanoseconds else 0xA1B2C3D4
        out = [struct.pack(self.order + "IHHiIII", magic, 2, 4, 0, 0, 262144, self.link)]
        unit = 10**9 if self.nanoseconds else 10**6
        for time, frame, wire in self.frames:
            ticks = self.start * unit + round(time * unit)
            kept = frame[:snap] if snap else frame
            out.append(struct.pack(self.order + "IIII", ticks // unit, ticks % unit, len(kept),
                                   wire))
            out.append(kept)
        return b"".join(out)

    def write(self, path, snap=None):
        with open(path, "wb") as file:
            file.write(self.data(snap))
        return path


def read_pcap(path):
    """Header bytes and the list of record bytes (header and frame) of a little-endian pcap."""
    with open(path, "rb") as file:
        data = file.read()
    records, at = [], 24
    while at + 16 <= len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        if at + size > len(data):
            break
        records.append(data[at:at + size])
        at += size
    return data[:24], records
