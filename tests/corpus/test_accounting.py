#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every packet of every capture of the corpus is accounted for, and nothing crashes.

For each file: packets that the sensor says it read = packets that capinfos counts = packets in
flow records + packets under a named counter; and the records really hold as many.
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import flows, pool  # noqa: E402
from lib.programs import call, corpus, require, rows, run  # noqa: E402
from lib.tap import equal, note  # noqa: E402

# Files that capinfos reads and that we refuse, as libpcap does.
REFUSED = {"libpcap--pcap-invalid-version-2.pcap": "pcap version 2.5"}
SUMMARY = re.compile(r"packets: (\d+) read = (\d+) in flow records((?: \+ \d+ [\w-]+)*)")


def read_summary(text):
    """The sensor's closing line: packets read, in records, and by named counter."""
    found = SUMMARY.search(text)
    assert found, f"no summary line in: {text[-500:]}"
    named = {name: int(count) for count, name in re.findall(r"(\d+) ([\w-]+)", found.group(3))}
    return int(found.group(1)), int(found.group(2)), named


def counted_by_others(path):
    """Packets as capinfos counts them; None where it cannot read the file."""
    if not shutil.which("capinfos"):
        return None
    result = call(["capinfos", "-c", "-M", "-T", "-r", path])
    found = re.search(r"\t(\d+)\s*$", result.out)
    return int(found.group(1)) if found and result.status == 0 else None


def account(path):
    """Checks one file; returns packets read and packets outside of records."""
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.argus")
        result = run("argus", "-v", "-r", path, "-w", output, status=None)
        counted = counted_by_others(path)
        if result.status not in (0, 3):
            assert path.name in result.err, f"an error that does not name the file: {result}"
            why = REFUSED.get(path.name)
            assert not counted or (why and why in result.err), \
                f"{counted} packets could have been read: {result}"
            return 0, 0
        read, recorded, named = read_summary(result.err)
        equal(recorded + sum(named.values()), read, "sum of the counters")
        if counted is not None:
            equal(read, counted, "number of packets, held against capinfos,")
        got = flows.packets(rows(output, flows.FIELDS)) if recorded else 0
        equal(got, recorded, "packets in the records")
        if result.status == 3:
            assert path.name in result.err, f"a damaged file that is not named: {result}"
        return read, sum(named.values())


def main():
    require("argus", "ra")
    files = corpus()
    print(f"1..{len(files)}")
    results = list(pool.each(account, files))
    good = pool.report(results, lambda path: path.name)
    read = sum(result[0] for _, result, _ in results if result)
    outside = sum(result[1] for _, result, _ in results if result)
    note(f"{len(files)} captures, {read} packets, {outside} of them under named counters")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
