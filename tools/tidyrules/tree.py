# SPDX-License-Identifier: Apache-2.0
"""The source tree as the rules see it: its text files, and C files taken apart."""
import fnmatch
import functools
import os
import re
import subprocess

SKIPPED_FOLDERS = ("build*", ".git", "__pycache__", "bench-data", ".cache")
BINARY_SUFFIXES = (".pyc", ".png", ".gz", ".pcap", ".pcapng", ".argus")


class Tree:
    """Files by path relative to the root; `bin` is the folder of built programs or None."""

    def __init__(self, root, bin_folder=None):
        self.root = root
        self.bin = bin_folder
        self.advice = []  # things to know that are no complaints
        self.files = sorted(self._walk())

    def _walk(self):
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders
                          if not any(fnmatch.fnmatch(f, skip) for skip in SKIPPED_FOLDERS)]
            for name in names:
                if not name.endswith(BINARY_SUFFIXES):
                    yield os.path.relpath(os.path.join(folder, name), self.root)

    def tracked(self):
        """What git keeps, of any kind; where it keeps nothing, the files of the tree."""
        kept = subprocess.run(["git", "-C", self.root, "ls-files", "-z"], capture_output=True,
                              text=True, check=False)
        paths = [path for path in kept.stdout.split("\0") if path]
        return [p for p in paths or self.files if os.path.lexists(os.path.join(self.root, p))]

    def matching(self, *patterns):
        """Paths that match one of the patterns; a * matches slashes, too."""
        return [f for f in self.files if any(fnmatch.fnmatch(f, p) for p in patterns)]

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def lines(self, path):
        """Pairs of line number and line."""
        return list(enumerate(self.text(path).splitlines(), 1))

    @functools.lru_cache(maxsize=None)
    def code(self, path):
        """A C file with comments, strings and characters blanked, line numbers kept."""
        return blank_text(self.text(path))

    def code_lines(self, path):
        return list(enumerate(self.code(path).splitlines(), 1))


TEXT_IN_C = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank_text(code):
    """Replaces comments by blanks and the inside of strings by nothing, line breaks kept."""
    def blank(match):
        found = match.group()
        if found[0] in "\"'":
            return found[0] * 2
        return "\n" * found.count("\n") or " "
    return TEXT_IN_C.sub(blank, code)


def top_level(code):
    """Pairs of line and statement outside of all braces; {} stands for what was in braces."""
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", "", code, flags=re.MULTILINE)
    depth, start, line, statement = 0, 1, 1, ""
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            depth += 1
            statement += "{" if depth == 1 else ""
            continue
        if char == "}":
            depth -= 1
            statement += "}" if depth == 0 else ""
        elif depth == 0 and (statement or not char.isspace()):
            start = start if statement else line
            statement += char
        ends_function = char == "}" and depth == 0 and is_function(statement)
        if statement and depth == 0 and (char == ";" or ends_function):
            yield start, " ".join(statement.split())
            statement = ""


def is_function(statement):
    """True if a top-level statement so far is a function with its body."""
    head = statement.split("{")[0]
    return "(" in head and "=" not in head and statement.endswith("}")
