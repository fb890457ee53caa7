#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor at an interface as a service: what it tells its manager, and that the watchdog hears
nothing when records cannot be written."""
import fcntl
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from lib.manager import Manager  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, generate, require, rows  # noqa: E402
from lib.streams import wait_for  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402
from link import Link, require_link  # noqa: E402

WATCHDOG = 0.6  # seconds
require("argus", "radium", "rastream")
require_link()
cases = Cases("service")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
folder.chmod(0o777)  # for users without rights
link = Link(cables=1)
started = []
traffic = generate(folder / "traffic.pcap", "-n", "5000", "-s", "7")


def start(manager, *options):
    command = [BIN / "argus", "-X", "-i", "b0", "-S", "0.1", *options]
    started.append(subprocess.Popen(link.words(command), stderr=subprocess.DEVNULL,
                                    env={**os.environ, **NO_RC_FILES, **manager.environment}))
    return started[-1]


@cases.add()
def the_life_of_a_sensor():
    for options in ((), ("-P", "5610", "-u", "nobody", "--threads", "1")):
        with Manager(folder / f"life.{len(options)}", WATCHDOG) as manager:
            sensor = start(manager, *options, "-w", folder / "out.argus")
            manager.wait_for("READY")
            assert (folder / "out.argus").stat().st_size, "not open"
            manager.wait_for("WATCHDOG", 3)
            assert "packets" in manager.wait_for("STATUS")["STATUS"]
            if not options:
                sensor.send_signal(signal.SIGHUP)
                assert int(manager.wait_for("RELOADING")["MONOTONIC_USEC"]) > 0
                manager.wait_for("READY", 1)
            sensor.terminate()
            equal(sensor.wait(10), 0, "status")
            equal(manager.count("STOPPING"), 1)
            (folder / "out.argus").unlink()


@cases.add()
def it_stands_still():
    for threads in (1, 2):
        path = folder / f"pipe.{threads}"
        os.mkfifo(path)
        pipe = os.open(path, os.O_RDWR)
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
        with Manager(folder / f"still.{threads}", WATCHDOG) as manager:
            sensor = start(manager, "-w", path, "--threads", threads)
            manager.wait_for("WATCHDOG", 1)
            os.read(pipe, 1 << 16)
            link.send(traffic)
            wait_for(lambda fd=pipe: not select.select([], [fd], [], 0)[1], "the pipe is full")
            manager.is_silent("WATCHDOG", 1.5)  # it is noticed within a second
            assert manager.is_silent("WATCHDOG", 2 * WATCHDOG), "it says that it does something"
            sensor.kill()
            sensor.wait()
        os.close(pipe)


class Unit:
    """A service as its unit has it, but for systemd: with its words, variables and rights."""

    def __init__(self, name, conf, **variables):
        self.folder = folder / name
        self.folder.mkdir(mode=0o777)
        self.folder.chmod(0o777)
        self.manager = Manager(folder / f"{name}.notify", 10)
        lines = (BIN.parent / "share" / f"{name}.service").read_text().splitlines()
        said = [line.split("=", 1) for line in lines if "=" in line and line[0] != "#"]
        values = dict(text.replace("%%", "%").split("=", 1)
                      for key, text in said if key == "Environment") | variables
        said = dict(said)
        (folder / f"{name}.conf").write_text(conf)
        words = said["ExecStart"].replace(f"/etc/{name}.conf", str(folder / f"{name}.conf")).split()
        words = [re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], word) for word in words[1:]
                 if word != "$RASTREAM_OPTIONS"] + values.get("RASTREAM_OPTIONS", "").split()
        rights = "".join(f",+{right[4:].lower()}" for right in
                         said.get("AmbientCapabilities", "").split())
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                   f"--inh-caps=-all{rights}", f"--ambient-caps=-all{rights}",
                   f"--bounding-set=-all{rights}", BIN / name, *words]
        self.process = subprocess.Popen(link.words(command), cwd=self.folder,
                                        env={**os.environ, **NO_RC_FILES,
                                             **self.manager.environment})
        started.append(self.process)
        self.manager.wait_for("READY")

    def stop(self):
        self.process.terminate()
        equal(self.process.wait(20), 0, "status")
        self.manager.socket.close()


@cases.add()
def three_units_together():
    """From the link to files, by way of a spool; every packet is in them."""
    if not shutil.which("setpriv"):
        raise Skip("setpriv is not installed")
    place = folder / "rastream" / "files"
    sensor = Unit("argus", "ARGUS_INTERFACE=b0\nARGUS_ACCESS_PORT=561\n"
                           "ARGUS_FLOW_STATUS_INTERVAL=1\n")
    radium = Unit("radium", f"RADIUM_ARGUS_SERVER=localhost\nRADIUM_ACCESS_PORT=562\n"
                            f"RADIUM_SPOOL={folder}/radium\nRADIUM_SPOOL_LIMIT=20M\n")
    rastream = Unit("rastream", "", RASTREAM_SOURCE="localhost:562", RASTREAM_TIME="1s",
                    RASTREAM_FILES=f"{place}/%H.%M.%S", RASTREAM_OPTIONS="-B 1")
    radium.manager.wait_for("WATCHDOG")
    count = link.send(traffic)

    def filed():
        files = list(place.glob("*")) if place.exists() else []
        return sum(int(row["pkts"]) for path in files
                   for row in rows(path, ["pkts"], "-M", "noman"))

    wait_for(lambda: filed() == count, "every packet is in a file")
    for unit in (sensor, radium, rastream):
        unit.stop()


try:
    cases.run()
finally:
    for process in started:  # of checks that failed
        process.kill()
    link.remove()
