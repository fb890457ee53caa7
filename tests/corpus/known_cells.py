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


RULES = {
    "stime": (late_times,),
    "ltime": (late_times,),
    "dur": (late_times, single_precision),
    "dport": (security_index,),
}


def is_known(column, ours, theirs):
    return any(rule(ours, theirs) for rule in RULES.get(column, ()))


def is_comparable(fields, line):
    """False for IS-IS, where 3.0.8 prints a comma too many."""
    return len(line.split(",")) == len(fields)
