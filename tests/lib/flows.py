# SPDX-License-Identifier: Apache-2.0
"""Flow records added up by conversation, to compare two accounts of the same packets."""

import re

KEY_FIELDS = ["proto", "saddr", "sport", "daddr", "dport"]
COUNTERS = ["spkts", "dpkts", "sbytes", "dbytes"]
FIELDS = KEY_FIELDS + COUNTERS
ICMP = ("1", "58")
MAC = re.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}")


def conversation(row):
    """The key of a row whichever side is its source, and True if the row stands the other way."""
    proto, source, target = row["proto"], row["saddr"], row["daddr"]
    if proto == "isis":  # 3.0.8 leaves old memory in what is printed as ports
        row = {**row, "sport": "", "dport": ""}
    if proto in ICMP:  # the "ports" are type, code and id of the message: they belong together
        turned = source > target
        about = (row["sport"], row["dport"])
        return (proto, *sorted((source, target)), *about), turned
    ends = (source, row["sport"]), (target, row["dport"])
    return (proto, *min(ends), *max(ends)), ends[0] > ends[1]


def add_up(rows):
    """Counters by conversation: key to [packets, packets back, bytes, bytes back]."""
    total = {}
    for row in rows:
        key, turned = conversation(row)
        values = [int(row[name] or 0) for name in COUNTERS]
        # Of Ethernet flows 3.0.8 does not tell reliably who was the source: biggest first.
        if MAC.fullmatch(row["saddr"]):
            turned = (values[0], values[2]) < (values[1], values[3])
        if turned:
            values = [values[1], values[0], values[3], values[2]]
        sums = total.setdefault(key, [0, 0, 0, 0])
        for i, value in enumerate(values):
            sums[i] += value
    return total


def differences(one, other):
    """Keys whose counters differ, or that only one of the two has."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))


def packets(rows):
    return sum(int(row["spkts"] or 0) + int(row["dpkts"] or 0) for row in rows)
