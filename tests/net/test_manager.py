#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What programs tell a service manager, and that its watchdog hears nothing while work stands
still; the units that ask for it."""
import contextlib
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.manager import Manager  # noqa: E402
from lib.programs import BIN, call, generate, require, sense  # noqa: E402
from lib.streams import Program, Server  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("argus", "ra", "radium")
cases = Cases("manager")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "60000", "--seed", "5")
FILE = sense(CAPTURE, folder / "a.argus")
DATA = FILE.read_bytes()
WATCHDOG = 0.6  # seconds
PAGE = os.sysconf("SC_PAGESIZE")


class Radium(Program):
    def __init__(self, manager, *options):
        self.port = streams.free_port()
        with manager.asks():
            super().__init__(folder, "radium", "-X", "-P", self.port, *options)


def nobody():
    return f"127.0.0.1:{streams.free_port()}"


@contextlib.contextmanager
def stuck_pipe(path):
    """Somebody has it open, and reads nothing: what is written to it waits for ever."""
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PAGE)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        path.unlink()


def is_full(pipe):
    return not select.select([], [pipe], [], 0)[1]


def play(connection):
    """A server of Argus that has all records at once, and then nothing."""
    connection.sendall(DATA[:streams.HEAD_SIZE])
    connection.recv(100)
    connection.sendall(DATA[streams.HEAD_SIZE:])
    with contextlib.suppress(OSError):
        connection.recv(100)


@cases.add()
def the_life_of_radium():
    for name in (folder / "notify", f"@panoptes-test-{os.getpid()}"):
        with Manager(name, WATCHDOG) as manager, Radium(manager, "-S", nobody()) as radium:
            manager.wait_for("READY")
            equal(streams.is_listening(radium.port), True)
            manager.wait_for("WATCHDOG", 2)
            assert "records taken" in manager.wait_for("STATUS")["STATUS"]
            radium.process.send_signal(signal.SIGHUP)
            reloading = manager.wait_for("RELOADING")
            assert int(reloading["MONOTONIC_USEC"]) > 0, reloading
            manager.wait_for("READY", 1)
            radium.process.terminate()
            radium.wait(None)
            equal(list(manager.messages()[-1]), ["STOPPING"])
        equal(manager.told[0], {"READY": "1"})


@cases.add()
def clients_are_waited_for():
    """By the sensor, whose packets wait, and by radium."""
    for words in (("argus", "-q", "-r", CAPTURE), ("radium", "-r", FILE)):
        with Manager(folder / f"await.{words[0]}", WATCHDOG) as manager, manager.asks(), \
                Program(folder, words[0], "-X", "-P", streams.free_port(), "--wait-clients", "1",
                        *words[1:]) as program:
            manager.wait_for("READY")
            manager.wait_for("WATCHDOG", 2)
            program.process.terminate()
            program.wait(None)


@cases.add()
def no_watchdog_no_signs():
    with Manager(folder / "plain") as manager, Radium(manager, "-S", nobody()) as radium:
        manager.wait_for("STATUS")
        equal(manager.is_silent("WATCHDOG", 0.8), True)
        radium.stop(None)
    other = {"WATCHDOG_PID": "1"}
    with Manager(folder / "other", WATCHDOG) as manager:
        manager.environment.update(other)
        with Radium(manager, "-S", nobody()) as radium:
            manager.wait_for("STATUS")
            equal(manager.is_silent("WATCHDOG", 0.8), True)
            radium.stop(None)


@cases.add()
def nobody_there_and_rubbish():
    for name in (folder / "nowhere", "relative", "", "@", "vsock:2:1", "/" + 200 * "x"):
        with Manager(folder / f"rubbish.{len(str(name))}") as manager:
            manager.environment = {"NOTIFY_SOCKET": str(name), "WATCHDOG_USEC": "x"}
            with Radium(manager, "-r", FILE) as radium:
                radium.wait(0)


@cases.add()
def not_ready_before_all_is_open():
    with Manager(folder / "early") as manager:
        with manager.asks(), Program(folder, "radium", "-X", "-P", streams.free_port(), "-u",
                                     "no-such-user", "-S", nobody()) as radium:
            radium.wait(1)
        equal(manager.messages(), [])


def stands_still(manager, pipe):
    manager.wait_for("READY")
    streams.wait_for(lambda: is_full(pipe), "the pipe is full")
    manager.is_silent("WATCHDOG", WATCHDOG / 2)  # the last one may be on its way
    assert manager.is_silent("WATCHDOG", 2 * WATCHDOG), "it stands still, and says it does not"


@cases.add()
def radium_stands_still():
    """Nobody takes what it writes."""
    with stuck_pipe(folder / "out") as pipe, Server(play) as server, \
            Manager(folder / "stuck", WATCHDOG) as manager, \
            Radium(manager, "-S", server.name, "-w", folder / "out"):
        stands_still(manager, pipe)
        before = manager.count("WATCHDOG")
        drain = subprocess.Popen(["cat", folder / "out"], stdout=subprocess.DEVNULL)
        try:
            manager.wait_for("WATCHDOG", before)
        finally:
            drain.kill()
            drain.wait()


@cases.add()
def a_pipe_that_is_silent_is_no_standstill():
    os.mkfifo(folder / "in")
    source = os.open(folder / "in", os.O_RDWR)
    os.write(source, DATA[:2000])
    with Manager(folder / "silent", WATCHDOG) as manager, \
            Radium(manager, "-r", folder / "in") as radium:
        manager.wait_for("WATCHDOG", 3)
        radium.stop(None)
    os.close(source)


@cases.add()
def rastream_and_its_programs():
    script = folder / "script"
    script.write_text(f"#!/bin/sh\nenv >{folder}/env\n")
    script.chmod(0o755)
    with Server(play) as server, Manager(folder / "rastream", WATCHDOG) as manager:
        with manager.asks(), \
                Program(folder, "rastream", "-X", "-S", server.name, "--reconnect", "-M", "time",
                        "1s", "-B", "1", "-w", folder / "files/%H.%M.%S", "-f", script) as rastream:
            manager.wait_for("READY")
            manager.wait_for("WATCHDOG", 2)
            streams.wait_for((folder / "env").exists, "the program is run")
            assert "files finished" in manager.wait_for("STATUS")["STATUS"]
            rastream.process.terminate()
            rastream.wait(None)
        equal(manager.count("STOPPING"), 1)
    assert "NOTIFY_SOCKET" not in (folder / "env").read_text()
    assert "WATCHDOG" not in (folder / "env").read_text()


@cases.add()
def rastream_stands_still():
    with stuck_pipe(folder / "xaa") as pipe, Server(play) as server, \
            Manager(folder / "still", WATCHDOG) as manager, manager.asks(), \
            Program(folder, "rastream", "-X", "-S", server.name, "--reconnect", "-w",
                    folder / "x"):
        stands_still(manager, pipe)


@cases.add()
def units_for_systemd():
    """What they say is understood, and is there."""
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is not installed")
    for name, program in (("argus", "sbin/argus"), ("radium", "sbin/radium"),
                          ("rastream", "bin/rastream")):
        built = (BIN.parent / "share" / f"{name}.service").read_text()
        assert "Type=notify" in built and "WatchdogSec=" in built, built
        unit = folder / f"{name}.service"
        unit.write_text(re.sub(rf"^ExecStart=\S*/{program} ", f"ExecStart={BIN / name} ", built,
                               flags=re.M))
        said = call(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit])
        equal((said.status, said.err + said.out), (0, ""), unit.name)


cases.run()
