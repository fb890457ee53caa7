#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes seeds for the fuzz targets: FOLDER/TARGET/NAME, made of hand-made packets."""
import bz2
import gzip
import lzma
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import records  # noqa: E402
from lib.packets import (ETHER_ARP, ETHER_MPLS, ICMP6, Capture, arp, dns, echo, esp,  # noqa: E402
                         ether, fragment6, fragments4, gre, icmp_error, igmp, ip4, ip6, mpls, raw,
                         tcp, udp)

A, B, A6, B6 = "10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"


def frames():
    """Ethernet frames of all kinds that the decoder knows."""
    inner = ip4(A, B, udp(1, 2, 8))
    options = bytes.fromhex("020405b40402080a0000000100000000")
    yield ether(ip4(A, B, tcp(1000, 80, "S", options=options)))
    yield from (ether(ip4(A, B, tcp(1000, 80, flags, 1, 1, 20))) for flags in ("SA", "PA", "FA"))
    yield ether(ip4(A, B, dns(1000, 53, 7)), tags=[5, 6])
    yield from (ether(f) for f in fragments4(A, B, udp(1, 2, 100), [48, 60]))
    yield ether(ip4(A, B, icmp_error(3, 3, ip4(B, A, udp(1, 2, 8)))))
    yield from (ether(ip4(A, B, u)) for u in (echo(8), echo(0), igmp(0x16, "239.1.1.1"), esp(5, 1)))
    yield from (ether(ip4(A, B, raw(p, bytes(24)))) for p in (51, 132, 99))
    six = raw(41, ip6(A6, B6, udp(1, 2)))
    yield from (ether(ip4(A, B, u)) for u in (gre(inner), raw(4, inner), six))
    yield ether(ip4(A, B, udp(5, 4789, bytes.fromhex("0800000000000500") + ether(inner))))
    yield ether(ip4(A, B, udp(2152, 2152, bytes.fromhex("30ff001c00000007") + inner)))
    yield ether(ip6(A6, B6, tcp(1, 2, "S"), extensions=[(0, bytes(8)), fragment6(9, 0, 0)]))
    yield ether(ip6(A6, B6, echo(128, protocol=ICMP6)))
    yield ether(arp(1, A, B), ethertype=ETHER_ARP)
    yield ether(mpls(inner, [100, 200]), ethertype=ETHER_MPLS)
    yield ether(b"\xaa\xaa\x03\0\0\0\x08\0" + inner, ethertype=8 + len(inner))


def pcapng(blocks_of):
    """A section with one interface and the frames given, as pcapng."""
    def block(kind, body):
        size = 12 + len(body)
        return struct.pack("<II", kind, size) + body + struct.pack("<I", size)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HHBxxxI", 9, 1, 9, 0))
    for i, frame in enumerate(blocks_of):
        data = frame + bytes(-len(frame) % 4)
        out += block(6, struct.pack("<IIIII", 0, 0, i, len(frame), len(frame)) + data)
    return out


def captures():
    capture = Capture()
    for i, frame in enumerate(frames()):
        capture.add(i / 8, frame)
    plain = capture.data()
    yield "pcap", plain
    yield "pcapng", pcapng(frames())
    yield "gzip", gzip.compress(plain, mtime=0)
    yield "bzip2", bz2.compress(plain)
    yield "xz", lzma.compress(plain)


def meter_inputs():
    """What fuzz_meter.c wants: a byte of options; link, size, time step and bytes of each frame."""
    body = b"".join(bytes([1, min(255, len(f)), 3]) + f[:255] for f in frames())
    yield "default", b"\0" + body
    yield "compat", b"\1" + body


def packet_inputs():
    """What fuzz_packet.c wants: link type, a byte of options, and one frame."""
    for i, frame in enumerate(frames()):
        yield str(i), bytes([0, 1, i & 3]) + frame


def record_files():
    mixed = records.mixed()
    yield "mixed", records.file_of(mixed)
    yield "head", records.file_of([])
    for i, record in enumerate(mixed):
        yield str(i), records.file_of([record])


def long_records():
    """Records that last longer than bins."""
    for number, packets in enumerate([(11, 0), (2, 0), (1, 1), (7, 3), (3, 0), (1000, 1000)]):
        yield f"udp-{number}", records.flow(A, B, 17, 1, 2, duration=100 + number, packets=packets)
        yield f"tcp-{number}", records.flow(A, B, 6, 1, 2, duration=1e5, packets=packets,
                                            tcp="SPA/SPA")


def filters():
    """Expressions of every kind."""
    for i, text in enumerate((
            "", "tcp and port 80", "not udp or (icmp and src host 10.0.0.1)", "dst port 25 or 22",
            "src pkts gt 1 and lt 9", "net 10.1.0.0/16", "host fd00::1", "ether host 02:0:0:0:0:1",
            "dur gt 0.5", "syn and not (fin or reset)",
            "port 80-443", "proto esp", "inode 10.0.0.3", "src or dst host 10.0.0.1", "vid 100",
            "port 80,443,8000-8080", "icmp6 type echo", "net 10.0.0.1 mask 255.0.0.255",
            "net fd00:: mask ffff::", "gateway a or host a", 'label "a.*b"', "\\host",
            "udp multicast and src ttl lt 5", "not host in @a", "bytes gte 0x100",
            "port (80 or 25)")):
        yield str(i), text.encode()


def address_files():
    """Lines of every kind that base/address_file.h knows."""
    lines = ("10.1.2.3", '10.0.0.0/8 "Head office"', "10.1.0.1-10.1.0.9", "fd00::/8", "::1-::ffff",
             "# note", "apnic|AU|ipv4|1.0.0.0|768|20100101|assigned",
             "apnic|JP|ipv6|2001:200::|35|19990813|allocated", "SrcAddr", "10.0.0.0/255.0.0.0")
    for i, line in enumerate(lines):
        yield str(i), line.encode()
    yield "all", "\n".join(lines).encode()


def rule_files():
    """Lines of every kind that racluster.conf(5) knows."""
    lines = ('filter="tcp and ((syn or synack) and ((fin or finack) or reset))"  status=-1 idle=0',
             'filter="" model="saddr daddr proto sport dport"', "# note",
             "filter = 'dst net 10.0.0.0/30 and port 80' model=saddr/16,dport label=a cont # b",
             'filter="label \\"a\\" or host fd00::1" flush="fin" idle=5m',
             'grep="^a.*b" model=none',
             "filter='not (src host 10.0.0.1 or dst port 53,80)' status=1.5h",
             "RACLUSTER_AUTO_CORRECTION=yes", "RACLUSTER_AGG_METRIC=spkts",
             "RACLUSTER_PRESERVE_FIELDS=yes", 'RACLUSTER_MODEL_NAME="a b"')
    for i, line in enumerate(lines):
        yield str(i), line.encode()
    yield "all", "\n".join(lines).encode()


def postings():
    """What fuzz_segment.c wants: flows with their chunks, see doc/index-format.md."""
    yield "alone", bytes([2, 0, 2, 5, 2, 15])
    yield "runs", bytes([3, 1, 2, 1, 3, 0, 4, 2, 15])
    yield "long", bytes([0x81, 0x80, 0x01, 2, 0, 13])


def dialogues():
    """What servers say: a start record, answers, records, marks."""
    data = records.file_of(records.mixed())
    head, flows = data[:128], data[128:]
    yield "argus", head + b"OK" + flows
    ours = head[:108] + b"PAN1" + bytes(8) + head[120:]
    mark = bytes.fromhex("73100008") + b"PAN1" + bytes(24)
    yield "panoptes", ours + b"OKOK" + mark + flows[:4000] + bytes(4)
    yield "refusal", b"\x83\x82" + head[2:]


def access_files():
    """Lines of every kind that net/access.h knows."""
    lines = ("allow 10.0.0.0/8,192.0.2.1,fd00::/8", "deny any # who else", "allow 'any' cert x",
             'allow cert ".example.org" filter "man or (tcp and port 25)"', "# note",
             "allow 10.0.0.0/255.0.0.0 cert 'a b' filter 'label \"x\"'", "allow filter udp")
    for i, line in enumerate(lines):
        yield str(i), line.encode()
    yield "all", "\n".join(lines).encode()


def requests():
    """What clients say. The first byte of each piece says how long it is."""
    for i, words in enumerate((b"START: DONE: ", b"FILTER: man or (tcp and port 25)",
                               b"POSITION: new\nSTART: ", b"POSITION: 00000000000000ff 99\n",
                               b"FILTER: man or (udp)START: DONE: ")):
        yield str(i), words


SEEDS = {"access": access_files, "addresses": address_files, "capture": captures,
         "cut": long_records, "filter": filters, "meter": meter_inputs, "packet": packet_inputs,
         "record": record_files, "remote": dialogues, "rules": rule_files, "segment": postings,
         "session": requests}


def main():
    for target, make in SEEDS.items():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in make():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
