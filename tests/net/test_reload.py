#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: the configuration is read again, and a wrong one changes nothing."""
import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.certificates import Certificates, available  # noqa: E402
from lib.programs import generate, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, PATIENCE, Program, Server, split_records  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "argus", "radium")
cases = Cases("the configuration is read again")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
DATA = sense(generate(folder / "a.pcap", "--packets", "2000"), folder / "a.argus").read_bytes()


class Reloading(Program):
    """A program whose configuration the test writes."""

    def __init__(self, conf, *command, **variables):
        self.conf = conf
        self.prefix = command[0].upper()
        self.port = streams.free_port()
        self.name = f"127.0.0.1:{self.port}"
        self.write(**variables)
        super().__init__(folder, *command)
        streams.wait_for(lambda: streams.is_listening(self.port) or not self.is_running(),
                         "it listens")

    def write(self, **variables):
        """NAME=value, or several of them."""
        lines = [f"{self.prefix}_ACCESS_PORT={self.port}\n"]
        for name, value in variables.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{self.prefix}_{name}={one}\n")
        self.conf.write_text("".join(lines))

    def reload(self, **variables):
        """The line that says what came of it."""
        self.write(**variables)
        return self.hang_up()

    def hang_up(self):
        said = len(re.findall("configuration", self.err))
        self.process.send_signal(signal.SIGHUP)
        streams.wait_for(lambda: len(re.findall("configuration", self.err)) > said, "a line")
        return [line for line in self.err.splitlines() if "configuration" in line][-1]

    def connect(self, source="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0))

    def cause(self, source="127.0.0.1"):
        """Of the start record that a new client gets."""
        with self.connect(source) as client:
            return client.recv(HEAD_SIZE)[1]


class Radium(Reloading):
    def __init__(self, name, **variables):
        conf = folder / f"{name}.conf"
        super().__init__(conf, "radium", "-f", conf, **variables)


class Source(Server):
    """A server that waits for the word to send flows of a capture, as often as it is asked to."""

    def __init__(self):
        self.connections = []
        super().__init__(*[self.hold] * 5)

    def hold(self, connection):
        connection.sendall(DATA[:HEAD_SIZE])
        self.connections.append(connection)
        while connection.recv(100):
            pass
        self.connections.remove(connection)

    def send(self):
        streams.wait_for(lambda: self.connections, "a connection")
        self.connections[-1].sendall(DATA[HEAD_SIZE:])


def flows(path):
    data = path.read_bytes() if path.exists() else b""
    return sum(record[0] == 0x13 for record in split_records(data)[1:])


FLOWS = sum(record[0] == 0x13 for record in split_records(DATA)[1:])


@cases.add()
def rules_that_go():
    """Who can read then is said as it is at the start."""
    rules = folder / "gone.rules"
    rules.write_text("allow 127.0.0.0/8\n", encoding="ascii")
    everybody = "who can reach this address can read all records"
    with Source() as source, \
            Radium("gone", ARGUS_SERVER=source.name, BIND_IP="0.0.0.0", ACCESS=rules) as radium:
        assert everybody not in radium.err, radium.err
        radium.reload(ARGUS_SERVER=source.name, BIND_IP="0.0.0.0")
        streams.wait_for(lambda: everybody in radium.err, everybody)


@cases.add()
def sources_come_and_go():
    """One that stays is not disturbed; what it sends is all there."""
    out = folder / "sources"
    with Source() as one, Source() as two, Source() as three, \
            Radium("sources", ARGUS_SERVER=[one.name, two.name], OUTPUT_FILE=out) as radium:
        for source in (one, two):
            streams.wait_for(lambda s=source: s.connections, "a connection")
        line = radium.reload(ARGUS_SERVER=[three.name, one.name], OUTPUT_FILE=out)
        assert line.endswith("1 sources are new, 1 are gone"), line
        streams.wait_for(lambda: not two.connections, "the second is left")
        three.send()
        one.send()
        streams.wait_for(lambda: flows(out) == 2 * FLOWS, "all flows")
        equal(len(one.connections), 1)
        line = radium.reload(OUTPUT_FILE=out)  # nothing to read at all
        assert "stays as it was: nothing to read" in line, line
        equal((len(one.connections), len(three.connections)), (1, 1))
        radium.stop()


@cases.add()
def files_are_others_or_opened_anew():
    first, second = folder / "first", folder / "second"
    with Source() as source, Radium("files", ARGUS_SERVER=source.name,
                                    OUTPUT_FILE=first) as radium:
        source.send()
        streams.wait_for(lambda: flows(first) == FLOWS, "all flows")
        first.rename(folder / "first.1")
        radium.hang_up()
        source.send()
        streams.wait_for(lambda: flows(first) == FLOWS, "all flows again")
        radium.reload(ARGUS_SERVER=source.name, OUTPUT_FILE=f'{second} "udp"')
        source.send()
        udp = len(run("ra", "-X", "-L", "-1", "-r", folder / "first.1", "-",
                      "udp").out.splitlines())
        streams.wait_for(lambda: flows(second) == udp, "the flows of UDP")
        equal(flows(first), FLOWS)
        equal(second.read_bytes()[:2], b"\x83\x18")
        # a wrong one: files are opened anew all the same
        second.rename(folder / "second.1")
        line = radium.reload(ARGUS_SERVER=source.name, OUTPUT_FILE=f'{first} "no filter"')
        assert "stays as it was: -w " in line, line
        source.send()
        streams.wait_for(lambda: flows(second) == udp, "the flows of UDP again")
        equal(flows(first), FLOWS)
        radium.stop()


@cases.add()
def rules_about_clients():
    rules = folder / "rules"
    rules.write_text("allow 127.0.0.1\n")
    with Source() as source, Radium("rules", ARGUS_SERVER=source.name,
                                    ACCESS=rules) as radium:
        with radium.connect() as client:
            client.sendall(b"START: ")
            equal(client.recv(HEAD_SIZE)[1], 0x18)
            equal(radium.cause("127.0.0.2"), 0x81)
            rules.write_text("allow 127.0.0.0/30\nalow any\n")
            line = radium.hang_up()
            assert f"stays as it was: {rules}: line 2, column 1" in line, line
            equal(radium.cause("127.0.0.2"), 0x81)
            rules.write_text("allow 127.0.0.0/30\n")
            radium.hang_up()
            streams.wait_for(lambda: radium.cause("127.0.0.2") == 0x18, "the other is served")
            streams.wait_for(lambda: "connected" in radium.err, "the client is served")
            radium.reload(ARGUS_SERVER=source.name, ACCESS=rules, MOST_CLIENTS=1)
            streams.wait_for(lambda: radium.cause("127.0.0.2") == 0x82, "too many clients")
            radium.reload(ARGUS_SERVER=source.name, ALLOW="127.0.0.2")
            while client.recv(1 << 16):
                pass  # it is cut off
        radium.stop()


@cases.add()
def what_takes_a_new_start():
    with Source() as source, Radium("start", ARGUS_SERVER=source.name) as radium:
        for _ in range(2):  # it is not forgotten
            line = radium.reload(ARGUS_SERVER=source.name, QUEUE_SIZE="2M", FILTER='"tcp"',
                                 MONITOR_ID="7", SET_PID="no", MOST_CLIENTS=5)
            names = line.split("needed for ")[1].split(", ")
            equal(sorted(names), sorted(["--queue", "the filter", "RADIUM_MONITOR_ID",
                                         "RADIUM_SET_PID"]))
        line = radium.reload(ARGUS_SERVER=source.name)
        assert "a new start" not in line, line
        radium.conf.write_text("RADIUM_ACCESS_PORT\n")
        line = radium.hang_up()
        assert f"stays as it was: -f: {radium.conf}: line 1: " in line, line
        radium.conf.unlink()
        assert "stays as it was" in radium.hang_up()
        equal(len(source.connections), 1)
        radium.stop()


@cases.add()
def certificates():
    """New ones are for those who come; who is there stays."""
    if not available():
        raise Skip("the program openssl is not installed, which makes certificates")
    made = Certificates(folder)
    for name in ("ours", "others"):
        made.authority(name)
        made.certificate(f"server-{name}", name, "DNS:localhost")
        made.certificate(f"client-{name}", name)

    def install(name):
        for kind in ("pem", "key"):
            (folder / f"live.{kind}").write_bytes((folder / f"server-{name}.{kind}").read_bytes())
        (folder / "live.ca").write_bytes((folder / f"{name}.pem").read_bytes())

    install("ours")
    tls = {"TLS_CERT": folder / "live.pem", "TLS_KEY": folder / "live.key",
           "TLS_CA": folder / "live.ca"}
    with Source() as source, Radium("tls", ARGUS_SERVER=source.name, **tls) as radium:
        name = f"argus-tls://localhost:{radium.port}"
        ra = ("ra", "-X", "-S", name, "-N", "1")
        with Program(folder, "ra", "-X", "-S", name, "-w", folder / "stays",
                     *made.options("client-ours", "ours")) as stays:
            streams.wait_for(lambda: "connected" in radium.err, "the client is served")
            install("others")
            radium.hang_up()
            time.sleep(0.1)
            wrong = run(*ra, *made.options("client-ours", "ours"), status=1)
            assert "certificate" in wrong.err, wrong
            with Program(folder, "ra", "-X", "-S", name, "-w", folder / "new",
                         *made.options("client-others", "others")) as new:
                streams.wait_for(lambda: radium.err.count("connected") == 2, "both are served")
                source.send()
                for path in (folder / "stays", folder / "new"):
                    streams.wait_for(lambda p=path: flows(p) == FLOWS, "all flows")
                (folder / "live.key").write_text("no key")
                assert "stays as it was: the " in radium.hang_up()
                radium.stop()
                stays.wait()
                new.wait()


@cases.add()
def a_sensor_that_listens():
    if os.geteuid():
        raise Skip("opening interfaces takes root")
    out, conf = folder / "sensor", folder / "sensor.conf"
    rules = folder / "sensor.rules"
    rules.write_text("allow 127.0.0.1\n")
    with Reloading(conf, "argus", "-F", conf, "-i", "lo", "-w", out, "-", "host 127.8.9.10",
                   ACCESS=rules, DAEMON="no") as sensor:
        streams.wait_for(lambda: out.exists() and out.stat().st_size, "it is at work")
        equal((sensor.cause(), sensor.cause("127.0.0.2")), (0x10, 0x81))
        out.rename(folder / "sensor.1")
        line = sensor.reload(ALLOW="127.0.0.2", FLOW_STATUS_INTERVAL=7, SET_PID="no",
                             MONITOR_ID="77", GENERATE_MAC_DATA="yes", DAEMON="no")
        names = line.split("needed for ")[1].split(", ")
        equal(sorted(names), ["--mac", "--status-interval", "ARGUS_MONITOR_ID", "ARGUS_SET_PID"])
        streams.wait_for(lambda: sensor.cause("127.0.0.2") == 0x10, "the other is served")
        equal(sensor.cause(), 0x81)
        equal(out.exists(), True)
        out.rename(folder / "sensor.2")
        line = sensor.reload(ALLOW="127.0.0.999")
        assert f"stays as it was: -F: {conf}: line 2: ARGUS_ALLOW: " in line, line
        streams.wait_for(out.exists, "a new file all the same")
        equal((sensor.cause("127.0.0.2"), sensor.cause()), (0x10, 0x81))
        line = sensor.reload(ALLOW="127.0.0.2", DAEMON="no")
        assert line.endswith("read again"), line
        sensor.stop()


cases.run()
