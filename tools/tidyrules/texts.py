# SPDX-License-Identifier: Apache-2.0
"""Rules for text files of any kind: licence line, length, marks, links."""
import os
import re

CODE = ("*.c", "*.h", "*.def", "*.py", "*.sh", "*meson.build", "Makefile", ".ci/run",
        "tools/floors.txt", "*.1", "*.5", "*.8", "meson_options.txt")
COLUMNS_MAX = 100
LINES_MAX, LINES_ADVISED = 600, 450
BYTES_MAX = 1 << 20
# Marks of unfinished work; spelled so that this line is none.
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def spdx(tree):
    """Every source file says its licence in its first three lines."""
    for path in tree.matching(*CODE):
        head = "\n".join(text for _, text in tree.lines(path)[:3])
        if tree.text(path).strip() and "SPDX-License-Identifier: Apache-2.0" not in head:
            yield path, 1, "no SPDX-License-Identifier line at the top"


def file_length(tree):
    """A file is one idea; over LINES_MAX lines it is several."""
    for path in tree.matching("*.c", "*.h", "*.py", "*.sh"):
        count = len(tree.lines(path))
        if count > LINES_MAX:
            yield path, count, f"{count} lines; {LINES_MAX} are allowed: split it along an idea"
        elif count > LINES_ADVISED:
            tree.advice.append((path, count, f"{count} lines; over {LINES_ADVISED}"))


def file_size(tree):
    """What is large is made or fetched when it is wanted; a history keeps it forever."""
    for path in tree.tracked():
        size = os.lstat(os.path.join(tree.root, path)).st_size
        if size > BYTES_MAX:
            yield path, 1, f"{size} bytes; {BYTES_MAX} are allowed in a file that is kept"


def line_length(tree):
    for path in tree.matching("*.c", "*.h", "*.py", "*.sh", "Makefile", ".ci/run"):
        for number, text in tree.lines(path):
            if len(text) > COLUMNS_MAX:
                yield path, number, f"{len(text)} columns; {COLUMNS_MAX} are allowed"


def blanks(tree):
    for path in tree.matching(*CODE, "*.md"):
        for number, text in tree.lines(path):
            if text != text.rstrip():
                yield path, number, "blanks at the end of the line"
            if "\t" in text and path.endswith((".c", ".h", ".py", ".def")):
                yield path, number, "a tab; indent with blanks"
        if tree.text(path) and not tree.text(path).endswith("\n"):
            yield path, len(tree.lines(path)), "no line break at the end of the file"


def marks(tree):
    """Unfinished work is finished, or said to the user; it is not marked."""
    for path in tree.matching(*CODE, "*.md"):
        for number, text in tree.lines(path):
            if MARKS.search(text):
                yield path, number, "a mark of unfinished work"


def anchors_of(text):
    """The anchors that a Markdown file offers, by its headings."""
    headings = re.findall(r"^#+\s+(.*?)\s*$", re.sub(r"```.*?```", "", text, flags=re.DOTALL),
                          re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def links(tree):
    """Links of Markdown files lead to files and headings that exist."""
    for path in tree.matching("*.md"):
        for number, text in tree.lines(path):
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                goal = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
                if not os.path.exists(os.path.join(tree.root, goal)):
                    yield path, number, f"link to '{target}', which does not exist"
                elif anchor and anchor not in anchors_of(tree.text(goal)):
                    yield path, number, f"link to '{target}': there is no such heading"


RULES = (spdx, file_length, file_size, line_length, blanks, marks, links)
