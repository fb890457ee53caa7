#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damaged input: cut off anywhere, or with a byte changed anywhere.

The program must either say so (status not 0 and a line that names the file) or give what the whole
file gives or, for changed bytes that are as good as any others, something else; never crash, hang,
or lose what stood before the damage.
"""
import gzip
import os
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import pool  # noqa: E402
from lib.programs import generate, require, run, sense  # noqa: E402
from lib.tap import Cases  # noqa: E402

PLACES = int(os.environ.get("PANOPTES_PLACES", "120"))

cases = Cases("damage")


def look(result, name):
    """A run on damaged input: fine, or refused with a line that names the file."""
    if result.status != 0:
        lines = [line for line in result.err.splitlines() if name in line]
        assert lines, f"no line names {name}: {result}"
        assert result.status in (1, 3), f"unexpected status: {result}"


def read_capture(path, folder):
    result = run("argus", "-q", "-r", path, "-w", folder / f"{path.name}.argus", status=None,
                 timeout=30)
    look(result, path.name)
    return result


def read_records(path, _):
    result = run("ra", "-X", "-r", path, "-c", ",", "-L", "-1", status=None, timeout=30)
    look(result, path.name)
    return result


def cut(data, rng, suffix):
    """Places to cut at: some near the front, the rest anywhere."""
    places = list(range(0, 60, 3)) + [rng.randrange(len(data)) for _ in range(PLACES)]
    return [(f"cut-{place}{suffix}", data[:place]) for place in places]


def change(data, rng, suffix):
    places = list(range(0, 60)) + [rng.randrange(len(data)) for _ in range(PLACES)]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << rng.randrange(8)
        yield f"byte-{place}{suffix}", bytes(flipped)


def try_all(variants, read, must_refuse_cuts=False):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def one(variant):
            path = folder / variant[0]
            path.write_bytes(variant[1])
            result = read(path, folder)
            path.unlink()
            if must_refuse_cuts and variant[0].startswith("cut") and variant[1]:
                assert result.status != 0, f"a cut file was taken for whole: {result}"

        failed = [f"{v[0]}: {failure}" for v, _, failure in pool.each(one, variants) if failure]
        assert not failed, f"{len(failed)} of {len(variants)} failed:\n" + "\n".join(failed[:3])


def inputs(folder):
    """A capture and the records of it, small enough to be read hundreds of times."""
    capture = generate(folder / "in.pcap", "--packets", "400", "--snaplen", "128")
    return capture.read_bytes(), sense(capture, folder / "in.argus", "-S", "1").read_bytes()


def add_cases(capture, records, capture_ng):
    rng = random.Random(1)
    packed = gzip.compress(capture, mtime=0)
    for what, data, read in (("pcap", capture, read_capture), ("pcapng", capture_ng, read_capture),
                             ("gzip of pcap", packed, read_capture),
                             ("record file", records, read_records)):
        suffix = "." + what.split()[0]
        cases.add_call(f"{what}, cut off", try_all, cut(data, rng, suffix), read)
        cases.add_call(f"{what}, bytes changed", try_all, list(change(data, rng, suffix)), read)
    cases.add_call("gzip of pcap, cut off, is never taken for whole", try_all,
                   cut(packed, rng, ".gz"), read_capture, True)


@cases.add("what stands before the damage is read")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        whole = generate(folder / "in.pcap", "--packets", "400").read_bytes()
        broken = folder / "broken.pcap"
        broken.write_bytes(whole[:-1])
        result = run("argus", "-q", "-v", "-r", broken, "-w", folder / "out.argus", status=3)
        assert "399 read = 399 in flow records" in result.err, f"399 packets were there: {result}"
        assert "broken.pcap" in result.err, f"the file is not named: {result}"


@cases.add("one damaged file among good ones")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(folder / "many", "--packets", "400", "--files", "4")
        paths = sorted((folder / "many").iterdir())
        paths[1].write_bytes(b"this is no capture")
        result = run("argus", "-q", "-v", "-r", *paths, "-w", folder / "out.argus", status=3)
        assert "300 read = 300 in flow records" in result.err, f"300 were to be read: {result}"
        assert paths[1].name in result.err, f"the file is not named: {result}"


def main():
    require("argus", "ra")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        capture, records = inputs(folder)
        capture_ng = generate(folder / "in.pcapng", "--packets", "400", "--snaplen", "128",
                              "--format", "pcapng").read_bytes()
        add_cases(capture, records, capture_ng)
        cases.run()


if __name__ == "__main__":
    main()
