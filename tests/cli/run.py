#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines: what our programs print, and how they end.

    tests/cli/run.py [--accept] [words of the names of cases]

A case is a folder PROGRAM/CASE with a file `cmd`: shell lines, run in a scratch folder, with our
programs in the path and $RECORDS leading to record files made by standard_records. What comes out
must be equal to `expect.out` and `expect.err` (no such file: nothing comes out; `.glob` behind the
name: line by line a pattern) and the status to `expect.code` (no such file: 0). A file `stdin` is
fed in. --accept writes down what came as what is expected; look at the difference before it is
committed.

Standard cases, which every program must pass, are in standard.py.
"""
import fnmatch
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib import records  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, SANITIZER, TIMEOUT, require  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

import standard  # noqa: E402

ACCEPT = "--accept" in sys.argv


def standard_records(folder):
    """The record files that cases read."""
    mixed = records.mixed()
    whole = records.file_of(mixed)
    files = {
        "mixed.argus": whole,
        "mixed.argus.gz": gzip.compress(whole, mtime=0),
        "first.argus": records.file_of(mixed[:4]),
        "second.argus": records.file_of(mixed[4:]),
        "heads.argus": records.file_of([]),
        "cut.argus": whole[:-160],  # the last management record, and a part of the last flow
        "local.argus": records.file_of([records.flow("127.0.0.1", "127.0.0.1", 6, 4000, 80)]),
        "labels.argus": records.file_of(
            [records.flow("10.0.0.1", f"10.0.1.{host}", 17, 4000, 53, label="l" * (990 + host))
             for host in range(1, 26)]),
        "scanners.argus": records.file_of(records.scanners()),
        "events.argus": records.file_of(records.events()),
        "scan.argus": records.file_of(records.scan()),
        "all.txt": b"0.0.0.0/0\n::/0\n",
        "empty": b"",
        "text": b"this is no argus data, whatever the name says\n" * 8,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


def run(command, folder, stdin=None):
    """Status, output and errors of shell lines, as texts."""
    environment = {**os.environ, **NO_RC_FILES, "LC_ALL": "C", "TZ": "UTC",
                   "RECORDS": "../records", "PATH": f"{BIN}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        done = subprocess.run(["/bin/sh", "-c", command], input=stdin or b"", cwd=scratch,
                              env=environment, capture_output=True, timeout=TIMEOUT, check=False)
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    if done.returncode < 0 or done.returncode > 128 or SANITIZER.search(err):
        raise AssertionError(f"crashed, status {done.returncode}\n{err}")
    return f"{done.returncode}\n", out, err


def compare(case, name, got):
    """Holds a text against its file of expectations, or writes that file."""
    exact, glob = case / f"expect.{name}", case / f"expect.{name}.glob"
    default = "0\n" if name == "code" else ""
    if glob.exists():
        patterns, lines = glob.read_text().splitlines(), got.splitlines()
        if len(patterns) != len(lines) or not all(map(fnmatch.fnmatchcase, lines, patterns)):
            equal(lines, patterns, f"{name} (patterns)")
    elif not ACCEPT:
        equal(got, exact.read_bytes().decode() if exact.exists() else default, name)
    elif got != default:
        exact.write_bytes(got.encode())  # as it came: ends of lines are looked at, too
    elif exact.exists():
        exact.unlink()


def run_case(case, folder):
    stdin = case / "stdin"
    results = run((case / "cmd").read_text(), folder,
                  stdin.read_bytes() if stdin.exists() else None)
    failures = []
    for name, got in zip(("code", "out", "err"), results):
        try:
            compare(case, name, got)
        except AssertionError as failure:
            failures.append(str(failure))
    if failures:
        raise AssertionError("\n".join(failures))


def main():
    require("ra")
    sys.argv = [word for word in sys.argv if word != "--accept"]
    cases = Cases("command lines")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "records").mkdir()
        standard_records(folder / "records")
        for cmd in sorted(HERE.glob("*/*/cmd")):
            cases.add_call(f"{cmd.parts[-3]} {cmd.parts[-2]}", run_case, cmd.parent, folder)
        for name, function, arguments in standard.cases(lambda line: run(line, folder)):
            cases.add_call(name, function, *arguments)
        cases.run()


if __name__ == "__main__":
    main()
