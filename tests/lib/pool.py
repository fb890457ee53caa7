# SPDX-License-Identifier: Apache-2.0
"""Many small jobs, a few at a time; results come in the order of the jobs."""
import concurrent.futures
import os

from .tap import Skip, note


def each(function, items, at_once=None):
    """Yields (item, result, exception or None) of function(item), in order."""
    at_once = at_once or os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(function, item) for item in items]
        for item, future in zip(items, futures):
            try:
                yield item, future.result(), None
            except (AssertionError, OSError, Skip, ValueError) as failure:
                yield item, None, failure


def report(results, name_of=str):
    """Prints a TAP line for each result of each(); True if none failed."""
    good = True
    for number, (item, _, failure) in enumerate(results, 1):
        skipped = isinstance(failure, Skip)
        good = good and (failure is None or skipped)
        word = "ok" if failure is None or skipped else "not ok"
        print(f"{word} {number} - {name_of(item)}{f' # SKIP {failure}' if skipped else ''}",
              flush=True)
        if failure is not None and not skipped:
            note(failure)
    return good
