# SPDX-License-Identifier: Apache-2.0
"""Rules about which folder of src may include which: tools/floors.txt."""
import re

FLOORS = "tools/floors.txt"


def entries(tree, kind):
    """Pairs of name and words of the lines `kind name: words`."""
    if FLOORS not in tree.files:
        return
    for number, text in tree.lines(FLOORS):
        found = re.fullmatch(rf"{kind}\s+(\w+):\s*(.*)", text)
        if found:
            yield number, found.group(1), found.group(2).split()


def allowed(tree, word):
    """Paths of the files that `allow word:` exempts."""
    return {"src/" + file for _, name, files in entries(tree, "allow") if name == word
            for file in files}


def edges(tree):
    """Every include between folders of src is an allowed edge."""
    floors = {name: set(words) | {name} for _, name, words in entries(tree, "floor")}
    for path in tree.matching("src/*.c", "src/*.h", "src/*.def"):
        folder = path.split("/")[1]
        if folder not in floors:
            yield path, 1, f"folder src/{folder} has no floor in {FLOORS}"
            continue
        for number, text in tree.lines(path):
            found = re.match(r'\s*#\s*include\s+"(.*?)"', text)
            if not found:
                continue
            target, slash, _ = found.group(1).partition("/")
            if not slash:
                yield path, number, f'include "folder/{found.group(1)}", not the bare name'
            elif target not in floors[folder]:
                yield path, number, f"src/{folder} must not include from {target} ({FLOORS})"


def order(tree):
    """Floors include only floors listed above them, so there can be no circle."""
    seen = set()
    for number, name, words in entries(tree, "floor"):
        for word in words:
            if word not in seen:
                yield FLOORS, number, f"{name} may include {word}, which does not stand below it"
        seen.add(name)


def exemptions(tree):
    """A file that is exempted from a rule exists."""
    for number, _, files in entries(tree, "allow"):
        for file in files:
            if "src/" + file not in tree.files:
                yield FLOORS, number, f"there is no src/{file}"


RULES = (edges, order, exemptions)
