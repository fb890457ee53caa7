# SPDX-License-Identifier: Apache-2.0
"""Start and end of records, and of their two sides."""
from lib.packets import udp

from case import Case, ab, ba

OUT, BACK = ab(udp(1000, 2000)), ba(udp(2000, 1000))
OPENED = [(0, OUT)]
SIDES = ["sstime", "sltime", "dstime", "dltime"]
BOTH = ["--bidirectional-timestamps"]


def after(*packets):
    """Packets of a flow whose first record was written before."""
    return OPENED + list(packets)


CASES = [
    Case("a single packet", [(0.5, OUT)],
         ["17 A:1000 -> B:2000 1/0 0.5-0.5 Start 1"]),
    Case("one side only", [(0.25, OUT), (1.75, OUT)],
         ["17 A:1000 -> B:2000 2/0 0.25-1.75 Start 1"]),
    Case("both sides", [(0, OUT), (0.3, BACK), (0.6, OUT), (0.9, BACK)],
         ["17 A:1000 <-> B:2000 2/2 0-0.9 Start 1"]),
    Case("the other side begins a period", after((6.1, BACK), (6.5, OUT)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 <-> B:2000 1/1 6.1-6.5 Status 1"],
         compat=["17 A:1000 -> B:2000 1/0 0-0 Start 1",
                 "17 A:1000 <-> B:2000 1/1 6.5-6.5 Status 1"]),
    Case("the other side begins a period, two packets each",
         after((6.1, BACK), (6.2, BACK), (6.5, OUT), (6.6, OUT)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 <-> B:2000 2/2 6.1-6.6 Status 1"],
         compat=["17 A:1000 -> B:2000 1/0 0-0 Start 1",
                 "17 A:1000 <-> B:2000 2/2 6.5-6.6 Status 1"]),
    Case("the other side begins a period, a second before", after((6.1, BACK), (7.5, OUT)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 <-> B:2000 1/1 6.1-7.5 Status 1"]),
    Case("only the other side speaks in a period", after((6.1, BACK), (6.7, BACK)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1",
          "17 A:1000 <- B:2000 0/2 6.1-6.7 Status 1"]),
    Case("times of both sides", [(0, OUT), (0.3, BACK), (0.6, OUT), (0.9, BACK)],
         ["17 A:1000 <-> B:2000 2/2 0-0.9 Start 1 sstime=0 sltime=0.6 dstime=0.3 dltime=0.9"],
         options=BOTH, also=SIDES),
    Case("times of both sides, the other one begins a period",
         after((6.1, BACK), (6.2, BACK), (6.5, OUT), (6.6, OUT)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sstime=0 sltime=0 dstime=0 dltime=0",
          "17 A:1000 <-> B:2000 2/2 6.1-6.6 Status 1 sstime=6.5 sltime=6.6 dstime=6.1 dltime=6.2"],
         options=BOTH, also=SIDES),
    Case("times of both sides, one packet each", after((6.1, BACK), (6.5, OUT)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sstime=0 sltime=0 dstime=0 dltime=0",
          "17 A:1000 <-> B:2000 1/1 6.1-6.5 Status 1 sstime=6.5 sltime=6.5 dstime=6.1 dltime=6.1"],
         options=BOTH, also=SIDES),
    Case("times of both sides, one is silent", after((6.1, BACK), (6.7, BACK)),
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sstime=0 sltime=0 dstime=0 dltime=0",
          "17 A:1000 <- B:2000 0/2 6.1-6.7 Status 1 sstime=0 sltime=0 dstime=6.1 dltime=6.7"],
         options=BOTH, also=SIDES),
]
