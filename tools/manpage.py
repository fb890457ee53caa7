#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints a manual page: a template whose line @OPTIONS@ is replaced by what the program says.

    tools/manpage.py PROGRAM TEMPLATE

The options stand once, in the program's table; --help-mdoc prints them as sections of the page.
"""
import pathlib
import subprocess
import sys

MARK = "@OPTIONS@\n"


def main():
    program, template = sys.argv[1:]
    options = subprocess.run([program, "--help-mdoc"], capture_output=True, text=True, check=True)
    page = pathlib.Path(template).read_text(encoding="utf-8")
    if MARK not in page:
        sys.exit(f"{template}: no line {MARK.strip()}")
    sys.stdout.write(page.replace(MARK, options.stdout))


if __name__ == "__main__":
    main()
