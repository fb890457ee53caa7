# SPDX-License-Identifier: Apache-2.0
"""TCP: what a record says of the state of a connection."""
from lib.packets import tcp, udp

from case import Case, ab, ba


def c(flags, seq=1, ack=0, data=0, **more):
    """A segment of the client."""
    return ab(tcp(1000, 80, flags, seq, ack, data, **more))


def s(flags, seq=501, ack=0, data=0, **more):
    """A segment of the server."""
    return ba(tcp(80, 1000, flags, seq, ack, data, **more))


HANDSHAKE = [(0, c("S", 1)), (0.1, s("SA", 501, 2)), (0.15, c("A", 2, 502))]
EXCHANGE = [(0.2, c("PA", 2, 502, 100)), (0.3, s("PA", 502, 102, 200)), (0.4, c("A", 102, 702))]
CLOSE = [(0.5, c("FA", 102, 702)), (0.6, s("FA", 702, 103)), (0.7, c("A", 103, 703))]
WHOLE = HANDSHAKE + EXCHANGE + CLOSE
ALSO = ["state", "synack", "ackdat"]
FLAGS = ["-Z", "b"]
BITS = ["-z"]


def later(packets, seconds):
    return [(time + seconds, frame) for time, frame in packets]


def first(name, flags, want):
    return Case(f"first packet {name}", [(0, c(flags, 10, 20, 5))], want,
                also=["state", "stcpb", "flgs"], ra=BITS)


CASES = [
    Case("SYN", HANDSHAKE[:1],
         ["6 A:1000 -> B:80 1/0 0-0 Start 1 state=s synack=0 ackdat=0"], also=ALSO, ra=BITS),
    Case("SYN, SYN+ACK", HANDSHAKE[:2],
         ["6 A:1000 -> B:80 1/1 0-0.1 Start 1 state=sS synack=0.1 ackdat=0"], also=ALSO, ra=BITS),
    Case("handshake", HANDSHAKE,
         ["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sSE synack=0.1 ackdat=0.05"],
         also=ALSO, ra=BITS),
    Case("data", HANDSHAKE + EXCHANGE,
         ["6 A:1000 -> B:80 4/2 0-0.4 Start 1 state=sSE synack=0.1 ackdat=0.05"],
         also=ALSO, ra=BITS),
    Case("whole connection", WHOLE,
         ["6 A:1000 -> B:80 6/3 0-0.7 Start 1 state=sSEfF synack=0.1 ackdat=0.05"],
         also=ALSO, ra=BITS),
    Case("whole connection, all flags of either side", WHOLE,
         ["6 A:1000 -> B:80 6/3 0-0.7 Start 1 state=FSPA_FSPA synack=0.1 ackdat=0.05"],
         also=ALSO, ra=FLAGS),
    Case("refused", [(0, c("S", 1)), (0.1, s("RA", 0, 2))],
         ["6 A:1000 -> B:80 1/1 0-0.1 Start 1 state=sR synack=0 ackdat=0"], also=ALSO, ra=BITS),
    Case("reset in the middle", HANDSHAKE + [(1, s("R", 502))],
         ["6 A:1000 -> B:80 2/2 0-1 Start 1 state=sSER synack=0.1 ackdat=0.05"],
         also=ALSO, ra=BITS),
    Case("a FIN that nobody acknowledges", HANDSHAKE + [(1, c("FA", 2, 502))],
         ["6 A:1000 -> B:80 3/1 0-1 Start 1 state=sSEf synack=0.1 ackdat=0.05"], also=ALSO,
         ra=BITS),
    Case("reset after the close", WHOLE + [(1, c("R", 103))],
         ["6 A:1000 -> B:80 7/3 0-1 Start 1 state=sSEfFR synack=0.1 ackdat=0.05"],
         also=ALSO, ra=BITS),
    Case("a SYN sent three times",
         [(0, c("S", 1)), (1, c("S", 1)), (3, c("S", 1)), (3.1, s("SA", 501, 2)),
          (3.2, c("A", 2, 502))],
         ["6 A:1000 -> B:80 4/1 0-3.2 Start 1 state=sSE synack=0.1 ackdat=0.1 sloss=2"],
         also=ALSO + ["sloss"], ra=BITS),
    Case("SYN+ACK with ECE, as ECN wants it",
         [(0, c("SEC", 1)), (0.1, s("SAE", 501, 2)), (0.15, c("A", 2, 502))],
         ["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sSE synack=0.1 ackdat=0.05"],
         compat=["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sE synack=0 ackdat=0"], also=ALSO,
         ra=BITS),
    Case("SYN+ACK with PSH", [(0, c("S", 1)), (0.1, s("SAP", 501, 2)), (0.15, c("A", 2, 502))],
         ["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sSE synack=0.1 ackdat=0.05"],
         compat=["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sE synack=0 ackdat=0"],
         also=ALSO, ra=BITS),
    Case("data in the SYN",
         [(0, c("S", 1, 0, 50)), (0.1, s("SA", 501, 52)), (0.15, c("A", 52, 502))],
         ["6 A:1000 -> B:80 2/1 0-0.15 Start 1 state=sSE synack=0 ackdat=0"], also=ALSO,
         ra=BITS),
    Case("from the middle", EXCHANGE,
         ["6 A:1000 <?> B:80 2/1 0.2-0.4 Start 1 state=E synack=0 ackdat=0"], also=ALSO, ra=BITS),
    Case("only the answers", [EXCHANGE[1], CLOSE[1]],
         ["6 B:80 ?> A:1000 2/0 0.3-0.6 Start 1 state=Ef synack=0 ackdat=0"], also=ALSO, ra=BITS),
    first("A", "A",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("PA", "PA",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("F", "F",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=f stcpb=9 flgs=e"]),
    first("FA", "FA",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=f stcpb=9 flgs=e"]),
    first("FPA", "FPA",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("R", "R",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=R stcpb=9 flgs=e"]),
    first("RA", "RA",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=R stcpb=9 flgs=e"]),
    first("SF", "SF",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("SP", "SP",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("SPA", "SPA",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("without flags", "",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("P", "P",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("U", "U",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("PU", "PU",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("FU", "FU",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("SAU", "SAU",
         ["6 A:1000 ?> B:80 1/0 0-0 Start 1 state=E stcpb=9 flgs=e"]),
    first("SE", "SE",
         ["6 A:1000 -> B:80 1/0 0-0 Start 1 state=s stcpb=10 flgs=e"]),
    first("SEC", "SEC",
         ["6 A:1000 -> B:80 1/0 0-0 Start 1 state=s stcpb=10 flgs=e"]),
    Case("a handshake over three records",
         [(0, c("S", 1)), (6, s("SA", 501, 2)), (12, c("A", 2, 502)), (18, c("A", 2, 502))],
         ["6 A:1000 -> B:80 1/0 0-0 Start 1 state=REQ synack=0 ackdat=0",
          "6 A:1000 -> B:80 0/1 6-6 Status 1 state=ACC synack=6 ackdat=0",
          "6 A:1000 -> B:80 1/0 12-12 Status 1 state=CON synack=6 ackdat=6",
          "6 A:1000 -> B:80 1/0 18-18 Status 1 state=CON synack=6 ackdat=6"],
         also=ALSO),
    Case("what a new record forgets",
         HANDSHAKE + [(1, c("PA", 2, 502, 100)), (2, c("PA", 2, 502, 100)),
                      (7, s("A", 502, 102)), (13, c("PA", 102, 502, 10))],
         ["6 A:1000 -> B:80 4/1 0-2 Start 1 state=SPA_SA sloss=1 flgs=e s stcpb=1",
          "6 A:1000 -> B:80 0/1 7-7 Status 1 state=_A sloss=0 flgs=e stcpb=102",
          "6 A:1000 -> B:80 1/0 13-13 Status 1 state=PA_ sloss=0 flgs=e stcpb=102"],
         also=["state", "sloss", "flgs", "stcpb"], ra=FLAGS),
    Case("ports used again after a FIN each: one record", WHOLE + later(WHOLE, 1),
         ["6 A:1000 -> B:80 12/6 0-1.7 Start 1 state=sSEfF flgs=e *"],
         also=["state", "flgs"], ra=BITS),
    Case("ports used again after a reset: a new record",
         HANDSHAKE + [(0.5, s("R", 502))] + later(HANDSHAKE, 1),
         ["6 A:1000 -> B:80 2/2 0-0.5 Stop 1 state=sSER stcpb=1",
          "6 A:1000 -> B:80 2/1 1-1.15 Start 1 state=sSE stcpb=1"],
         compat=["6 A:1000 -> B:80 2/2 0-1 Stop 1 state=sSER stcpb=1",
                 "6 A:1000 -> B:80 2/1 1-1.15 Start 1 state=sSE stcpb=1"], also=["state", "stcpb"],
         ra=BITS),
    Case("ports used again after one FIN",
         HANDSHAKE + [(0.5, c("FA", 2, 502))] + later(HANDSHAKE, 1),
         ["6 A:1000 -> B:80 3/1 0-0.5 Stop 1 state=sSEf stcpb=1",
          "6 A:1000 -> B:80 2/1 1-1.15 Start 1 state=sSE stcpb=1"],
         compat=["6 A:1000 -> B:80 3/1 0-1 Stop 1 state=sSEf stcpb=1",
                 "6 A:1000 -> B:80 2/1 1-1.15 Start 1 state=sSE stcpb=1"], also=["state", "stcpb"],
         ra=BITS),
    Case("ports used again after a refusal",
         [(0, c("S", 1)), (0.1, s("RA", 0, 2)), (1, c("S", 1000)), (1.1, s("RA", 0, 1001))],
         ["6 A:1000 -> B:80 2/2 0-1.1 Start 1 state=sR sloss=1"],
         also=["state", "sloss"], ra=BITS),
    Case("a SYN within the connection", HANDSHAKE + [(1, c("S", 900))],
         ["6 A:1000 -> B:80 3/1 0-1 Start 1 state=sSE sloss=1"],
         also=["state", "sloss"], ra=BITS),
    Case("a short capture has no TCP state", HANDSHAKE,
         ["6 A:1000 <-> B:80 2/1 0-0.15 Start 1 state="], also=["state"], ra=BITS, snap=40),
    Case("options seen",
         [(0, c("S", 1, options=bytes.fromhex("020405b40402080a00000001000000000103030701"))),
          (0.1, s("SA", 501, 2))],
         ["6 A:1000 -> B:80 1/1 0-0.1 Start 1 tcpopt=Mws   T swin=128000 dwin=1000"],
         also=["tcpopt", "swin", "dwin"]),
]
