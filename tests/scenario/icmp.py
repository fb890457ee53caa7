# SPDX-License-Identifier: Apache-2.0
"""ICMP errors: a flow of their own, and a remark in the record of the flow that they are about."""
from lib.packets import ICMP6, icmp, icmp_error, raw, tcp, udp

from case import Case, ab, ab6, ba, ba6, between, between6

ra_, ra6 = between("R", "A"), between6("R", "A")
QUESTION = ab(udp(1000, 53, b"\0\7"))
OTHER = ab(udp(1000, 9, b"x"))
LATER_FRAGMENT = ab(raw(17, bytes(64)), ident=7, offset=1480)
ALSO = ["flgs", "inode"]

CASES = [
    Case("port unreachable marks the flow and moves its end",
         [(0, OTHER), (0.1, ba(icmp_error(3, 3, OTHER)))],
         ["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=eU inode=B",
          "1 B:0x0303 -> A:0x0900 1/0 0.1-0.1 Start 2 flgs=e inode="], also=ALSO),
    Case("an error about DNS that quotes the DNS id",
         [(0, QUESTION), (0.1, ba(icmp_error(3, 3, QUESTION, keep=10)))],
         ["17 A:1000 -> B:53 1/0 0-0.1 Start 1 flgs=eU inode=B",
          "1 B:0x0303 -> A:0x3500 1/0 0.1-0.1 Start 2 flgs=e inode="], also=ALSO),
    Case("an error about DNS that does not",
         [(0, QUESTION), (0.1, ba(icmp_error(3, 3, QUESTION)))],
         ["17 A:1000 -> B:53 1/0 0-0 Start 1 flgs=e inode=",
          "1 B:0x0303 -> A:0x3500 1/0 0.1-0.1 Start 2 flgs=e inode="], also=ALSO),
    Case("time exceeded, by a router", [(0, OTHER), (0.1, ra_(icmp_error(11, 0, OTHER)))],
         ["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=eT inode=R",
          "1 R:0x000b -> A:0x0000 1/0 0.1-0.1 Start 2 flgs=e inode="],
         also=ALSO),
    Case("redirect", [(0, OTHER), (0.1, ra_(icmp_error(5, 1, OTHER)))],
         ["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=eR inode=R",
          "1 R:0x0105 -> A:0x0a00 1/0 0.1-0.1 Start 2 flgs=e inode="], also=ALSO),
    Case("only the error", [(0, ba(icmp_error(3, 3, OTHER)))],
         ["1 B:0x0303 -> A:0x0900 1/0 0-0 Start 1 flgs=e inode="], also=ALSO),
    Case("a repeated error replaces the first",
         [(0, OTHER), (0.1, ra_(icmp_error(3, 1, OTHER))), (0.2, ba(icmp_error(3, 3, OTHER)))],
         ["17 A:1000 -> B:9 1/0 0-0.2 Start 1 flgs=eU inode=B",
          "1 R:0x0103 -> A:0x0a00 1/0 0.1-0.1 Start 2 flgs=e inode=",
          "1 B:0x0303 -> A:0x0900 1/0 0.2-0.2 Start 3 flgs=e inode="],
         also=ALSO),
    Case("an error about a flow of the other direction",
         [(0, OTHER), (0.1, ba(udp(9, 1000))), (0.2, ra_(icmp_error(3, 1, ba(udp(9, 1000)))))],
         ["17 A:1000 <-> B:9 1/1 0-0.2 Start 1 flgs=eU inode=R",
          "1 R:0x0103 -> A:0x0a00 1/0 0.2-0.2 Start 2 flgs=e inode="],
         also=ALSO),
    Case("source quench has no letter", [(0, OTHER), (0.1, ba(icmp_error(4, 0, OTHER)))],
         ["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=e inode=B",
          "1 B:0x0004 -> A:0x0000 1/0 0.1-0.1 Start 2 flgs=e inode="],
         original=["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=e inode=",
                   "1 B:0x0004 -> A:0x0000 1/0 0.1-0.1 Start 2 flgs=e inode="],
         also=ALSO),
    Case("fragmentation needed, of a TCP connection",
         [(0, ab(tcp(1000, 80, "S"))), (1, ra_(icmp_error(3, 4, ab(tcp(1000, 80, "S")), 1400)))],
         ["6 A:1000 -> B:80 1/0 0-1 Start 1 flgs=eU inode=R",
          "1 R:0x0403 -> A:0x0000 1/0 1-1 Start 2 flgs=e inode="], also=ALSO),
    Case("an error about a later fragment is counted",
         [(0, ba(icmp_error(11, 1, LATER_FRAGMENT)))],
         ["1 B:0x010b -> A:0x0000 1/0 0-0 Start 1 flgs=e inode="], original=[], also=ALSO),
    Case("an error that quotes too little", [(0, ba(icmp(3, 3, data=bytes(12))))],
         ["1 B:0x0303 -> A:0x0000 1/0 0-0 Start 1 flgs=e inode="], also=ALSO),
    Case("errors of the same kind about other ports are other flows",
         [(0, ba(icmp_error(3, 3, ab(udp(1000, 9))))),
          (1, ba(icmp_error(3, 3, ab(udp(1000, 10)))))],
         ["1 B:0x0303 -> A:0x0900 1/0 0-0 Start 1 flgs=e inode=",
          "1 B:0x0303 -> A:0x0a00 1/0 1-1 Start 2 flgs=e inode="], also=ALSO),
    Case("IPv6 port unreachable",
         [(0, ab6(udp(1000, 9, b"x"))),
          (0.1, ba6(icmp(1, 4, data=ab6(udp(1000, 9, b"x")), protocol=ICMP6)))],
         ["17 A:1000 -> B:9 1/0 0-0.1 Start 1 flgs=eU inode=",
          "58 B:1 -> A:4 1/0 0.1-0.1 Start 2 flgs=e inode="],
         compat=["17 A:1000 -> B:9 1/0 0-0 Start 1 flgs=e inode=",
                 "58 B:1 -> A:4 1/0 0.1-0.1 Start 2 flgs=e inode="],
         also=ALSO),
]
