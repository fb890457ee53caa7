#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the cases of one or more Meson test runs: `N passed, N failed, N skipped`.

    tools/count_tests.py BUILD_DIR...

A test program that reports its cases (TAP, or the lines of cmocka) counts by case, any other
counts once. A program that failed without naming a failed case counts as one failure.
"""
import json
import pathlib
import re
import sys

TAP_LINE = re.compile(r"^(not )?ok\b[^#\n]*(# *SKIP)?", re.MULTILINE | re.IGNORECASE)
CMOCKA = {
    "passed": r"^\[ +OK +\] \w+$",
    "failed": r"^\[ +FAILED +\] \w+$",
    "skipped": r"^\[ +SKIPPED +\] \w+$",
}
GOOD, SKIPPED = ("OK", "EXPECTEDFAIL"), ("SKIP",)


def count_tap(output):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for failed, skipped in TAP_LINE.findall(output):
        counts["failed" if failed else "skipped" if skipped else "passed"] += 1
    return counts


def count_cmocka(output):
    counts = {kind: len(re.findall(pattern, output, re.MULTILINE))
              for kind, pattern in CMOCKA.items()}
    # Cases that did not pass are listed twice: where they ran, and again in the summary.
    return {kind: count if kind == "passed" else (count + 1) // 2
            for kind, count in counts.items()}


def count_test(test):
    """Counts of one entry of testlog.json."""
    output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
    counts = count_tap(output)
    if not sum(counts.values()):
        counts = count_cmocka(output)
    bad = test["result"] not in GOOD + SKIPPED
    if test["result"] in SKIPPED and not counts["passed"]:
        counts["skipped"] = max(1, counts["skipped"])
    elif bad and not counts["failed"]:
        counts["failed"] = 1
    elif not sum(counts.values()):
        counts["passed"] = 1
    return counts


def main():
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for build in sys.argv[1:]:
        log = pathlib.Path(build) / "meson-logs" / "testlog.json"
        if not log.exists():  # it did not even build
            total["failed"] += 1
            continue
        for line in log.read_text(encoding="utf-8").splitlines():
            for kind, count in count_test(json.loads(line)).items():
                total[kind] += count
    print(", ".join(f"{count} {kind}" for kind, count in total.items()))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
