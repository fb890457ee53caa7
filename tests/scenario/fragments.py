# SPDX-License-Identifier: Apache-2.0
"""Fragments: of IPv4 they join the flow of the first one, in whatever order they come."""
from lib.packets import fragment6, fragments4, raw, tcp, udp

from case import Case, HOSTS, ab, ab6

A, B = HOSTS["A"], HOSTS["B"]
FIRST, SECOND, LAST = fragments4(A, B, udp(1000, 2000, 3000), [1480, 1480, 48])
AGAIN = fragments4(A, B, udp(1000, 2000, 3000), [1480, 1480, 48], ident=78)
TCP_8, TCP_REST = fragments4(A, B, raw(6, bytes.fromhex("03e8005000000001") + bytes(32)), [8, 32])
SYNACK_8, SYNACK_REST = fragments4(B, A, raw(6, tcp(80, 1000, "SA", 1, 2, 36).data), [24, 32])
ALSO = ["flgs", "sbytes"]


def other_traffic(until, step=0.5):
    """A stream that keeps time going on."""
    return [(i * step + 0.01, ab(udp(7, 7))) for i in range(int(until / step))]


def merged(*parts):
    return sorted((pair for part in parts for pair in part), key=lambda pair: pair[0])


UDP6 = udp(1000, 2000, 2000)
HEAD6 = ab6(raw(17, UDP6.data[:1448]), extensions=[fragment6(9, 0, True)])
TAIL6 = ab6(raw(17, UDP6.data[1448:]), extensions=[fragment6(9, 1448, False)])
WHOLE6 = ab6(udp(1000, 2000, 20), extensions=[fragment6(9, 0, False)])

CASES = [
    Case("fragments in order", [(0, FIRST), (0.001, SECOND), (0.002, LAST)],
         ["17 A:1000 -> B:2000 3/0 0-0.002 Start 1 flgs=e    F sbytes=3110"], also=ALSO),
    Case("the first one comes last", [(0, LAST), (0.001, SECOND), (0.002, FIRST)],
         ["17 A:1000 -> B:2000 3/0 0-0.002 Start 1 flgs=e    F sbytes=3110"],
         compat=["17 A:1000 -> B:2000 3/0 0-0.001 Start 1 flgs=e    F sbytes=3110"], also=ALSO),
    Case("the first one in the middle", [(0, SECOND), (0.001, FIRST), (0.002, LAST)],
         ["17 A:1000 -> B:2000 3/0 0-0.002 Start 1 flgs=e    F sbytes=3110"],
         also=ALSO),
    Case("the first one is missing", [(0, SECOND), (0.001, LAST)],
         ["17 A:0 -> B:0 2/0 0-0.001 Start 1 flgs=e    f sbytes=1596"], also=ALSO),
    Case("twice the same", [(0, FIRST), (0.001, SECOND), (0.002, SECOND), (0.003, LAST)],
         ["17 A:1000 -> B:2000 4/0 0-0.003 Start 1 flgs=e    F sbytes=4624"],
         also=ALSO),
    Case("two datagrams of one flow",
         [(0, FIRST), (0.1, SECOND), (0.2, LAST), (1, AGAIN[0]), (1.1, AGAIN[1]), (1.2, AGAIN[2])],
         ["17 A:1000 -> B:2000 6/0 0-1.2 Start 1 flgs=e    F sbytes=6220"], also=ALSO),
    Case("two datagrams at once, of which a later fragment comes first of all",
         [(0, AGAIN[1]), (0.1, FIRST), (0.2, AGAIN[0]), (0.3, SECOND), (0.4, LAST),
          (0.5, AGAIN[2])],
         ["17 A:1000 -> B:2000 6/0 0-0.5 Start 1 flgs=e    F sbytes=6220"],
         original=["17 A:1000 -> B:2000 6/0 0.1-0.5 Start 1 flgs=e    F sbytes=6220"], also=ALSO),
    Case("a connection that is turned round between the fragments of its answer",
         [(0, SYNACK_8), (0.1, ab(tcp(1000, 80, "S"))), (0.2, SYNACK_REST)],
         ["6 A:1000 -> B:80 1/2 0-0.2 Start 1 flgs=e    F sbytes=54"],
         compat=["6 B:80 -> A:1000 2/1 0-0.2 Start 1 flgs=e d  F sbytes=124"], also=ALSO),
    Case("the second one comes after the record",
         merged([(0, FIRST), (6, SECOND)], other_traffic(8)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 flgs=e    F sbytes=1514",
          "17 A:7 -> B:7 10/0 0.01-4.51 Start 2 flgs=e sbytes=420",
          "17 A:7 -> B:7 6/0 5.01-7.51 Status 2 flgs=e sbytes=252",
          "17 A:1000 -> B:2000 1/0 6-6 Status 1 flgs=e    F sbytes=1514"],
         original=["17 A:1000 -> B:2000 1/0 0-0 Start 1 flgs=e    F sbytes=1514",
                   "17 A:7 -> B:7 10/0 0.01-4.51 Start 2 flgs=e sbytes=420",
                   "17 A:7 -> B:7 6/0 5.01-7.51 Status 2 flgs=e sbytes=252",
                   "17 A:0 -> B:0 1/0 6-6 Start 3 flgs=e    f sbytes=1514"], also=ALSO),
    Case("orphans are reported however late they come",
         merged([(0, SECOND), (9, SECOND), (12, SECOND), (20, LAST)], other_traffic(80)),
         ["17 A:0 -> B:0 1/0 0-0 Start 1 flgs=e    f sbytes=1514",
          "17 A:0 -> B:0 2/0 9-12 Status 1 flgs=e    f sbytes=3028",
          "17 A:0 -> B:0 1/0 20-20 Status 1 flgs=e    f sbytes=82"],
         original=["17 A:0 -> B:0 1/0 0-0 Start 1 flgs=e    f sbytes=1514"],
         also=ALSO, ra=["-", "not", "port", "7"]),
    Case("a first fragment of TCP with eight bytes", [(0, TCP_8), (0.1, TCP_REST)],
         ["6 A:0 -> B:0 2/0 0-0.1 Start 1 flgs=e    F sbytes=108"], also=ALSO),
    Case("application bytes are those of the first fragment",
         [(0, FIRST), (0.001, SECOND), (0.002, LAST)],
         ["17 A:1000 -> B:2000 3/0 0-0.002 Start 1 sbytes=3110 sappbytes=1472"], options=["-A"],
         also=["sbytes", "sappbytes"]),
    Case("IPv6", [(0, HEAD6), (0.1, TAIL6)],
         ["17 A:1000 -> B:2000 2/0 0-0.1 Start 1 flgs=e    F sbytes=2132"],
         compat=["17 A:1000 -> B:2000 1/0 0-0 Start 1 flgs=e    F sbytes=1510",
                 "17 A:2304 -> B:0 1/0 0.1-0.1 Start 2 flgs=e    f sbytes=622"],
         original=["17 A:1000 -> B:2000 1/0 0-0 Start 1 flgs=e sbytes=1510",
                   "17 A:0 -> B:2304 1/0 0.1-0.1 Start 2 flgs=e    f sbytes=622"], also=ALSO),
    Case("IPv6, the first one comes last", [(0, TAIL6), (0.1, HEAD6)],
         ["17 A:1000 -> B:2000 2/0 0-0.1 Start 1 flgs=e    F sbytes=2132"],
         compat=["17 A:2304 -> B:0 1/0 0-0 Start 1 flgs=e    f sbytes=622",
                 "17 A:1000 -> B:2000 1/0 0.1-0.1 Start 2 flgs=e    F sbytes=1510"],
         original=["17 A:0 -> B:2304 1/0 0-0 Start 1 flgs=e    f sbytes=622",
                   "17 A:1000 -> B:2000 1/0 0.1-0.1 Start 2 flgs=e sbytes=1510"], also=ALSO),
    Case("IPv6, a whole datagram with a fragment header", [(0, WHOLE6)],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 flgs=e sbytes=90"], also=ALSO),
]
