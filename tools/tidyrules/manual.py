# SPDX-License-Identifier: Apache-2.0
"""Rules that hold programs against their manual pages."""
import os
import re
import subprocess

OPTION_IN_HELP = re.compile(r"(?<![\w-])(-[A-Za-z0-9%]|--[a-z][a-z0-9-]*)(?![\w-])")
EVENT_IN_CODE = re.compile(r'\bEVENT_(?:ERROR|WARNING|NOTICE|INFO)\s*,\s*"([a-z-]+)"')
EVENTS_PAGE = "man/panoptes-service.7"


def programs(tree):
    """Paths of the built programs."""
    if not tree.bin or not tree.bin.is_dir():
        return
    for path in sorted(tree.bin.iterdir()):
        if path.is_file() and os.access(path, os.X_OK) and "." not in path.name:
            yield path


def page_of(tree, name):
    """Path and text of a program's page: a built one, or one that lies ready."""
    built = sorted(tree.bin.parent.glob(f"man/{name}.[18]"))
    if built:
        return f"man/{built[0].name}.in", built[0].read_text(encoding="utf-8")
    pages_there = tree.matching(f"man/{name}.[18]")
    return (pages_there[0], tree.text(pages_there[0])) if pages_there else (None, None)


def options_of_help(text):
    """Options at the start of lines of --help: `  -r, --read FILE   what it does`."""
    found = set()
    for line in text.splitlines():
        if re.match(r"\s+-", line):
            head = re.split(r"\s{2,}", line.strip())[0]
            found |= set(OPTION_IN_HELP.findall(head))
    return found


def options_of_page(text):
    """Options that an mdoc page describes: `.It Fl r , Fl -read Ar file`."""
    found = set()
    for line in text.splitlines():
        if line.startswith(".It Fl"):
            found |= {"-" + word for word in re.findall(r"\bFl (-?[A-Za-z0-9%][\w-]*)", line)}
    return found


def pages(tree):
    """Every program has a manual page, and the two name the same options."""
    for program in programs(tree):
        page, text = page_of(tree, program.name)
        if not page:
            yield "man", 1, f"program {program.name} has no manual page"
            continue
        # A link to a program under another name answers to it, so each is asked by its own.
        result = subprocess.run([program, "--help"], capture_output=True, text=True,
                                check=False, timeout=30)
        in_help = options_of_help(result.stdout)
        in_page = options_of_page(text)
        if not in_help:
            yield page, 1, f"{program.name} --help names no options"
        for option in sorted(in_help - in_page):
            yield page, 1, f"option {option} of {program.name} --help is not in the page"
        for option in sorted(in_page - in_help):
            yield page, 1, f"option {option} is not in {program.name} --help"


def events(tree):
    """Every event has a name that the page about services explains, and the page names no other."""
    if EVENTS_PAGE not in tree.files:
        return
    said = tree.text(EVENTS_PAGE).partition("The events, and their fields")[2]
    there = {name for line in re.findall(r"^\.It Cm (.*)", said, re.MULTILINE)
             for name in line.split(" , ")}
    made = {name: path for path in tree.matching("src/*.c")
            for name in EVENT_IN_CODE.findall(tree.text(path))}
    for name in sorted(made.keys() - there):
        yield made[name], 1, f"event {name} is not in {EVENTS_PAGE}"
    for name in sorted(there - made.keys()):
        yield EVENTS_PAGE, 1, f"there is no event {name}"


RULES = (pages, events)
