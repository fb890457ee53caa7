#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual: mandoc(1), where it is installed, has nothing to warn of in any page, and each
command line of panoptes-filter(7) runs, on records that are at hand, as do the files of rules of
racluster.conf(5).
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import records  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, ROOT, require  # noqa: E402
from lib.tap import Cases, note  # noqa: E402

PAGE = ROOT / "man" / "panoptes-filter.7"
ORDER = "unusual Xr order"  # of other pages: as good as any
EXAMPLES_LEAST, PAGES_LEAST, RULES_LEAST = 8, 15, 4
RULES_PAGE = ROOT / "man" / "racluster.conf.5"


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


def rule_files():
    """What stands between .Bd and .Ed in the examples of the page."""
    text = RULES_PAGE.read_text(encoding="utf-8").split(".Sh EXAMPLES")[1].split(".Sh")[0]
    return [part.split("\n.Ed")[0] for part in text.split(".Bd -literal\n")[1:]]


def run_rules(text, folder):
    (folder / "rules").write_text(text, encoding="utf-8")
    run("racluster -f rules -r flows.argus", folder)


def pages():
    """All pages but those that stand for another one."""
    every = [*BIN.parent.glob("man/*.[1-8]"), *(ROOT / "man").glob("*.[1-8]")]
    return sorted(page for page in every if not page.read_text().startswith(".so "))


def lint(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page.name], cwd=page.parent,
                          capture_output=True, text=True, timeout=60, check=False)
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if ORDER not in line]
    assert not warnings, "\n".join(warnings)


def check_count(found, least):
    assert len(found) >= least, len(found)


def main():
    require("ra", "racluster")
    cases = Cases("the manual")
    if shutil.which("mandoc"):
        for page in pages():
            cases.add_call(f"lint {page.name}", lint, page)
        cases.add_call("there are pages", check_count, pages(), PAGES_LEAST)
    else:
        note("SKIPPED: no mandoc to look at the pages")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        records.write(folder / "flows.argus", records.mixed())
        (folder / "list").write_text("10.1.0.0/16\n", encoding="utf-8")
        for command in examples():
            cases.add_call(command, run, command, folder)
        cases.add_call("there are examples", check_count, examples(), EXAMPLES_LEAST)
        for text in rule_files():
            cases.add_call(f"rules {text.split()[0]}", run_rules, text, folder)
        cases.add_call("there are rules", check_count, rule_files(), RULES_LEAST)
        cases.run()


if __name__ == "__main__":
    main()
