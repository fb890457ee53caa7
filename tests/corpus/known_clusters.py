# SPDX-License-Identifier: Apache-2.0
"""Why clusters of 3.0.8 may differ from ours: known_clusters.txt, and what it says."""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent


def is_rounding(theirs, ours):
    """Numbers that were rounded on the way, as binary32 are."""
    try:
        a, b = float(theirs), float(ours)
    except ValueError:
        return False
    return abs(a - b) <= 2e-6 * max(abs(a), abs(b)) + 2e-6


def wraps(theirs, ours):
    """Some 65536 are lost."""
    return int(ours) > int(theirs) and (int(ours) - int(theirs)) % 65536 == 0


CHECKS = {
    "any": lambda theirs, ours: True,
    "rounding": is_rounding,
    "wraps": wraps,
    "missing": lambda theirs, ours: theirs == "",
}


class Row:
    def __init__(self, line):
        models, fields, check, most, self.reason = (part.strip() for part in line.split(" | ", 4))
        self.models = re.compile(models)
        self.fields = set(fields.split())
        self.check = CHECKS[check]
        self.most = float(most)
        self.line = line

    def fits(self, model):
        return bool(self.models.fullmatch(model))

    def explains(self, field, theirs, ours):
        return field in self.fields and self.check(theirs, ours)


def rows():
    lines = (HERE / "known_clusters.txt").read_text(encoding="utf-8").splitlines()
    return [Row(line) for line in lines if line.strip() and not line.startswith("#")]
