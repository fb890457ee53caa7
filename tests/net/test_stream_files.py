#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rastream while records come: when files are finished, and how it ends."""
import os
import pathlib
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import records, streams  # noqa: E402
from lib.programs import require, run  # noqa: E402
from lib.streams import Program, Server  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

require("ra", "rastream")
cases = Cases("files of streams")
scratch = tempfile.TemporaryDirectory()
HEAD = records.management(records.START, 0)


def flow(start, number=1, packets=(1, 1)):
    return records.flow("10.0.0.1", "10.0.0.2", 17, 1000 + number, 53, start=start, packets=packets,
                        number=number)


class Place:
    """A folder with a program that notes what it is run for, after `work` shell lines."""

    count = 0

    def __init__(self, work=""):
        Place.count += 1
        self.folder = pathlib.Path(scratch.name) / str(Place.count)
        self.folder.mkdir()
        self.program = self.folder / "store"
        self.program.write_text(f'#!/bin/sh\n{work}\n[ "$1" = -r ] && basename "$2" >>'
                                f'{self.folder}/log\n')
        self.program.chmod(0o755)

    def start(self, *options):
        return Program(self.folder, "rastream", "-X", *options, "-f", self.program)

    @property
    def finished(self):
        log = self.folder / "log"
        return log.read_text().split() if log.exists() else []

    def wait_for(self, *names):
        streams.wait_for(lambda: self.finished == list(names), f"{names} are finished")

    def packets(self):
        files = sorted(self.folder.glob("x.*"))
        out = run("ra", "-X", "-r", *files, "-L", "-1", "-s", "pkts", "-", "not", "man").out
        return sum(int(line) for line in out.split())


def handler_of(chunks, is_over=lambda: True):
    """A server that sends these chunks, each when the function beside it says so, and waits."""
    def handler(connection):
        connection.sendall(HEAD)
        equal(connection.recv(100), b"START: ")
        for data, is_time in chunks:
            streams.wait_for(is_time, "time for the next records")
            connection.sendall(data)
        streams.wait_for(is_over, "the end")
    return handler


def children_of(pid):
    return [path for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
            if path.read_text().strip()]


def always():
    return True


@cases.add()
def finished_by_the_time_of_records():
    place = Place()
    over = []
    chunks = [(flow(0) + flow(9), always), (flow(14.9, 2), always),
              (flow(15.1, 3), lambda: not place.finished), (flow(26, 4), lambda: place.finished)]
    with Server(handler_of(chunks, lambda: over)) as server, \
            place.start("-S", server.name, "-M", "time", "10s", "-B", "5", "-w",
                        place.folder / "x.%S") as rastream:
        place.wait_for("x.20", "x.30")
        over.append(True)
        rastream.wait()
    place.wait_for("x.20", "x.30", "x.40")
    equal(place.packets(), 10)


@cases.add()
def finished_in_silence():
    """Time goes on from the last record: its file ends half a second later. Not before."""
    place = Place()
    over = []
    began = time.monotonic()
    with Server(handler_of([(flow(0) + flow(9.5, 2), always)], lambda: over)) as server, \
            place.start("-S", server.name, "-M", "time", "10s", "-B", "1", "-w",
                        place.folder / "x.%S") as rastream:
        place.wait_for("x.20")
        took = time.monotonic() - began
        assert 1.4 < took < 10, took
        assert rastream.is_running()
        over.append(True)
        rastream.wait()
    equal(place.finished, ["x.20"])


@cases.add()
def finished_in_silence_of_a_pipe():
    place = Place()
    pipe = place.folder / "pipe"
    os.mkfifo(pipe)
    with place.start("-r", pipe, "-M", "time", "10s", "-B", "0", "-w",
                     place.folder / "x.%S") as rastream, open(pipe, "wb") as end:
        end.write(HEAD + flow(0) + flow(9.5, 2))
        end.flush()
        place.wait_for("x.20")
        end.write(flow(11, 3))
        end.close()
        rastream.wait()
    equal(place.finished, ["x.20", "x.30"])
    equal(place.packets(), 6)


@cases.add()
def silence_is_not_the_time_of_late_records():
    """What comes after a silence is where it belongs, and does not come late before it does."""
    place = Place()
    chunks = [(flow(9.5), always), (flow(10.5, 2), lambda: place.finished == ["x.20"])]
    with Server(handler_of(chunks)) as server, \
            place.start("-S", server.name, "-M", "time", "10s", "-B", "0", "-w",
                        place.folder / "x.%S") as rastream:
        rastream.wait()
        equal((place.finished, rastream.err), (["x.20", "x.30"], ""))


@cases.add()
def a_record_from_the_future_finishes_nothing():
    place = Place()
    over = []
    now = time.time() - records.EPOCH
    names = [time.strftime("x.%Y.%H.%M", time.gmtime(t)) for t in (time.time(), 2000000000)]
    data = flow(now, 1) + flow(2000000000 - records.EPOCH, 2) + flow(now, 3)
    with Server(handler_of([(data, always)], lambda: over)) as server, \
            place.start("-S", server.name, "-M", "time", "1h", "-B", "2h", "-w",
                        place.folder / "x.%Y.%H.%M") as rastream:
        names[0] = names[0][:-2] + "00"
        names[1] = names[1][:-2] + "00"
        streams.wait_for(lambda: len(list(place.folder.glob("x.*"))) == 2, "both files")
        time.sleep(0.6)
        equal(place.finished, [])
        over.append(True)
        rastream.wait()
        equal(rastream.err, "")
    equal(place.finished, names)


@cases.add()
def signals_finish_everything():
    for number in (signal.SIGTERM, signal.SIGINT):
        place = Place("sleep 0.3")
        with Server(handler_of([(flow(0) + flow(10, 2) + flow(20, 3), always)], list)) as server, \
                place.start("-S", server.name, "-M", "time", "10s", "-B", "1000", "-w",
                            place.folder / "x.%S") as rastream:
            streams.wait_for(lambda p=place: len(list(p.folder.glob("x.*"))) == 3, "three files")
            equal(place.finished, [])
            os.kill(rastream.process.pid, number)
            rastream.wait(0)
            equal(rastream.err, "")
        equal(place.finished, ["x.20", "x.30", "x.40"])
        equal(place.packets(), 6)


@cases.add()
def signals_finish_pipes():
    place = Place()
    pipe = place.folder / "pipe"
    os.mkfifo(pipe)
    with place.start("-r", pipe, "-M", "count", "2", "-w",
                     place.folder / "x.") as rastream, open(pipe, "wb") as end:
        end.write(HEAD + b"".join(flow(i, i) for i in range(5)))
        end.flush()
        place.wait_for("x.aa", "x.ab")
        rastream.stop()
    equal(place.finished, ["x.aa", "x.ab", "x.ac"])
    equal(place.packets(), 10)


@cases.add()
def the_program_lives_on_without_the_terminal():
    """It has a process group of its own, and no child is left behind when it has ended."""
    place = Place("ps -o pgid= -o pid= -p $$ >>$(dirname $0)/groups; exec 2>/dev/null")
    over = []
    with Server(handler_of([(flow(0) + flow(10, 2), always)], lambda: over)) as server, \
            place.start("-S", server.name, "-M", "time", "10s", "-B", "0", "-w",
                        place.folder / "x.%S") as rastream:
        place.wait_for("x.20")
        group, process = (place.folder / "groups").read_text().split()[:2]
        equal(group, process)
        pid = rastream.process.pid
        streams.wait_for(lambda: not children_of(pid), "no child is left")
        over.append(True)
        rastream.wait()


cases.run()
