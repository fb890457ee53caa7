# SPDX-License-Identifier: Apache-2.0
"""Printed cells in which `ra` of argus 3.0.8 is known to be wrong, so that ours differs.

Each rule gets our row and theirs (dicts by column) and says whether it explains the difference in
the column that it stands for.
"""

SIGNED_SECONDS = 2 ** 31  # 3.0.8 takes larger times for negative ones
SINGLE_PRECISION = 2 ** -23


def seconds(text):
    return float(text or 0)


def single_precision(ours, theirs):
    """Durations are computed in single precision."""
    one, other = seconds(ours["dur"]), seconds(theirs["dur"])
    return abs(one - other) <= one * SINGLE_PRECISION + 1e-6


def late_times(ours, _):
    """Times after January 2038, and the mark for no time at all."""
    return max(seconds(ours["stime"]), seconds(ours["ltime"])) >= SIGNED_SECONDS


def security_index(ours, theirs):
    """The upper half of ESP's SPI is overwritten by the lengths of the address masks; over IPv6,
    where the sensor of 3.0.8 writes no record, other bytes are shown."""
    if ours["proto"] == "esp" and ":" in ours["saddr"]:
        return True
    return ours["proto"] == "esp" and theirs["dport"].startswith("0x2020") and (
        int(ours["dport"], 16) & 0xFFFF == int(theirs["dport"], 16) & 0xFFFF)


def first_second(ours, theirs):
    """Times within the first second of 1970 count as unknown to 3.0.8."""
    return min(seconds(ours["stime"]), seconds(theirs["stime"])) < 1


def odd_fraction(ours, _):
    """A capture's microseconds above a million, which records carry on: ours stops at 999999."""
    return ours["stime"].endswith(".999999")


def turned_round(ours, theirs):
    """The letters of loss and window do not follow when 3.0.8 turns a flow round."""
    swapped = str.maketrans("sdirSDxt", "dsriDStx")
    return ours["flgs"][3:6] == theirs["flgs"][3:6].translate(swapped)


def lost_losses(ours, theirs):
    """3.0.8 prints no losses for some flows whose flags and blocks tell of them."""
    return ours["flgs"][3:4] in ("s", "d", "*") and theirs["sloss"] == theirs["dloss"] == "0"


def stale_state(ours, _):
    """Records without TCP state show what the record before them had."""
    return ours["flgs"][6:7] == "f" or ours["state"] in ("INT", "CON")


def odd_arp(ours, _):
    """ARP of odd address sizes is read at the wrong place, or byte-swapped."""
    return ours["proto"] == "arp"


RULES = {
    "stime": (late_times, first_second, odd_fraction),
    "ltime": (late_times, first_second, odd_fraction),
    "dur": (late_times, single_precision, first_second),
    "dport": (security_index,),
    "flgs": (turned_round,),
    "sloss": (lost_losses,),
    "dloss": (lost_losses,),
    "saddr": (odd_arp,),
    "daddr": (odd_arp,),
    "dir": (stale_state,),
    "state": (stale_state,),
    "swin": (stale_state,),
    "dtcpb": (stale_state,),
    "synack": (stale_state,),
    "ackdat": (stale_state,),
}


def is_known(column, ours, theirs):
    return any(rule(ours, theirs) for rule in RULES.get(column, ()))


def is_comparable(fields, line):
    """False for IS-IS, where 3.0.8 prints a comma too many."""
    return len(line.split(",")) == len(fields)
