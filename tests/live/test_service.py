#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor at an interface as a service: what it tells its manager, and that the watchdog hears
nothing when records cannot be written."""
import fcntl
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from lib.manager import Manager  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, generate, require  # noqa: E402
from lib.streams import wait_for  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402
from link import Link, require_link  # noqa: E402

WATCHDOG = 0.6  # seconds
require("argus")
require_link()
cases = Cases("service")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
folder.chmod(0o777)  # for users without rights
link = Link(cables=1)
traffic = generate(folder / "traffic.pcap", "-n", "5000", "-s", "7")


def start(manager, *options):
    command = [BIN / "argus", "-X", "-i", "b0", "-S", "0.1", *options]
    return subprocess.Popen(link.words(command), stderr=subprocess.DEVNULL,
                            env={**os.environ, **NO_RC_FILES, **manager.environment})


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


try:
    cases.run()
finally:
    link.remove()
