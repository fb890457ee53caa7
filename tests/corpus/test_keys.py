#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flow keys beside argus 3.0.8, on real captures: for each key, the packets and bytes of each
conversation in both directions, and, with directions kept apart, of each direction."""
import itertools
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import flows, pool  # noqa: E402
from lib.programs import call, corpus, original, require, require_original, rows, run  # noqa: E402
from lib.tap import Cases, note  # noqa: E402

from test_original import known_differences  # noqa: E402

TYPES = ["Bidirectional", "Unidirectional"]
KEYS = ["CLASSIC_5_TUPLE", "LAYER_3_MATRIX", "LAYER_2_MATRIX", "CLASSIC_5_TUPLE+LAYER_2",
        "LAYER_3_MATRIX+LAYER_2"]
AT_ONCE = 24  # argus 3.0.8 spends a second asleep in each run
SIZE_MOST, EVERY = 1 << 20, 45  # of the captures that are not large, every so many
ETHERNET = (1).to_bytes(4, "little")

# Captures with these are left out: 3.0.8 takes the tag or label of the packet before for that of
# packets without one, and link addresses out of other bytes where there is no Ethernet.
MARKS = (b"\x81\0", b"\x88\xa8", b"\x88\x47", b"\x88\x63", b"\x88\x64")


def is_plain(path):
    """A pcap file of plain Ethernet."""
    data = path.read_bytes()
    if data[:4] != b"\xd4\xc3\xb2\xa1" or data[20:24] != ETHERNET:
        return False
    at = 24
    while at + 16 <= len(data):
        if data[at + 28:at + 30] in MARKS:
            return False
        at += 16 + int.from_bytes(data[at + 8:at + 12], "little")
    return True


def chosen():
    known = known_differences()
    files = [path for path in corpus()
             if path.stat().st_size < SIZE_MOST and path.name not in known and is_plain(path)]
    return files[::EVERY] or files


def sums(path):
    return flows.add_up(rows(path, flows.FIELDS)) if path.exists() else {}


def compare(job, folder):
    """The number of conversations, and those that differ."""
    path, key, kind = job
    name = f"{path.name}.{key}.{kind}"
    conf, ours, theirs = (folder / f"{name}.{end}" for end in ("conf", "ours", "theirs"))
    conf.write_text(f"ARGUS_FLOW_TYPE={kind}\nARGUS_FLOW_KEY={key}\n")
    call([original("argus"), "-F", conf, "-r", path, "-w", theirs])
    run("argus", "-q", "--compat", "3.0.8", "-F", conf, "-r", path, "-w", ours, status=None)
    one, other = sums(ours), sums(theirs)
    return len(one.keys() | other.keys()), flows.differences(one, other)


def check(results, key, kind):
    count, wrong = 0, []
    for (path, *of), result, failure in results:
        if of != [key, kind]:
            continue
        assert not failure, f"{path.name}: {failure}"
        count += result[0]
        wrong += [f"{path.name}: {conversation}" for conversation in result[1]]
    note(f"{count - len(wrong)} of {count} conversations are equal")
    assert count, "there are none"
    assert not wrong, "\n".join(wrong[:9])


def main():
    require("argus", "ra")
    require_original("argus", "ra")
    cases = Cases("flow keys beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kinds = list(itertools.product(KEYS, TYPES))
        jobs = [(path, *kind) for path in chosen() for kind in kinds]
        results = list(pool.each(lambda job: compare(job, folder), jobs, AT_ONCE))
        for kind in kinds:
            cases.add_call(" ".join(kind), check, results, *kind)
        cases.run()


if __name__ == "__main__":
    main()
