#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks those of the house rules that a machine can check (ARCHITECTURE.md, "Rules").

    tools/tidy.py [--root DIR] [--bin DIR]

A rule is a function that gets the tree and yields complaints; tools/tidyrules holds them by
subject, each list of RULES says which there are. Complaints are printed as FILE:LINE: TEXT, and
the exit status is then 1. With --bin, the programs there are held against their manual pages.
"""
import argparse
import os
import pathlib
import sys

from tidyrules import floors, manual, source, texts
from tidyrules.tree import Tree

SUBJECTS = (texts, source, floors, manual)


def complaints(tree):
    """All complaints about a tree, in order of file and line."""
    found = []
    for subject in SUBJECTS:
        for rule in subject.RULES:
            found += rule(tree)
    return sorted(set(found))


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="check the house rules")
    parser.add_argument("--root", default=here, type=pathlib.Path, help="of the source tree")
    parser.add_argument("--bin", type=pathlib.Path, default=os.environ.get("PANOPTES_BIN"),
                        help="folder of built programs, to check manual pages")
    options = parser.parse_args()

    tree = Tree(options.root, pathlib.Path(options.bin) if options.bin else None)
    found = complaints(tree)
    for path, line, text in found:
        print(f"{path}:{line}: {text}")
    for path, line, text in tree.advice:
        print(f"{path}:{line}: (advice) {text}")
    print(f"tidy: {len(tree.files)} files, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
