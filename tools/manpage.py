#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints a manual page: a template whose marks are replaced by what the program says.

    tools/manpage.py PROGRAM TEMPLATE

@OPTIONS@ is what --help-mdoc prints, @FIELDS@ the field table as --help-fields does. So options and
fields stand once, in the program's tables.
"""
import pathlib
import subprocess
import sys

BEHIND_EXAMPLES = ("DIAGNOSTICS", "COMPATIBILITY", "SEE ALSO", "STANDARDS", "CAVEATS", "BUGS")


def ask(program, option):
    return subprocess.run([program, option], capture_output=True, text=True, check=True).stdout


def fields(program):
    """The field table as a list of mdoc(7)."""
    lines = ['.Bl -tag -width "sintpktact"']
    for row in ask(program, "--help-fields").splitlines():
        name, title, width, kind, json, text = row.split("\t")
        lines += [f".It Cm {name}", f"{text[:1].upper()}{text[1:]}.",
                  f"{kind.capitalize()}, titled", f".Sq {title} ,", f"{width} wide; in JSON",
                  f".Sq {json} ."]
    return "\n".join(lines + [".El", ""])


def put_examples(page):
    """The examples of the options stand before the sections that follow them by custom."""
    begin = page.index(".Sh EXAMPLES\n")
    end = page.find(".Sh ", begin + 1)
    examples, rest = page[begin:end], page[end:]
    places = [rest.find(f".Sh {title}\n") for title in BEHIND_EXAMPLES]
    at = min(place for place in places if place >= 0)
    return page[:begin] + rest[:at] + examples + rest[at:]


def main():
    program, template = sys.argv[1:]
    page = pathlib.Path(template).read_text(encoding="utf-8")
    marks = {"@OPTIONS@\n": lambda: ask(program, "--help-mdoc"),
             "@FIELDS@\n": lambda: fields(program)}
    used = [mark for mark in marks if mark in page]
    if not used:
        sys.exit(f"{template}: no line {' or '.join(mark.strip() for mark in marks)}")
    for mark in used:
        page = page.replace(mark, marks[mark]())
    if "@OPTIONS@\n" in used:
        page = put_examples(page)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
