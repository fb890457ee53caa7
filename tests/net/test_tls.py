#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records by TLS: both sides prove who they are, and nobody else gets anything."""
import os
import pathlib
import socket
import ssl
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.certificates import Certificates, available  # noqa: E402
from lib.programs import generate, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, Program  # noqa: E402
from lib.tap import Cases, equal, skip_all  # noqa: E402

require("ra", "argus", "radium")
if not available():
    skip_all("the program openssl is not installed, which makes certificates")
cases = Cases("records by TLS")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "5000")
FILE = sense(CAPTURE, folder / "a.argus")
PRINTED = run("ra", "-X", "-n", "-r", FILE).out


made = Certificates(folder)
files = made.options
made.authority("ours")
made.authority("others")
made.certificate("sensor", "ours", "IP:127.0.0.1,DNS:localhost")
made.certificate("client", "ours", "DNS:client")
made.certificate("elsewhere", "ours", "DNS:elsewhere.example")
made.certificate("stranger", "others", "IP:127.0.0.1")


class Sensor(Program):
    def __init__(self, name="sensor"):
        self.port = streams.free_port()
        self.name = f"argus-tls://127.0.0.1:{self.port}"
        super().__init__(folder, "argus", "-q", "-r", CAPTURE, "-P", self.port, "--wait-clients",
                         "1", *files(name))
        streams.wait_for(lambda: streams.is_listening(self.port), "the sensor listens")


@cases.add()
def records_arrive():
    with Sensor() as sensor:
        equal(run("ra", "-X", "-n", "-S", sensor.name, *files("client")).out, PRINTED)
        sensor.wait(0)
    with Sensor() as sensor:
        got = run("ra", "-X", "-n", "-S", sensor.name, *files("client"), "-", "udp").out
    equal(got, run("ra", "-X", "-n", "-r", FILE, "-", "udp").out)


@cases.add()
def through_radium():
    port = streams.free_port()
    with Sensor() as sensor, \
            Program(folder, "radium", "-X", "-S", sensor.name, "-P", port, "--wait-clients", "1",
                    "--spool", folder / "spool", *files("sensor")) as radium:
        streams.wait_for(lambda: streams.is_listening(port), "radium listens")
        with Program(folder, "ra", "-X", "-n", "-S", f"argus-tls://localhost:{port}",
                     *files("client")) as ra:
            streams.wait_for(lambda: ra.out == PRINTED, "all records")
        sensor.wait(0)
        radium.stop()


def is_refused(sensor, text, *options):
    result = run("ra", "-X", "-S", sensor.name, *options, status=1)
    equal(result.out, "", "records")
    assert text in result.err, result
    equal(result.err.count("\n"), 1, "lines")


@cases.add()
def peers_that_are_not_believed():
    with Sensor() as sensor:
        for _ in range(3):
            is_refused(sensor, "", *files("stranger"))
        streams.wait_for(lambda: sensor.err.count("refused: ") == 1, "one line for all")
        is_refused(sensor, "certificate", *files("client", "others"))
        equal(run("ra", "-X", "-n", "-S", sensor.name, *files("client")).out, PRINTED)
    with Sensor("elsewhere") as sensor:
        is_refused(sensor, "mismatch", *files("client"))


@cases.add()
def nobody_gets_anything_by_less():
    """No certificate, an older version, and bytes that are no TLS."""
    with Sensor() as sensor:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=folder / "ours.pem")
            context.minimum_version = context.maximum_version = version
            with socket.create_connection(("127.0.0.1", sensor.port)) as plain:
                plain.settimeout(10)
                try:
                    with context.wrap_socket(plain, server_hostname="localhost") as secure:
                        secure.sendall(b"START: ")
                        equal(secure.recv(HEAD_SIZE), b"")
                except (ssl.SSLError, ConnectionError):
                    pass
        for words in (b"START: ", bytes(3000), b"\x16\x03\x01\xff\xff" + bytes(70000)):
            with socket.create_connection(("127.0.0.1", sensor.port)) as plain:
                plain.settimeout(10)
                try:
                    plain.sendall(words)
                    got = plain.recv(1000)
                    assert got == b"" or got[0] == 0x15, got  # an alert
                except ConnectionError:
                    pass
        equal(run("ra", "-X", "-n", "-S", sensor.name, *files("client")).out, PRINTED)


def processor_seconds(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


@cases.add()
def silence_costs_nothing():
    with Sensor() as sensor, socket.create_connection(("127.0.0.1", sensor.port)):
        before = processor_seconds(sensor.process.pid)
        time.sleep(0.6)
        spent = processor_seconds(sensor.process.pid) - before
        assert spent < 0.3, spent


@cases.add()
def command_lines():
    missing = folder / "not there"
    for wrong in (["--tls-cert", folder / "client.pem"], files("client")[:4],
                  ["--tls-cert", missing, "--tls-key", missing, "--tls-ca", missing],
                  [*files("client")[:2], "--tls-key", folder / "sensor.key", *files("client")[4:]]):
        run("ra", "-X", "-S", "argus-tls://127.0.0.1:1", *wrong, status=1)
        run("argus", "-q", "-r", CAPTURE, "-P", "1", "--wait-clients", "1", *wrong, status=1)
    run("ra", "-X", "-S", "argus-tls://127.0.0.1:1", status=1)
    run("radium", "-X", "-S", "argus-tls://127.0.0.1:1", "-w", folder / "none", status=1)


cases.run()
