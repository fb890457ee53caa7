# SPDX-License-Identifier: Apache-2.0
"""TCP: retransmissions, holes and order, from sequence numbers."""
from lib.packets import tcp

from case import Case, ab
from tcp_connections import HANDSHAKE, c, s

ALSO = ["sloss", "dloss", "sgap", "flgs"]


def connection(*packets):
    """A handshake, and then packets a tenth of a second apart."""
    return HANDSHAKE + [(1 + i / 10, packet) for i, packet in enumerate(packets)]


def seg(number, ident=1, **more):
    """The client's segment of that number, 100 bytes each."""
    return ab(tcp(1000, 80, "PA", 2 + 100 * (number - 1), 502, 100, **more), ident=ident)


def ack(number):
    """The server's acknowledgement of all segments up to that one."""
    return s("A", 502, 2 + 100 * number)


CASES = [
    Case("segments in order", connection(seg(1), ack(1), seg(2), ack(2)),
         ["6 A:1000 -> B:80 4/3 0-1.3 Start 1 sloss=0 dloss=0 sgap=0 flgs=e"], also=ALSO),
    Case("again after its acknowledgement", connection(seg(1), ack(1), seg(1)),
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("again before any acknowledgement", connection(seg(1, 5), seg(1, 5)),
         ["6 A:1000 -> B:80 4/1 0-1.1 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("again, with a newer IP id", connection(seg(1, 5), seg(1, 6)),
         ["6 A:1000 -> B:80 4/1 0-1.1 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("the first of three again", connection(seg(1), seg(2), seg(3), seg(1)),
         ["6 A:1000 -> B:80 6/1 0-1.3 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("the second of three again", connection(seg(1), seg(2), seg(3), seg(2)),
         ["6 A:1000 -> B:80 6/1 0-1.3 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("the last of three again", connection(seg(1), seg(2), seg(3), seg(3)),
         ["6 A:1000 -> B:80 6/1 0-1.3 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("a hole", connection(seg(1), seg(3), ack(3)),
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=0 dloss=0 sgap=100 flgs=e g"], also=ALSO),
    Case("a late segment, with a newer IP id", connection(seg(1, 256), seg(3, 768), seg(2, 1024)),
         ["6 A:1000 -> B:80 5/1 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e i"], also=ALSO),
    Case("a late segment, with its older IP id", connection(seg(1, 256), seg(3, 768), seg(2, 512)),
         ["6 A:1000 -> B:80 5/1 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e i"], also=ALSO),
    Case("a late segment, without IP ids", connection(seg(1, 0), seg(3, 0), seg(2, 0)),
         ["6 A:1000 -> B:80 5/1 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e i"],
         also=ALSO),
    Case("data into a closed window",
         connection(seg(1), s("A", 502, 102, win=0), seg(2), s("A", 502, 202, win=1000)),
         ["6 A:1000 -> B:80 4/3 0-1.3 Start 1 sloss=0 dloss=0 sgap=0 flgs=e  D"],
         also=ALSO),
    Case("a window probe",
         connection(seg(1), s("A", 502, 102, win=0), c("A", 102, 502, 1), s("A", 502, 102, win=0)),
         ["6 A:1000 -> B:80 4/3 0-1.3 Start 1 sloss=0 dloss=0 sgap=0 flgs=e  D"], also=ALSO),
    Case("keep-alive with a byte", connection(seg(1), ack(1), c("A", 101, 502, 1)),
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=1 dloss=0 sgap=0 flgs=e s"], also=ALSO),
    Case("keep-alive without", connection(seg(1), ack(1), c("A", 101, 502, 0)),
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e"], also=ALSO),
    Case("a FIN twice",
         connection(c("FA", 2, 502), c("FA", 2, 502), s("A", 502, 3)),
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e"], also=ALSO),
    Case("data of the server, twice",
         connection(s("PA", 502, 2, 100), c("A", 2, 602), s("PA", 502, 2, 100)),
         ["6 A:1000 -> B:80 3/3 0-1.2 Start 1 sloss=0 dloss=1 sgap=0 flgs=e d"], also=ALSO),
    Case("sequence numbers that wrap around",
         [(0, c("S", 0xFFFFFF9B)), (0.1, s("SA", 501, 0xFFFFFF9C)), (0.2, c("A", 0xFFFFFF9C, 502)),
          (1, c("PA", 0xFFFFFF9C, 502, 100)), (1.1, s("A", 502, 0)), (1.2, c("PA", 0, 502, 100)),
          (1.3, s("A", 502, 100)), (1.4, c("PA", 100, 502, 100))],
         ["6 A:1000 -> B:80 5/3 0-1.4 Start 1 sloss=0 dloss=0 sgap=0 flgs=e"], also=ALSO),
    Case("ECN marks", [(0, c("SEC", 1)), (0.1, s("SAE", 501, 2)), (0.2, c("A", 2, 502)),
                       (1, c("PA", 2, 502, 100)), (1.1, s("AE", 502, 102)),
                       (1.2, c("PAC", 102, 502, 100))],
         ["6 A:1000 -> B:80 4/2 0-1.2 Start 1 sloss=0 dloss=0 sgap=0 flgs=e   t"], also=ALSO),
]
