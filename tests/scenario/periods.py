# SPDX-License-Identifier: Apache-2.0
"""When records are written: the status interval, idle memory, the order of records."""
from lib.packets import ETHER_ARP, arp, echo, ether, raw, tcp, udp

from case import Case, ab, ba

FLOW = ab(udp(1000, 2000))


def at(*moments, frame=FLOW):
    return [(moment, frame) for moment in moments]


def flow(number, *moments):
    return at(*moments, frame=ab(udp(number, 9)))


def merged(*parts):
    return sorted((pair for part in parts for pair in part), key=lambda pair: pair[0])


def ticking(until, step=0.5, first=0.25):
    """Traffic of another flow, so that time goes on."""
    count = int((until - first) / step) + 1
    return [(first + i * step, ab(udp(7, 7))) for i in range(count)]


def interval(seconds):
    return ["-S", str(seconds)]


def idle(name, frame, last, first, who):
    """Two cases: a gap after which the flow goes on, and one after which it is a new one."""
    def case(verb, gap, how):
        return Case(f"{name} is {verb} {gap} s", merged([(0, frame), (gap, frame)], ticking(gap)),
                    [f"{who} 1/0 0-0 Start 1", f"{who} 1/0 {gap}-{gap} {how}"],
                    ra=["-", "not", "port", "7"])
    return [case("remembered for", last, "Status 1"), case("forgotten after", first, "Start 3")]


REPLY = ba(echo(0, 5))
TICKS = [(0, ab(echo(8, 5)))]

CASES = [
    Case("every second, S 5", at(*range(13)),
         ["17 A:1000 -> B:2000 5/0 0-4 Start 1",
          "17 A:1000 -> B:2000 5/0 5-9 Status 1",
          "17 A:1000 -> B:2000 3/0 10-12 Status 1"]),
    Case("every second, S 3", at(*range(13)),
         ["17 A:1000 -> B:2000 3/0 0-2 Start 1",
          "17 A:1000 -> B:2000 3/0 3-5 Status 1",
          "17 A:1000 -> B:2000 3/0 6-8 Status 1",
          "17 A:1000 -> B:2000 3/0 9-11 Status 1",
          "17 A:1000 -> B:2000 1/0 12-12 Status 1"], options=interval(3)),
    Case("S 5 with gaps", at(0, 4.9, 5.1, 9.8, 10.2),
         ["17 A:1000 -> B:2000 2/0 0-4.9 Start 1",
          "17 A:1000 -> B:2000 2/0 5.1-9.8 Status 1",
          "17 A:1000 -> B:2000 1/0 10.2-10.2 Status 1"]),
    Case("S 5 with more gaps", at(0, 3, 7, 11.9, 12.1),
         ["17 A:1000 -> B:2000 2/0 0-3 Start 1",
          "17 A:1000 -> B:2000 2/0 7-11.9 Status 1",
          "17 A:1000 -> B:2000 1/0 12.1-12.1 Status 1"]),
    Case("S 0 makes each packet a record", at(0, 0.5, 1),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 -> B:2000 1/0 0.5-0.5 Status 1",
          "17 A:1000 -> B:2000 1/0 1-1 Status 1"], options=interval(0)),
    Case("S 0.5", at(0, 0.4, 0.6, 1.2, 1.3),
         ["17 A:1000 -> B:2000 2/0 0-0.4 Start 1",
          "17 A:1000 -> B:2000 1/0 0.6-0.6 Status 1",
          "17 A:1000 -> B:2000 2/0 1.2-1.3 Status 1"],
         original=["17 A:1000 -> B:2000 2/0 0-0.4 Start 1",
                   "17 A:1000 -> B:2000 1/0 0.6-0.6 Status 1",
                   "17 A:1000 -> B:2000 2/0 1.2-1.3 Shutdown 1"], options=interval(0.5)),
    Case("S 2.5, the end of the file within the fraction", at(0, 1, 2.6, 2.8),
         ["17 A:1000 -> B:2000 2/0 0-1 Start 1",
          "17 A:1000 -> B:2000 2/0 2.6-2.8 Status 1"],
         original=["17 A:1000 -> B:2000 2/0 0-1 Start 1",
                   "17 A:1000 -> B:2000 2/0 2.6-2.8 Shutdown 1"],
         options=interval(2.5)),
    Case("a long silence of the only flow does not end it", at(0, 1, 100, 101),
         ["17 A:1000 -> B:2000 2/0 0-1 Start 1",
          "17 A:1000 -> B:2000 2/0 100-101 Status 1"]),
    Case("exactly the interval begins a new period", at(0, 5),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 -> B:2000 1/0 5-5 Status 1"]),
    Case("just below the interval does not", at(0, 4.999999),
         ["17 A:1000 -> B:2000 2/0 0-4.999999 Start 1"]),
    *idle("UDP", FLOW, 35, 36, "17 A:1000 -> B:2000"),
    *idle("an IP protocol", ab(raw(99, bytes(20))), 35, 36, "99 A -> B"),
    *idle("an open TCP connection", ab(tcp(1000, 80, "S")), 65, 66, "6 A:1000 -> B:80"),
    *idle("a reset TCP connection", ab(tcp(1000, 80, "R")), 65, 66, "6 A:1000 ?> B:80"),
    *idle("ICMP", ab(echo(8, 5)), 10, 10.6, "1 A:0x0008 -> B:0x0500"),
    *idle("ARP", ether(arp(1, "10.0.0.1", "10.0.0.2"), ethertype=ETHER_ARP), 10, 11,
          "2054 A who B"),
    *idle("Ethernet", ether(bytes(50), ethertype=0x9000), 35, 36, "36864 a:0 -> b:0"),
    Case("ticks keep to their grid, not due",
         merged(TICKS, at(4.8, 5.3, 10.25, 10.448), [(10.449, REPLY)]),
         ["1 A:0x0008 -> B:0x0500 1/0 0-0 Start 1",
          "17 A:1000 -> B:2000 2/0 4.8-5.3 Start 2",
          "17 A:1000 -> B:2000 2/0 10.25-10.448 Status 2",
          "1 A:0x0008 <- B:0x0500 0/1 10.449-10.449 Status 1"]),
    Case("ticks keep to their grid, due",
         merged(TICKS, at(4.8, 5.3, 10.25, 10.45), [(10.451, REPLY)]),
         ["1 A:0x0008 -> B:0x0500 1/0 0-0 Start 1",
          "17 A:1000 -> B:2000 2/0 4.8-5.3 Start 2",
          "17 A:1000 -> B:2000 2/0 10.25-10.45 Status 2",
          "1 A:0x0000 <- B:0x0500 0/1 10.451-10.451 Start 3"]),
    Case("order: by the start of the period, S 60",
         merged(flow(1, 0, 3), flow(2, 1, 6), flow(3, 2), flow(4, 4)),
         ["17 A:1 -> B:9 2/0 0-3 Start 1",
          "17 A:2 -> B:9 2/0 1-6 Start 2",
          "17 A:3 -> B:9 1/0 2-2 Start 3",
          "17 A:4 -> B:9 1/0 4-4 Start 4"], options=interval(60)),
    Case("order: by the start of the period, S 5",
         merged(flow(1, 0, 3), flow(2, 1, 6), flow(3, 2, 6.5), flow(4, 4)),
         ["17 A:1 -> B:9 2/0 0-3 Start 1",
          "17 A:2 -> B:9 1/0 1-1 Start 2",
          "17 A:3 -> B:9 2/0 2-6.5 Start 3",
          "17 A:4 -> B:9 1/0 4-4 Start 4",
          "17 A:2 -> B:9 1/0 6-6 Status 2"]),
    Case("a finished connection is written at its interval",
         merged([(0, ab(tcp(1, 2, "S"))), (0.1, ba(tcp(2, 1, "RA", 0, 2)))], at(1, 4, 6, 11)),
         ["6 A:1 -> B:2 1/1 0-0.1 Start 1",
          "17 A:1000 -> B:2000 2/0 1-4 Start 2",
          "17 A:1000 -> B:2000 1/0 6-6 Status 2",
          "17 A:1000 -> B:2000 1/0 11-11 Status 2"]),
    Case("time runs backwards: 10, 8", at(10, 8),
         ["17 A:1000 -> B:2000 2/0 8-10 Start 1"]),
    Case("time runs backwards: 10, 11, 8, 12", at(10, 11, 8, 12),
         ["17 A:1000 -> B:2000 4/0 8-12 Start 1"],
         compat=["17 A:1000 -> B:2000 4/0 10-12 Start 1"]),
    Case("an old packet closes nothing", at(10, 4, 14),
         ["17 A:1000 -> B:2000 3/0 4-14 Start 1"],
         compat=["17 A:1000 -> B:2000 3/0 10-14 Start 1"]),
]
