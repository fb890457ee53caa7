# SPDX-License-Identifier: Apache-2.0
"""Argus 3 record files for tests, made by hand (doc/argus-format): no program of ours is needed.

    write(path, [flow("10.0.0.1", "10.0.0.2", 6, 1234, 80, packets=(9, 7), tcp="SPA/SPA"), ...])

A file has a management record at both ends. Times are seconds after EPOCH.
"""
import ipaddress
import struct
import zlib

EPOCH = 1700000000  # 2023-11-14 22:13:20 UTC
COOKIE = 0xE5712DCB
START, STATUS, STOP = 0x10, 0x20, 0x30
FLAG_BITS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 0x10, "U": 0x20}


def block(kind, subtype, qualifier, body):
    """A block of a record: its header, and the body padded to whole words."""
    body += bytes(-len(body) % 4)
    return struct.pack(">BBBB", kind, subtype, qualifier, 1 + len(body) // 4) + body


def seconds(when):
    """A time as seconds and microseconds."""
    whole, micro = divmod(round(when * 1000000), 1000000)
    return struct.pack(">II", EPOCH + whole, micro)


def management(cause, when, packets=0, size=0):
    body = struct.pack(">II8xI", 0, COOKIE if cause == START else 0, 0)
    body += seconds(0) + seconds(when)
    body += struct.pack(">BBBBHHQQ", 3, 0, 1, 0, 5, 60, packets, size)
    body += bytes(124 - 4 - len(body)) + b"\xff\xff\xff\xff"
    return struct.pack(">BBH", 0x83, cause, 32) + body


def key(source, target, protocol, ports):
    """The flow key, source first. ICMP takes type and code as its ports."""
    source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
    where = struct.pack(">HHxx", *ports)
    if protocol in (1, 58):
        where = struct.pack(">BBHH", *ports, 77, 0)
    if source.version == 4:
        return block(2, 1, 0x21, source.packed + target.packed + struct.pack(">Bx", protocol)
                     + where)
    return block(2, 1, 0x22, source.packed + target.packed + struct.pack(">I", protocol << 24)
                 + where[:4])


def tcp_block(flags):
    """The TCP state of a flow whose sides sent these flags: "SPA/SA"."""
    sides = [sum(FLAG_BITS[letter] for letter in side) for side in flags.split("/")]
    status = 0
    if sides[0] & 2:
        status |= 1
    if sides[1] & 2:
        status |= 2
    if sides[0] & 0x10:
        status |= 4
    if (sides[0] | sides[1]) & 1:
        status |= 8
    if sides[1] & 4:
        status |= 0x2000
    body = struct.pack(">5I", status, 4, 0, 100, 50)
    for bits in sides:
        body += seconds(0) + struct.pack(">9IHBB", 0, 1, 2, 3, 0, 0, 0, 0, 0, 512, bits, 0)
    return block(0x30, 5, 0, body)


def flow(source, target, protocol, sport=0, dport=0, *, start=0.0, duration=0.0, packets=(1, 0),
         size=None, tcp=None, cause=START, number=1, label=None):
    """A flow record. `size`: bytes of either side, 100 a packet if not given."""
    size = size or tuple(100 * count for count in packets)
    blocks = block(1, 3, 0, struct.pack(">II", 0, number))
    blocks += key(source, target, protocol, (sport, dport))
    blocks += block(3, 2, 0x18, seconds(start) + seconds(start + duration))
    blocks += block(0x10, 1, 3, struct.pack(">4I", packets[0], size[0], packets[1], size[1]))
    if tcp:
        blocks += tcp_block(tcp)
    if label:
        blocks += block(0x66, 0, 0, label.encode() + b"\0")
    return struct.pack(">BBH", 0x13, cause, 1 + len(blocks) // 4) + blocks


def event(text, when=0.0, duration=0.0, number=1, compressed=False):
    """What a program or a file said to the sensor of the identifier 7."""
    data = text.encode()
    packed = zlib.compress(data) if compressed else data
    user = struct.pack(">HH", len(data), len(packed)) + packed + bytes(-len(packed) % 4)
    body = block(1, 3, 0x20, struct.pack(">II", 7, number))
    body += block(3, 0x19, 0x18, seconds(when) + seconds(when + duration))
    body += struct.pack(">BBH", 0x50, 0x98 if compressed else 0x90, 1 + len(user) // 4) + user
    return struct.pack(">BBH", 0x43, STATUS, 1 + len(body) // 4) + body


def events():
    """Plain, compressed, and compressed but damaged; between flows."""
    numbers = "".join(f"nr_{i} {7 * i}\n" for i in range(20))
    damaged = event("prog:/bin/broken\n", 4, 1, 3, True).replace(b"x\x9c", b"x\x9d")
    return [flow("10.0.0.1", "10.0.0.2", 6, 1234, 80, packets=(2, 1)),
            event("prog:/usr/bin/uptime\n up 3 days\n", 1, 2.5),
            event("file:/proc/vmstat\n" + numbers, 3, 0, 2, True), damaged,
            flow("10.0.0.1", "10.0.0.3", 17, 1234, 53, start=9)]


def file_of(flows):
    """The bytes of a file of these records."""
    return management(START, 0) + b"".join(flows) + management(STOP, 60)


def write(path, flows):
    with open(path, "wb") as file:
        file.write(file_of(flows))


def split(data):
    """Type, cause and bytes of each whole record."""
    at, out = 0, []
    while at + 4 <= len(data):
        kind, cause, words = struct.unpack_from(">BBH", data, at)
        if not words or at + 4 * words > len(data):
            break
        out.append((kind, cause & 0xF0, data[at:at + 4 * words]))
        at += 4 * words
    return out


def mixed():
    """A few flows of many kinds, some of them in several records."""
    return [
        flow("10.1.0.1", "10.2.0.2", 6, 1111, 80, start=0, duration=5, packets=(5, 4),
             tcp="SPA/SPA", number=1),
        flow("10.1.0.1", "10.2.0.2", 6, 1112, 25, start=0.5, duration=6, packets=(7, 7),
             tcp="SPA/SRPA", number=2),
        flow("10.1.0.1", "10.2.0.2", 17, 5000, 53, start=1, duration=0.01, packets=(1, 1),
             number=3),
        flow("10.1.0.1", "10.2.0.2", 6, 1113, 80, start=2, packets=(1, 0), tcp="S/", number=4),
        flow("10.1.0.1", "10.2.0.2", 1, 8, 0, start=3, duration=1.5, packets=(2, 2), number=5),
        flow("2001:db8::1", "2001:db8::2", 6, 1114, 443, start=4, duration=1, packets=(4, 3),
             tcp="SPA/SPA", number=6),
        flow("10.1.0.1", "10.2.0.2", 6, 1111, 80, start=5.5, duration=0.5, packets=(4, 3),
             tcp="FPA/FPA", cause=STATUS, number=1),
        flow("10.1.0.3", "239.1.1.1", 17, 5002, 9999, start=6, duration=3, packets=(4, 0),
             number=7),
        flow("10.2.0.2", "10.1.0.1", 17, 53, 5000, start=7, packets=(1, 0), number=8),
    ]


def scan():
    """One host asks many, in no order, and some ports of one of them; some more than once."""
    hosts = ["10.2.0.2", "10.2.0.255", "10.1.255.255", "10.2.1.0", "10.2.0.0", "10.2.0.2",
             "10.2.0.7", "255.255.255.255", "0.0.0.0"]
    flows = [flow("10.1.0.1", host, 17, 5000 + at, 53) for at, host in enumerate(hosts)]
    flows += [flow("fd00::1", f"fd00::{last}", 6, 40000, 22) for last in ("ffff", "1:0", "1:2")]
    return flows + [flow("10.1.0.1", "10.2.0.2", 6, 65535, port, tcp="S/")
                    for port in (443, 81, 80, 65535, 22, 80, 79, 0)]


def probes(source, target, ports, start, step, tcp=None, protocol=6, hosts=1, answers=()):
    """One flow for each port of each of some hosts: `target` and a number. Those of `answers`, by
    their number in order, have another TCP state, or packets back."""
    flows = []
    for host in range(hosts):
        for port in ports:
            at = len(flows)
            answered = at in answers or (tcp or "").endswith("R") or (tcp or "").endswith("A")
            flows.append(flow(source, f"{target}.{host + 1}", protocol, 40000, port,
                              start=start + at * step, packets=(1, 1 if answered else 0),
                              tcp="SPA/SPA" if at in answers and tcp else tcp))
    return flows


def scanners():
    """Scanners of every kind, and hosts that are none, some of which look like it."""
    flows = probes("203.0.113.1", "10.0.0", [22], 0, 0.5, "S/", hosts=40, answers=(3,))
    flows += [flow("203.0.113.1", "10.0.3.7", 6, 40000, 22, start=21, packets=(2, 1),
                   tcp="SR/SA")]
    # A server that others knew before it answered the scanner, and one that they found later.
    flows += [flow("203.0.113.1", f"10.0.4.{host}", 6, 40000, 22, start=22, packets=(2, 1),
                   tcp="SR/SA") for host in (1, 2)]
    flows += [flow("192.0.2.9", f"10.0.4.{host}", 6, 40000, 22, start=20 + 4 * (host - 1),
                   packets=(9, 9), tcp="SPA/SPA") for host in (1, 2)]
    flows += probes("203.0.113.2", "10.0.1", range(1, 41), 1, 0.1, "S/RA")
    flows += probes("203.0.113.3", "10.0.2", range(80, 88), 2, 1, "S/", hosts=8)
    flows += probes("203.0.113.4", "10.0.0", [80], 3, 1, "F/RA", hosts=30)
    flows += probes("203.0.113.5", "10.0.0", [80], 4, 1, "/", hosts=31)
    flows += probes("203.0.113.6", "10.0.0", [80], 5, 1, "FPU/RA", hosts=32)
    flows += probes("203.0.113.7", "10.0.0", [80], 6, 1, "A/R", hosts=33)
    flows += probes("203.0.113.8", "10.0.0", [161, 53], 7, 1, None, 17, hosts=25)
    flows += probes("10.0.9.1", "198.51.100", [445], 0, 60, "S/", hosts=36)
    flows += [flow("fd00::5", f"fd00::1:{host:x}", 6, 40000, 23, start=host, tcp="S/")
              for host in range(28)]
    flows += probes("10.0.9.2", "198.51.100", [443], 0, 2, "S/", hosts=60,
                    answers=range(0, 60, 3))  # a client with many servers down
    flows += [flow("10.0.9.3", f"198.18.0.{peer}", 17, 6881, 20000 + peer, start=peer,
                   packets=(1, peer % 5 == 0)) for peer in range(1, 90)]
    flows += [flow("10.0.9.4", f"198.18.1.{server}", 17, 5353, 53, start=server, packets=(1, 1))
              for server in range(1, 80)]
    # Answers of a name server whose questions were not seen.
    return flows + [flow("10.0.9.5", f"198.18.2.{client}", 17, 53, 30000, start=client)
                    for client in range(1, 80)]
