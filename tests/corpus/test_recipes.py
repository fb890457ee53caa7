#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The recipes that users of Argus have told each other for years, as they stand, from captures to
the last file, but for the quotes that parentheses need in a shell. Packets and bytes are counted at
each step; nothing may be lost on the way."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.packets import read_pcap  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, generate, require, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

PACKETS = 30_000
FILES = 6
COUNTERS = ["spkts", "dpkts", "sbytes", "dbytes", "sappbytes", "dappbytes"]

cases = Cases("recipes of the mailing list")


class World:
    """Captures of one traffic, over half an hour, in several files."""

    def __init__(self, folder):
        self.folder = folder
        self.mail = generate(folder / "mail.pcap", "-m", "mail", "-n", "6000", "-r", "5")
        generate(folder / "pieces", "-n", PACKETS, "-r", "15", "-s", "7", "-c", FILES)
        for number, piece in enumerate(sorted((folder / "pieces").iterdir())):
            piece.rename(folder / f"{number}.pcap")
        (folder / "pieces").rmdir()
        self.work = folder / "work"
        self.work.mkdir()

    def shell(self, line):
        """Runs a line as a user types it, with our programs in the path."""
        environment = {**os.environ, **NO_RC_FILES, "LC_ALL": "C", "TZ": "UTC",
                       "PATH": f"{BIN}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=self.work,
                              env=environment, capture_output=True, text=True, check=False)
        equal((done.returncode, done.stderr), (0, ""), f"status and errors of {line}")

    def names(self, pattern):
        return sorted(path for path in self.work.glob(pattern) if path.is_file())


def totals(paths):
    """What the flow records of files count together."""
    result = run("ra", "-X", "-L", "-1", "-c", ",", "-s", *COUNTERS, "-r", *paths)
    rows = [[int(value) for value in line.split(",")] for line in result.out.splitlines()]
    return dict(zip(COUNTERS, map(sum, zip(*rows))))


def both(counts):
    return counts["spkts"] + counts["dpkts"], counts["sbytes"] + counts["dbytes"]


def count_packets(paths):
    """Packets of captures and their bytes on the wire."""
    packets = [record for path in paths for record in read_pcap(path)[1]]
    return len(packets), sum(int.from_bytes(record[12:16], "little") for record in packets)


def continued(world):
    """Flows that span files are brought together, and filed by time."""
    for capture in world.folder.glob("[0-9].pcap"):
        (world.work / capture.name).symlink_to(capture)
    captured = count_packets(world.names("*.pcap"))

    world.shell("for i in *pcap; do argus -S 5m -r $i -w $i.argus; done")
    sensed = totals(world.names("*.argus"))
    equal(both(sensed), captured, "packets and bytes of the records")

    world.shell("for i in *argus; do ra -r $i -E $i.cont -w argus.out - "
                "'tcp and ((syn or synack) and (fin or finack or reset))'; done")
    equal(len(world.names("*.cont")), FILES, "files of what goes on")
    equal(totals(world.names("*.cont") + [world.work / "argus.out"]), sensed, "after ra -E")

    world.shell("racluster -r *.cont -w argus.out")
    equal(totals([world.work / "argus.out"]), sensed, "after racluster")

    world.shell("rasplit -M nomodify -r argus.out -M time 5m -w data/argus.%Y.%m.%d.%H.%M.%S")
    files = world.names("data/*")
    assert len(files) > 5, "there should be some files"
    equal(totals(files), sensed, "after rasplit")

    world.shell("rm argus.out")
    world.shell("rasort -R data -M replace")
    equal(world.names("data/*"), files, "files")
    equal(totals(files), sensed, "after rasort")
    for path in files:
        times = run("ra", "-X", "-r", path, "-u", "-L", "-1", "-s", "stime").out.split()
        equal(times, sorted(times), f"order of {path.name}")

    world.shell("ra -R data -w argus.out")
    equal(totals([world.work / "argus.out"]), sensed, "in the end")
    return sensed


def one_command(world, sensed):
    """What takes the place of all that: one table of flows for all files."""
    world.shell("rm -r data argus.out *.argus *.cont")
    world.shell("argus -r *.pcap -w - | racluster --memory 256M -w flows.argus")
    # Who began a flow is known better than from the middle of it in one file: sides may differ.
    equal(both(totals([world.work / "flows.argus"])), both(sensed), "of the one command")
    world.shell("argus -r *.pcap -w - | racluster --memory 256M -w - | rasort --memory 256M -w - "
                "| rasplit -M time 5m nomodify -w data/argus.%Y.%m.%d.%H.%M.%S")
    files = world.names("data/*")
    assert len(files) > 5, "there should be some files"
    equal(both(totals(files)), both(sensed), "of the one line to files")
    # As by the long way: one record for each flow.
    keys = ["srcid", "proto", "saddr", "daddr", "sport", "dport"]
    lines = run("ra", "-X", "-n", "-L", "-1", "-r", world.work / "flows.argus", "-s",
                *keys).out.splitlines()
    equal(len(lines), len(set(lines)), "records, and flows")


@cases.add()
def _flows_that_span_files():
    with tempfile.TemporaryDirectory() as scratch:
        world = World(pathlib.Path(scratch))
        one_command(world, continued(world))


@cases.add()
def _an_archive_of_mail_by_time():
    with tempfile.TemporaryDirectory() as scratch:
        world = World(pathlib.Path(scratch))
        (world.work / "mail.pcap").symlink_to(world.mail)
        world.shell("i=mail.pcap; argus -r $i -w whole - tcp and port 25")
        wanted = totals([world.work / "whole"])
        world.shell("i=mail.pcap; argus -r $i -w - - tcp and port 25 | rasplit -M time 5m "
                    "-w argus.data/%Y/%m/%d/argus.%Y.%m.%d.%H.%M.%S; "
                    "racluster -M replace -R argus.data")
        files = world.names("argus.data/*/*/*/*")
        assert len(files) > 3 and wanted["spkts"] > 1000, "there should be some files"
        equal(totals(files), wanted, "in the archive")


require("argus", "ra", "racluster", "rasort", "rasplit")
cases.run()
