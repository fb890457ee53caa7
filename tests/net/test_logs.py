#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages of programs that run for long: their forms, where they go, and that nobody waits for a
log that takes nothing."""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import BIN, NO_RC_FILES, generate, require, run, sense  # noqa: E402
from lib.streams import Program  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("argus", "ra", "radium")
cases = Cases("logs")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
FILE = sense(generate(folder / "a.pcap", "--packets", "2000", "--seed", "4"), folder / "a.argus")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Log:
    """What listens where syslog or the journal would."""

    def __init__(self, name):
        self.path = folder / name
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.said = []

    def lines(self):
        """All that has come, since it was asked for last."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.socket.recv(65536, socket.MSG_DONTWAIT).decode())
        self.said += found
        return found

    def has(self, part):
        """All that ever came, if that is in it."""
        self.lines()
        text = "\n".join(self.said)
        return text if part in text else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


class Radium(Program):
    """It has a source that is not there, and so lives until it is stopped."""

    def __init__(self, *options):
        self.port, self.metrics = streams.free_port(), streams.free_port()
        super().__init__(folder, "radium", "-X", "-P", self.port, "-S",
                         f"127.0.0.1:{streams.free_port()}", "--metrics", self.metrics, *options)
        streams.wait_for(lambda: streams.is_listening(self.port) or not self.is_running(),
                         "radium listens")

    def visit(self):
        """The name of a client that comes and goes."""
        with socket.create_connection(("127.0.0.1", self.port), streams.PATIENCE) as client:
            client.sendall(b"START: ")
            client.recv(streams.HEAD_SIZE)
            return ":".join(map(str, client.getsockname()))

    def has_lost_messages(self):
        with socket.create_connection(("127.0.0.1", self.metrics), streams.PATIENCE) as s:
            s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            text = s.makefile().read()
        return int(re.search(r"^panoptes_messages_lost_total (\d+)$", text, re.M)[1])


@cases.add()
def objects_of_json():
    with Radium("--log-format", "json") as radium:
        peer = radium.visit()
        streams.wait_for(lambda: "client-over" in radium.err, "the end is told")
        radium.stop(None)
    events = [json.loads(line) for line in radium.err.splitlines()]
    for event in events:
        assert TIME.fullmatch(event["time"]), event
        equal((event["program"], event["pid"]), ("radium", radium.process.pid))
    by_name = {event["event"]: event for event in events}
    equal((by_name["client-connected"]["level"], by_name["client-connected"]["peer"]),
          ("info", peer))
    over = by_name["client-over"]
    equal((over["peer"], over["records"], over["lost"]), (peer, 0, 0))
    assert over["message"].startswith(f"client {peer}: over: {over['reason']}"), over
    lost = by_name["source-lost"]
    equal((lost["level"], lost["reason"]), ("warning", "Connection refused"))
    assert lost["source"].startswith("127.0.0.1:") and float(lost["delay"]) > 0, lost


@cases.add()
def lines_of_syslog():
    with Log("syslog") as log, Radium("--log", f"syslog:{log.path}") as radium:
        peer = radium.visit()
        text = streams.wait_for(lambda: log.has(f"client {peer}: over"), "the end is told")
        radium.stop(None)
    date = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    head = rf"<30>{date} radium\[{radium.process.pid}\]"
    assert re.search(rf"^{head}: client {peer}: connected$", text, re.M), text
    equal(radium.err, "")


@cases.add()
def fields_of_the_journal():
    with Log("journal") as log, Radium("--log", f"journal:{log.path}") as radium:
        peer = radium.visit()
        streams.wait_for(lambda: log.has("client-over"), "the end is told")
        radium.stop(None)
        entries = [dict(line.split("=", 1) for line in entry.splitlines()) for entry in log.said]
    entry = next(e for e in entries if e["PANOPTES_EVENT"] == "client-connected")
    equal((entry["MESSAGE"], entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"], entry["PANOPTES_PEER"]),
          (f"client {peer}: connected", "6", "radium", peer))


@cases.add()
def less_serious_ones_are_left_out():
    with Radium("--log-level", "warning") as radium:
        radium.visit()
        streams.wait_for(lambda: "trying again" in radium.err, "a warning")
        radium.stop(None)
    assert "client" not in radium.err, radium.err


@cases.add()
def a_daemon_says_what_is_wrong_where_it_was_started():
    with Log("daemon") as log:
        words = ["-X", "-d", "-S", "127.0.0.1:1", "-P", streams.free_port(), "--log",
                 f"syslog:{log.path}"]
        result = run("radium", *words, "-u", "no-such-user", status=1)
        equal(result.err, "radium: there is no user 'no-such-user'\n")
        assert log.lines()[-1].endswith(": there is no user 'no-such-user'")
        (folder / "radium.conf").write_text(f'RADIUM_PID_PATH="{folder}"\n')
        run("radium", "-f", folder / "radium.conf", *words[1:], status=0)
        pid = int((folder / "radium.0.pid").read_text())
        streams.wait_for(lambda: log.has("trying again"), "its lines")
        os.kill(pid, signal.SIGTERM)
        streams.wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "its end")


@cases.add()
def where_the_journal_reads_standard_error():
    """Without its socket, there is a priority in front of each line."""
    if pathlib.Path("/run/systemd/journal/socket").exists():
        raise Skip("there is a journal, which would get the line of this test")
    with open(folder / "stream", "wb") as stream:
        status = os.fstat(stream.fileno())
        environment = {**os.environ, **NO_RC_FILES,
                       "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        subprocess.run([BIN / "radium", "-X", "-r", "/nowhere", "-w", folder / "out"],
                       stderr=stream, env=environment, check=False, timeout=streams.PATIENCE)
    equal((folder / "stream").read_text(), "<3>radium: /nowhere: No such file or directory\n")


@cases.add()
def what_others_say_is_one_line():
    name = "a\nradium: b\x1b[31m"
    result = run("radium", "-X", "-r", f"/nowhere/{name}", "-w", folder / "out", status=1)
    equal(result.err, "radium: /nowhere/a\\x0aradium: b\\x1b[31m: No such file or directory\n")


@cases.add()
def nobody_waits_for_syslog():
    """What the log did not take is the first thing that it is told."""
    with Log("stuck") as log, Radium("--log", f"syslog:{log.path}") as radium, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
        filler.connect(str(log.path))
        with contextlib.suppress(BlockingIOError):
            while True:
                filler.send(b"full", socket.MSG_DONTWAIT)
        radium.visit()
        streams.wait_for(radium.has_lost_messages, "a message that is lost")
        before = log.lines()
        equal(before[-1], "full")
        said = []

        def is_told():  # few lines about clients are said in a second
            radium.visit()
            said.extend(log.lines())
            return said

        streams.wait_for(is_told, "a line")
        missing = r"<28>.*: \d+ messages are missing here: they were not taken"
        assert re.search(missing, said[0]), said
        radium.stop(None)


@cases.add()
def nobody_waits_for_who_reads_standard_error():
    near, far = os.pipe()
    port = streams.free_port()
    command = [BIN / "radium", "-X", "-P", str(port), "-S", f"127.0.0.1:{streams.free_port()}"]
    with subprocess.Popen(command, stderr=far, env={**os.environ, **NO_RC_FILES}) as radium:
        try:
            streams.wait_for(lambda: streams.is_listening(port), "radium listens")
            os.set_blocking(far, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(far, b"x" * 4096)
            with Program(folder, "ra", "-X", "-S", f"127.0.0.1:{port}", "-M", "poll") as ra:
                ra.wait(0)
            with Program(folder, "ra", "-X", "-S", f"127.0.0.1:{port}", "-M", "poll") as ra:
                ra.wait(0)
        finally:
            radium.terminate()
        equal(radium.wait(streams.PATIENCE) in (0, 1), True)
    os.close(near)
    os.close(far)


@cases.add()
def wrong_words():
    for words, part in ((("--log", "elsewhere"), "'elsewhere' is none of"),
                        (("--log", "stderr:/x"), "is none of"),
                        (("--log", "syslog:x"), "is none of"),
                        (("--log", "syslog:/" + 200 * "x"), "too long"),
                        (("--log", f"journal:{folder}/nobody"), "No such file"),
                        (("--log-format", "xml"), "'xml' is none of"),
                        (("--log-level", "debug"), "'debug' is none of")):
        for program in ("radium", "argus"):
            result = run(program, "-X", "-r", FILE, "-w", folder / "out", *words, status=1)
            equal(result.err.count("\n"), 1)
            assert part in result.err and words[0] in result.err, result


cases.run()
