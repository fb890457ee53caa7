#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of panoptes-filter(7): each command line runs, on records that are at hand."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import records  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, ROOT, require  # noqa: E402
from lib.tap import Cases  # noqa: E402

PAGE = ROOT / "man" / "panoptes-filter.7"
EXAMPLES_LEAST = 8


def examples():
    """Command lines of the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line[len(".Dl $ "):].replace("\\(dq", '"') for line in lines
            if line.startswith(".Dl $ ")]


def run(command, folder):
    environment = {**os.environ, **NO_RC_FILES, "PATH": f"{BIN}:{os.environ['PATH']}", "TZ": "UTC"}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, env=environment,
                          capture_output=True, text=True, timeout=60, check=False)
    # A filter that selects nothing ends with status 1, and is silent.
    warning = "bind equally" in done.stderr and " -v " in command
    assert done.returncode in (0, 1), done.stderr
    assert warning or not done.stderr, done.stderr


def main():
    require("ra")
    cases = Cases("examples of the manual")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        records.write(folder / "flows.argus", records.mixed())
        (folder / "list").write_text("10.1.0.0/16\n", encoding="utf-8")
        for command in examples():
            cases.add_call(command, run, command, folder)

        @cases.add("there are examples")
        def _():
            assert len(examples()) >= EXAMPLES_LEAST

        cases.run()


if __name__ == "__main__":
    main()
