# SPDX-License-Identifier: Apache-2.0
"""Test results as TAP (testanything.org), which Meson counts case by case.

    cases = Cases("what this program tests")

    @cases.add("a name, or none for the function's own")
    def _():
        equal(got, wanted)          # or any assert; or raise Skip("why")

    cases.run()                     # exits: 0 all well, 1 something failed
"""
import sys
import traceback


class Skip(Exception):
    """Raised by a case that cannot be run here; the text says what is missing."""


def skip_all(why):
    """Ends the program: none of its cases can be run here. Loud, because it proves nothing."""
    print(f"SKIPPED: {why}", file=sys.stderr)
    print(f"1..0 # SKIP {why}", flush=True)
    sys.exit(0)


def equal(got, wanted, what="value"):
    """Fails unless both are equal, and shows both."""
    if got != wanted:
        raise AssertionError(f"{what} differs\n  wanted: {wanted!r}\n  got:    {got!r}")


def note(text):
    """A line of explanation in the log."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


class Cases:
    def __init__(self, subject):
        self.subject = subject
        self.cases = []

    def add(self, name=None):
        """Decorator: registers a function as a case."""
        def register(function):
            self.cases.append((name or function.__name__.strip("_").replace("_", " "), function))
            return function
        return register

    def add_call(self, name, function, *args):
        """Registers function(*args) as a case."""
        self.cases.append((name, lambda: function(*args)))

    def run(self):
        """Runs all cases, or those whose name contains the words of the command line."""
        words = sys.argv[1:]
        chosen = [c for c in self.cases if all(word in c[0] for word in words)]
        print(f"1..{len(chosen)}", flush=True)
        failed = sum(not run_case(i, *case) for i, case in enumerate(chosen, 1))
        note(f"{self.subject}: {len(chosen) - failed} of {len(chosen)} cases without failure")
        sys.exit(1 if failed else 0)


def run_case(number, name, function):
    """Runs one case and prints its line; False if it failed."""
    name = name.replace("#", "No.")
    try:
        function()
    except Skip as why:
        print(f"SKIPPED: {name}: {why}", file=sys.stderr)
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
        return True
    except Exception as failure:  # a case may fail in any way at all
        print(f"not ok {number} - {name}", flush=True)
        plain = isinstance(failure, AssertionError) and str(failure)
        note(failure if plain else traceback.format_exc())
        return False
    print(f"ok {number} - {name}", flush=True)
    return True
