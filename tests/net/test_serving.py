#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor as a server: of our clients, of those of argus 3.0.8, and of others."""
import pathlib
import random
import re
import socket
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import SANITIZED, call, generate, original, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, PATIENCE, Program, split_records  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "racluster", "argus")
cases = Cases("the sensor serves")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "20000", "--seed", "7")
FILE = sense(CAPTURE, folder / "a.argus")
# Without the last one, which says how many files are written, too.
RECORDS = split_records(FILE.read_bytes())[1:-1]


def same_records(stream):
    """Fails unless these are the records, and a stop record, behind any start record."""
    got = split_records(bytes(HEAD_SIZE) + stream)[1:]
    equal(len(got), len(RECORDS) + 1, "records")
    for i, (one, wanted) in enumerate(zip(got, RECORDS)):
        equal(one, wanted, f"record {i}")
    equal(got[-1][:2], b"\x83\x30", "the last one")


class Sensor(Program):
    """Our sensor, which listens, and reads the capture when `clients` have come."""

    def __init__(self, clients=1, *options):
        self.port = streams.free_port()
        self.name = f"127.0.0.1:{self.port}"
        super().__init__(folder, "argus", "-q", "-r", CAPTURE, "-P", self.port, "--wait-clients",
                         clients, *options)
        streams.wait_for(lambda: streams.is_listening(self.port), "the sensor listens")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(PATIENCE)
        return connection

    def start(self):
        """A client that has said START, and has its start record."""
        connection = self.connect()
        connection.sendall(b"START: ")
        return connection, read_exactly(connection, HEAD_SIZE)


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise AssertionError(f"the server closed after {len(data)} of {size} bytes")
        data += piece
    return data


def read_all(connection):
    data = b""
    while True:
        piece = connection.recv(1 << 20)
        if not piece:
            return data
        data += piece


def is_closed(connection):
    """The server hangs up; nobody else says that it is time to."""
    try:
        return not read_all(connection).startswith(b"OK")
    except ConnectionResetError:
        return True


@cases.add()
def every_record_to_every_client():
    with Sensor(2) as sensor, Program(folder, "ra", "-X", "-S", sensor.name, "-w",
                                      folder / "all") as one:
        filtered = run("ra", "-X", "-n", "-S", sensor.name, "-", "tcp")
        one.wait(0)
        sensor.wait(0)
    same_records((folder / "all").read_bytes()[HEAD_SIZE:])
    equal(filtered.out, run("ra", "-X", "-n", "-r", FILE, "-", "tcp").out)


@cases.add()
def the_filter_is_applied_by_the_sensor():
    with Sensor(1) as sensor:
        connection = sensor.connect()
        read_exactly(connection, HEAD_SIZE)
        connection.sendall(b"FILTER: man or (udp)")
        equal(read_exactly(connection, 2), b"OK")
        connection.sendall(b"START: ")
        got = read_all(connection)
    (folder / "some").write_bytes(FILE.read_bytes()[:HEAD_SIZE] + got)
    equal(run("ra", "-X", "-r", folder / "some").out, run("ra", "-X", "-r", FILE, "-", "udp").out)
    equal(split_records(bytes(HEAD_SIZE) + got)[-1][:2], b"\x83\x30", "the stop record")


@cases.add()
def clients_of_308():
    if not original("ra"):
        raise Skip("ra of 3.0.8 is not installed (Debian: argus-client)")
    for words in ([], ["-", "tcp"]):
        with Sensor(2) as sensor, \
                Program(folder, original("ra"), "-X", "-n", "-S", sensor.name, *words) as ra, \
                Program(folder, original("racluster"), "-X", "-n", "-m", "proto", "-s", "proto",
                        "spkts", "dpkts", "-T", "3", "-S", sensor.name, *words):
            sensor.wait(0)
            wanted = call([original("ra"), "-X", "-n", "-r", FILE, *words]).out
            streams.wait_for(lambda ra=ra, wanted=wanted: ra.out == wanted, "all records")


@cases.add()
def two_hundred_clients():
    """A tenth of them reads nothing, a tenth goes away in the middle."""
    count = 40 if SANITIZED else 200
    tenth = count // 10
    with Sensor(count, "--most-clients", count + tenth) as sensor:
        clients = [sensor.start()[0] for _ in range(count)]
        for gone in clients[:tenth]:
            gone.close()
        for client in clients[2 * tenth:]:
            same_records(read_all(client))
        sensor.wait(0, 30)
        for stalled in clients[tenth:2 * tenth]:
            stalled.close()
    assert len(sensor.err.splitlines()) < 100, "peers decide how much is said"


@cases.add()
def one_client_too_many():
    with Sensor(2, "--most-clients", "1") as sensor:
        first, _ = sensor.start()
        refused = read_all(sensor.connect())
        equal(len(refused), HEAD_SIZE)
        equal(refused[1], 0x82)
        result = run("ra", "-X", "-S", sensor.name, status=1)
        assert "as many clients as it takes" in result.err, result
        first.close()


@cases.add()
def networks_that_are_allowed():
    with Sensor(1, "--allow", "192.0.2.0/24,127.0.0.2", "--allow", "2001:db8::/32") as sensor:
        refused = read_all(sensor.connect())
        equal((len(refused), refused[1]), (HEAD_SIZE, 0x81))
        result = run("ra", "-X", "-S", sensor.name, status=1)
        assert "refuses access" in result.err, result
        with socket.create_connection(("127.0.0.1", sensor.port),
                                      source_address=("127.0.0.2", 0)) as allowed:
            allowed.sendall(b"START: ")
            same_records(read_all(allowed)[HEAD_SIZE:])
        sensor.wait(0)
    assert "its address is not allowed" in sensor.err, sensor.err


@cases.add()
def hostile_peers():
    rubbish = random.Random(3)
    said = [rubbish.randbytes(5000) for _ in range(20)]
    said += [b"GET / HTTP/1.0\r\n\r\n", b"FILTER: " + b"(" * 60000, b"FILTER: " + b"tcp or " * 9000,
             b"START: START: ", b"\0", b"POSITION: x y\n", b"FILE: /etc/passwd"]
    with Sensor(2) as sensor:
        before = resident(sensor)
        for words in said:
            connection = sensor.connect()
            read_exactly(connection, HEAD_SIZE)
            try:
                connection.sendall(words)
                assert is_closed(connection), words[:20]
            except (BrokenPipeError, ConnectionResetError):
                pass
            connection.close()
        silent = [sensor.connect() for _ in range(300)]  # more than there are places
        equal(len(sensor.err.splitlines()) < 200, True, "few lines")
        assert resident(sensor) < before + 20000, (before, resident(sensor))
        first, _ = sensor.start()
        second, _ = sensor.start()
        same_records(read_all(first))
        same_records(read_all(second))
        for connection in silent:
            connection.close()
        sensor.wait(0)


@cases.add()
def refusals_are_said_once():
    """Of each address; how often it was refused is in the counters."""
    port = streams.free_port()
    with Sensor(1, "--connection-rate", "1", "--allow", "127.0.0.1,127.0.0.2", "--metrics",
                port) as sensor:
        for source, count in (("127.0.0.1", 25), ("127.0.0.2", 10), ("127.0.0.3", 10)):
            for _ in range(count):
                with socket.create_connection(("127.0.0.1", sensor.port), PATIENCE,
                                              (source, 0)) as connection:
                    head = read_exactly(connection, HEAD_SIZE)
                    if head[1] == 0x10:
                        connection.sendall(b"?")
                        read_all(connection)
        def refused(reason):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                found = re.search(rb'connections_refused_total{reason="%s"} (\d+)' % reason,
                                  answer.read())
            return int(found[1])
        said = [line for line in sensor.err.splitlines() if "refused: " in line]
        assert 14 <= refused(b"rate") <= 15, refused(b"rate")
        equal(refused(b"access"), 10)
        assert 20 <= refused(b"speech") <= 21
        equal([re.search(r"127\.0\.0\.\d", line)[0] for line in said],
              ["127.0.0.1", "127.0.0.2", "127.0.0.3"])
        result = run("ra", "-X", "-S", sensor.name, status=1)
        assert "is asked too often" in result.err, result
        sensor.process.terminate()
        sensor.wait(None)


def resident(program):
    """Memory of a process, in KiB."""
    for line in pathlib.Path(f"/proc/{program.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


@cases.add()
def going_on_where_it_stopped():
    """Clients of ours get positions, so that they can go on after a connection is lost."""
    with Sensor(1) as sensor:
        connection = sensor.connect()
        head = read_exactly(connection, HEAD_SIZE)
        equal(head[108:112], b"PAN1")
        connection.sendall(b"POSITION: new\n")
        equal(read_exactly(connection, 2), b"OK")
        connection.sendall(b"START: ")
        mark = read_exactly(connection, 32)
        equal(int.from_bytes(mark[16:24], "big"), 0)
        first = read_exactly(connection, sum(len(r) for r in RECORDS[:10]))
        connection.sendall(b"DONE: ")
        connection.close()
        equal(first, b"".join(RECORDS[:10]))
        sensor.process.terminate()
        sensor.wait(None)


@cases.add()
def command_lines():
    result = run("argus", "-q", "-r", CAPTURE, "-P", "561", "-w", folder / "off")
    equal(result.err, "")
    for wrong in (["-P", "70000"], ["-P", "1", "-B", "not.an.address.invalid"],
                  ["-P", "1", "--queue", "10"], ["-P", "1", "--allow", "10.0.0.0/33"],
                  ["-P", "1", "--allow", "there"], ["-P", "1", "--allow", ""],
                  ["-P", "1", "--allow", " ,"], ["-P", "1", "--queue", "4G", "--memory", "1G"]):
        run("argus", "-q", "-r", CAPTURE, "--wait-clients", "1", *wrong, status=1)
    port = streams.free_port()
    with socket.create_server(("127.0.0.1", port)):
        result = run("argus", "-q", "-r", CAPTURE, "-P", port, "--wait-clients", "1", status=1)
        assert "Address already in use" in result.err, result


@cases.add()
def files_of_variables():
    port = streams.free_port()
    conf = folder / "argus.conf"
    conf.write_text(f'ARGUS_ACCESS_PORT={port}\nARGUS_BIND_IP="127.0.0.1"\n')
    with Program(folder, "argus", "-q", "-F", conf, "-r", CAPTURE, "--wait-clients", "1") as sensor:
        streams.wait_for(lambda: streams.is_listening(port), "the sensor listens")
        equal(run("ra", "-X", "-S", f"127.0.0.1:{port}").out, run("ra", "-X", "-r", FILE).out)
        sensor.wait(0)


cases.run()
