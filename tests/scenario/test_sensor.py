#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-made packets in, records out: the rules of the sensor, case by case.

With the word `original` as first argument the cases are held against argus 3.0.8 instead (what
they say about --compat must be what it does), with `print` the records are shown.
"""
import concurrent.futures
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.programs import call, original, require, require_original, rows, sense  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

import direction  # noqa: E402
import encapsulation  # noqa: E402
import fragments  # noqa: E402
import icmp  # noqa: E402
import measures  # noqa: E402
import periods  # noqa: E402
import tcp_connections  # noqa: E402
import tcp_sequence  # noqa: E402
import times  # noqa: E402
from case import FIELDS, describe  # noqa: E402

TABLES = (direction, icmp, fragments, periods, tcp_connections, tcp_sequence, times, measures,
          encapsulation)


def records_of(case, compat, sensor=None):
    """The lines of the records that a sensor makes of a case."""
    with tempfile.TemporaryDirectory() as folder:
        capture = case.write(os.path.join(folder, "in.pcap"))
        output = os.path.join(folder, "out.argus")
        if sensor:
            options = list(case.options)
            if "--bidirectional-timestamps" in options:  # a line of a file there
                settings = pathlib.Path(folder, "settings")
                settings.write_text("ARGUS_GENERATE_BIDIRECTIONAL_TIMESTAMPS=yes\n")
                options = ["-F", settings]
            call([sensor, "-X", *options, "-r", capture, "-w", output])
        else:
            sense(capture, output, *(["--compat", "3.0.8"] if compat else []), *case.options)
        return [describe(row, case.also) for row in rows(output, FIELDS + case.also, *case.ra)]


def check(case, compat, sensor=None):
    wanted = case.original if sensor else case.compat if compat else case.want
    got = records_of(case, compat, sensor)
    equal("\n".join([""] + got), "\n".join([""] + wanted), "list of records")


def show(sensor):
    """Prints what a sensor makes of the cases whose names contain the words given."""
    words = sys.argv[2:]
    chosen = [(t, c) for t in TABLES for c in t.CASES if all(w in c.name for w in words)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for (_, case), lines in zip(chosen, pool.map(
                lambda pair: records_of(pair[1], True, sensor), chosen)):
            print(f"{case.name}\n    " + "\n    ".join(lines))


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    require("ra")
    if mode == "print":
        show(original("argus"))
        return
    cases = Cases("scenarios")
    sensor = None
    if mode == "original":
        require_original("argus")
        sensor = original("argus")
        sys.argv.pop(1)
    else:
        require("argus")
    for table in TABLES:
        for case in table.CASES:
            if not sensor:
                cases.add_call(case.name, check, case, False)
            cases.add_call(case.name + " (compat)", check, case, True, sensor)
    cases.run()


if __name__ == "__main__":
    main()
