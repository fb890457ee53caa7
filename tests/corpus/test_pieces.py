#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A capture in one file or cut in fifty, in whatever order they are named: the same bytes.

The captures are made-up traffic, and Ethernet captures of the corpus merged by time.
"""
import pathlib
import random
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.packets import read_pcap  # noqa: E402
from lib.programs import CORPUS, generate, require, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

PIECES = 50
BIGGEST = 4_000_000  # bytes of a capture of the corpus that is taken
ETHERNET_USEC = struct.pack("<IHH", 0xA1B2C3D4, 2, 4)

cases = Cases("one capture")


def time_of(record):
    return struct.unpack_from("<II", record)


def sense(paths, output, *options):
    run("argus", "-q", *options, "-r", *paths, "-w", output)
    return output.read_bytes()


def cut(header, records, folder, rng):
    """Writes the records as PIECES files cut where time goes on; their paths, shuffled."""
    places = [i for i in range(1, len(records)) if time_of(records[i - 1]) < time_of(records[i])]
    places = sorted(rng.sample(places, min(PIECES - 1, len(places))))
    names = rng.sample(range(1000), len(places) + 1)
    paths = []
    for name, begin, end in zip(names, [0] + places, places + [len(records)]):
        path = folder / f"piece-{name:03}.pcap"
        path.write_bytes(header + b"".join(records[begin:end]))
        paths.append(path)
    rng.shuffle(paths)
    return paths


def check_pieces(header, records, *options):
    with tempfile.TemporaryDirectory() as name:
        folder, rng = pathlib.Path(name), random.Random(len(records))
        whole = folder / "whole.pcap"
        whole.write_bytes(header + b"".join(records))
        wanted = sense([whole], folder / "whole.argus", *options)
        assert len(wanted) > 1000, "hardly any records"
        for turn in range(2):
            pieces = folder / f"turn{turn}"
            pieces.mkdir()
            got = sense(cut(header, records, pieces, rng), folder / f"{turn}.argus", *options)
            assert got == wanted, f"other bytes from pieces: {len(got)} against {len(wanted)}"


def made_up(*options):
    with tempfile.TemporaryDirectory() as folder:
        return read_pcap(generate(pathlib.Path(folder) / "in.pcap", *options))


def merged_corpus():
    """Ethernet captures of the corpus as one, by time."""
    if not CORPUS.is_dir():
        raise Skip(f"no captures in {CORPUS}")
    records = []
    for path in sorted(CORPUS.glob("*.pcap")):
        with open(path, "rb") as file:
            head = file.read(24)
        if (path.stat().st_size <= BIGGEST and head[:8] == ETHERNET_USEC and
                head[20:24] == b"\1\0\0\0"):
            records += read_pcap(path)[1]
    header = ETHERNET_USEC + struct.pack("<iIII", 0, 0, 262144, 1)
    return header, sorted(records, key=time_of)


@cases.add("made-up traffic in pieces")
def _():
    check_pieces(*made_up("--packets", "60000"))


@cases.add("made-up traffic in pieces, all measurements")
def _():
    check_pieces(*made_up("--packets", "30000", "--seed", "7"), "-A", "-J", "-Z", "-m", "-U", "32")


@cases.add("made-up scans in pieces, long interval")
def _():
    check_pieces(*made_up("--packets", "30000", "--mix", "scan"), "-S", "60")


@cases.add("captures of the corpus merged, in pieces")
def _():
    check_pieces(*merged_corpus())


@cases.add("a series that the generator cuts, in names that do not sort by time")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        options = ["--packets", "20000", "--seed", "3"]
        generate(folder / "one.pcap", *options)
        generate(folder / "many", *options, "--files", "13", "--shuffle-names")
        many = sorted((folder / "many").iterdir())
        equal(len(many), 13, "number of files")
        equal(sense(many, folder / "many.argus"), sense([folder / "one.pcap"],
                                                        folder / "one.argus"), "bytes")


require("argus")
cases.run()
