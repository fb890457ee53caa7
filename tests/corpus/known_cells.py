# SPDX-License-Identifier: Apache-2.0
"""Printed cells in which `ra` of argus 3.0.8 is known to be wrong, so that ours differs.

Each rule gets the column, our row and theirs (dicts by column), and says whether it explains why
that cell differs.
"""

SIGNED_SECONDS = 2 ** 31  # 3.0.8 takes larger times for negative ones
SINGLE_PRECISION = 2 ** -23


def seconds(text):
    return float(text or 0)


def single_precision(column, ours, theirs):
    """Durations are computed in single precision."""
    one, other = seconds(ours[column]), seconds(theirs[column])
    return column == "dur" and abs(one - other) <= one * SINGLE_PRECISION + 1e-6


def late_times(column, ours, _):
    """Times after January 2038, and the mark for no time at all."""
    return column in ("stime", "ltime", "dur") and max(
        seconds(ours["stime"]), seconds(ours["ltime"])) >= SIGNED_SECONDS


def security_index(column, ours, theirs):
    """The upper half of ESP's SPI is overwritten by the lengths of the address masks."""
    return column == "dport" and ours["proto"] == "esp" and (
        theirs[column].startswith("0x2020") and int(ours[column], 16) & 0xFFFF ==
        int(theirs[column], 16) & 0xFFFF)


RULES = (single_precision, late_times, security_index)


def is_known(column, ours, theirs):
    return any(rule(column, ours, theirs) for rule in RULES)


def is_comparable(fields, line):
    """False for IS-IS, where 3.0.8 prints a comma too many."""
    return len(line.split(",")) == len(fields)
