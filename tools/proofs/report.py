# SPDX-License-Identifier: Apache-2.0
"""The table of what was proven, line by line as it is proven."""
import sys
import time

from lib.tap import Skip


class Report:
    def __init__(self):
        self.proven = self.failed = self.skipped = 0

    def title(self, text):
        print(f"\n{text}", flush=True)

    def line(self, word, name, said, seconds=None):
        took = "" if seconds is None else f"{seconds:.1f} s"
        print(f"  {word:6} {name:36} {took:>8}  {said}", flush=True)

    def check(self, name, function, *args):
        """Proves something: what the function says of it, or None if it failed."""
        begin = time.monotonic()
        try:
            said = function(*args)
        except Skip as why:
            self.skipped += 1
            self.line("SKIP", name, why)
            return None
        except (AssertionError, OSError, ValueError) as failure:
            self.failed += 1
            self.line("FAILED", name, str(failure).replace("\n", "; "))
            return None
        self.proven += 1
        self.line("ok", name, said, time.monotonic() - begin)
        return said

    def end(self):
        print(f"\n{self.proven} proven, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed else 0)
