# SPDX-License-Identifier: Apache-2.0
"""What is counted and measured: bytes, application bytes, packet sizes, times between packets."""
import statistics

from lib.packets import ETHER_ARP, arp, echo, esp, ether, ip4, raw, tcp, udp

from case import Case, HOSTS, ab, ab6, ba
from tcp_connections import HANDSHAKE, c, s

BYTES = ["sbytes", "dbytes"]
APP = ["sbytes", "dbytes", "sappbytes", "dappbytes"]
GAPS = ["sintpktact", "sjitact", "sintpktidl", "sjitidl"]
A, B = HOSTS["A"], HOSTS["B"]


def app(name, packets, want, **more):
    return Case("application bytes of " + name, packets, want, options=["-A"], also=APP, **more)


def gaps(name, moments, want):
    return Case(name, [(t, ab(udp(1000, 2000))) for t in moments], want, options=["-J"], also=GAPS)


def both_phases(name, moments, with_data):
    """Packets of the source of a connection, and what their times say, by other means."""
    between = [1000 * (later - earlier) for earlier, later in zip(moments, moments[1:])]
    packets, number = [], 1
    for i, moment in enumerate(moments):
        size = 10 if i in with_data or i - 1 in with_data else 0
        packets.append((moment, c("PA" if size else "A", number, 501, size)))
        number += size
    want = (f"sintpkt={statistics.fmean(between):.6g} sjit={statistics.pstdev(between):.6g} "
            f"sintpktmin={min(between):.6g} sintpktmax={max(between):.6g}")
    flow = f"6 A:1000 ?> B:80 {len(moments)}/0 0-{moments[-1]} Start 1"
    return Case(name, packets, [f"{flow} {want}"],
                options=["-J"], ra=["-p", "3"],
                also=["sintpkt", "sjit", "sintpktmin", "sintpktmax"])


CASES = [
    Case("bytes are those of the whole frame", [(0, ab(udp(1, 2, 10)))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=52 dbytes=0"], also=BYTES),
    Case("padding counts", [(0, ether(ab(udp(1, 2, 1)), pad=60))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=60 dbytes=0"], also=BYTES),
    Case("so does what was not captured", [(0, ab(udp(1, 2, 1000)))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=1042 dbytes=0"], also=BYTES, snap=60),
    Case("counters above 255 and 65535", [(i / 1000, ab(udp(1, 2, 1400))) for i in range(300)] +
         [(1, ba(udp(2, 1, 300)))],
         ["17 A:1 <-> B:2 300/1 0-1 Start 1 sbytes=432600 dbytes=342"], also=BYTES),
    app("UDP", [(0, ab(udp(1, 2, 10))), (1, ba(udp(2, 1, 20)))],
         ["17 A:1 <-> B:2 1/1 0-1 Start 1 sbytes=52 dbytes=62 sappbytes=10 dappbytes=20"]),
    app("UDP in a padded frame", [(0, ether(ab(udp(1, 2, 1)), pad=60))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=60 dbytes=0 sappbytes=1 dappbytes=0"]),
    app("UDP over IPv6 in a padded frame", [(0, ether(ab6(udp(1, 2, 1)), pad=80))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=80 dbytes=0 sappbytes=18 dappbytes=0"]),
    app("TCP", HANDSHAKE + [(1, c("PA", 2, 502, 100)), (2, c("PA", 2, 502, 100)),
                            (3, s("PA", 502, 102, 30))],
         ["6 A:1000 -> B:80 4/2 0-3 Start 1 sbytes=416 dbytes=138 sappbytes=200 dappbytes=30"]),
    app("ICMP: the whole message", [(0, ab(echo(8)))],
         ["1 A:0x0008 -> B:0x0100 1/0 0-0 Start 1 sbytes=74 dbytes=0 sappbytes=40 dappbytes=0"]),
    app("ESP: the whole payload", [(0, ab(esp(5, 1)))],
         ["50 A -> B:0x5 1/0 0-0 Start 1 sbytes=102 dbytes=0 sappbytes=68 dappbytes=0"],
         original=["50 A -> B:0x20200005 1/0 0-0 Start 1 sbytes=102 dbytes=0 sappbytes=68 "
                   "dappbytes=0"]),
    app("other IP protocols: the whole payload", [(0, ab(raw(99, bytes(33))))],
         ["99 A -> B 1/0 0-0 Start 1 sbytes=67 dbytes=0 sappbytes=33 dappbytes=0"]),
    app("ARP: the frame less 28", [(0, ether(arp(1, A, B), ethertype=ETHER_ARP))],
         ["2054 A who B 1/0 0-0 Start 1 sbytes=42 dbytes=0 sappbytes=14 dappbytes=0"]),
    app("Ethernet: the whole frame", [(0, ether(bytes(50), ethertype=0x9000))],
         ["36864 a:0 -> b:0 1/0 0-0 Start 1 sbytes=64 dbytes=0 sappbytes=64 dappbytes=0"]),
    app("a datagram longer than the frame", [(0, ip4(A, B, udp(1, 2, 20), length=400))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=62 dbytes=0 sappbytes=372 dappbytes=0"]),
    Case("packet sizes", [(0, ab(udp(1, 2, 10))), (1, ab(udp(1, 2, 100))), (2, ba(udp(2, 1, 50)))],
         ["17 A:1 <-> B:2 2/1 0-2 Start 1 sminsz=52 smaxsz=142 dminsz=92 dmaxsz=92"],
         options=["-Z"], also=["sminsz", "smaxsz", "dminsz", "dmaxsz"]),
    gaps("times between packets", (0, 0.1, 0.3, 0.6, 1.0),
         ["17 A:1000 -> B:2000 5/0 0-1 Start 1 sintpktact=250 sjitact=111.803398 sintpktidl=0 "
          "sjitidl="]),
    gaps("equal times do not count", (0, 0, 0.5, 0.5),
         ["17 A:1000 -> B:2000 4/0 0-0.5 Start 1 sintpktact=500 sjitact=0 sintpktidl=0 sjitidl="]),
    gaps("gaps of twice the interval do not count", (0, 1, 11, 11.5),
         ["17 A:1000 -> B:2000 2/0 0-1 Start 1 sintpktact=1000 sjitact=0 sintpktidl=0 sjitidl=",
          "17 A:1000 -> B:2000 2/0 11-11.5 Status 1 sintpktact=500 sjitact=0 sintpktidl=0 "
          "sjitidl="]),
    gaps("the previous packet is remembered across records", (0, 1, 6),
         ["17 A:1000 -> B:2000 2/0 0-1 Start 1 sintpktact=1000 sjitact=0 sintpktidl=0 sjitidl=",
          "17 A:1000 -> B:2000 1/0 6-6 Status 1 sintpktact=5000 sjitact=0 sintpktidl=0 sjitidl="]),
    Case("times between packets of TCP, with and without data",
         HANDSHAKE + [(1, c("PA", 2, 502, 10)), (1.2, s("A", 502, 12)), (1.3, c("A", 12, 502)),
                      (1.4, c("PA", 12, 502, 10)), (1.9, c("PA", 22, 502, 10))],
         ["6 A:1000 -> B:80 6/2 0-1.9 Start 1 sintpktact=500 sjitact=0 sintpktidl=350 "
          "sjitidl=297.909375"],
         options=["-J"], also=GAPS),
    both_phases("times between packets of TCP, over both phases",
                (0, 0.2, 1, 1.4, 1.9, 2, 2.8), (1, 4, 6)),
]
