#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The record tools as clients: of servers of all kinds, made up here, and of argus 3.0.8."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import BIN, generate, original, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, Program, Server, split_records  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "racluster", "argus")
cases = Cases("remote sources")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "3000", "--seed", "5")
SMALL = generate(folder / "b.pcap", "--packets", "200", "--rate", "150")
FILE = sense(CAPTURE, folder / "a.argus")
DATA = FILE.read_bytes()
COLUMNS = ("-n", "-L", "-1", "-s", "stime", "proto", "saddr", "sport", "dir", "daddr", "dport",
           "pkts", "bytes", "state", "seq")


def serving(data, chunk=None, then=None):
    """A handler: the dialogue without filter, then the records in pieces."""
    def handler(connection):
        connection.sendall(data[:HEAD_SIZE])
        equal(connection.recv(100), b"START: ")
        step = chunk or len(data)
        for at in range(HEAD_SIZE, len(data), step):
            connection.sendall(data[at:at + step])
        if then:
            then(connection)
    return handler


def printed(*options, tool="ra", status=0):
    return run(tool, "-X", *COLUMNS, *options, status=status)


@cases.add()
def same_records_as_from_the_file():
    for chunk in (None, 1021):
        with Server(serving(DATA, chunk)) as server:
            equal(printed("-S", server.name).out, printed("-r", FILE).out)


@cases.add()
def copied_byte_by_byte():
    copy = folder / "copy"
    with Server(serving(DATA)) as server:
        run("ra", "-X", "-S", f"argus://{server.name}", "-w", copy)
    equal(copy.read_bytes(), DATA)


@cases.add()
def filters_are_applied_here():
    for prefix in ([], ["local"]):
        with Server(serving(DATA)) as server:
            equal(printed("-S", server.name, "-", *prefix, "tcp").out,
                  printed("-r", FILE, "-", "tcp").out)


@cases.add()
def merging_tools_wait_for_the_end():
    with Server(serving(DATA, 5000)) as server:
        equal(run("racluster", "-X", "-S", server.name, "-m", "proto", "-s", "proto", "pkts").out,
              run("racluster", "-X", "-r", FILE, "-m", "proto", "-s", "proto", "pkts").out)


@cases.add()
def several_sources_and_files():
    with Server(serving(DATA)) as one, Server(serving(DATA)) as two:
        lines = printed("-r", FILE, "-S", one.name, "-S", two.name).out.splitlines()
    equal(sorted(lines), sorted(3 * printed("-r", FILE).out.splitlines()))
    equal(lines[:len(lines) // 3], printed("-r", FILE).out.splitlines())


@cases.add()
def a_record_is_seen_when_it_came():
    half = HEAD_SIZE + sum(len(r) for r in split_records(DATA)[1:11])
    wait = lambda connection: connection.recv(1)  # noqa: E731
    with Server(serving(DATA[:half], then=wait)) as server, \
            Program(folder, "ra", "-X", "-S", server.name, *COLUMNS) as ra:
        streams.wait_for(lambda: len(ra.out.splitlines()) >= 10, "ten lines")
        ra.process.send_signal(signal.SIGINT)
        ra.wait(0)


@cases.add()
def time_is_over():
    with Server(serving(DATA, then=lambda c: c.recv(1))) as server:
        begin = time.monotonic()
        equal(printed("-S", server.name, "-T", "0.5").out, printed("-r", FILE).out)
        assert 0.4 < time.monotonic() - begin < 5


@cases.add()
def goodbye_is_said():
    said = []

    def listen(connection):
        said.append(connection.recv(100))
    with Server(serving(DATA, then=listen)) as server:
        run("ra", "-X", "-S", server.name, "-N", "1", "-q")
        server.thread.join(10)
    equal(said, [b"DONE: "])


@cases.add()
def no_goodbye_for_what_cannot_be_written():
    """It would say that we have all. And nobody waits for more, which may never come."""
    said = []
    for tool in ("radium", "ra"):
        for data in (DATA, DATA[:HEAD_SIZE]):
            def handler(connection, data=data):
                with contextlib.suppress(ConnectionError):  # not all that was sent is read
                    serving(data, then=lambda c: said.append(c.recv(100)))(connection)
            with Server(handler) as server:
                run(tool, "-X", "-S", server.name, "-w", "/dev/full", status=1)
                server.thread.join(10)
    assert b"DONE: " not in said, said


@cases.add()
def polling():
    def handler(connection):
        connection.sendall(DATA[:HEAD_SIZE])
        equal(connection.recv(100), b"DONE: ")
    with Server(handler) as server:
        run("ra", "-X", "-M", "poll", "-S", server.name)
    run("ra", "-X", "-M", "poll", "-S", f"127.0.0.1:{streams.free_port()}", status=1)


@cases.add()
def a_server_that_comes_later():
    port = streams.free_port()
    with Program(folder, "ra", "-X", "--reconnect", "-S", f"127.0.0.1:{port}", "-N", "2",
                 *COLUMNS) as ra:
        streams.wait_for(lambda: "trying again in 0.25 s" in ra.err, "a first attempt")
        with socket.create_server(("127.0.0.1", port)) as listener:
            connection, _ = listener.accept()
            with connection:
                serving(DATA)(connection)
            ra.wait(0)
    equal(ra.out.splitlines(), printed("-r", FILE, "-N", "2").out.splitlines())


def fails(handler, text, *options):
    with Server(handler) as server:
        result = run("ra", "-X", "-S", server.name, *options, status=1)
    assert server.name in result.err and text in result.err, result
    equal(result.err.count("\n"), 1, "lines")


@cases.add()
def servers_that_are_none():
    port = streams.free_port()
    result = run("ra", "-X", "-S", f"127.0.0.1:{port}", status=1)
    assert f"127.0.0.1:{port}: Connection refused" in result.err, result
    fails(lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n" + 200 * b"x"), "not argus data")
    fails(lambda c: None, "the server closed the connection")
    fails(lambda c: c.sendall(DATA[:100]), "the server closed the connection")
    fails(lambda c: c.sendall(b"\x83\x81" + DATA[2:HEAD_SIZE]), "refuses access")
    fails(serving(DATA[:-7]), "in the middle of a record")
    fails(serving(DATA[:HEAD_SIZE] + 1000 * b"\x10\x10\0\0"), "a record of length 0")


@cases.add()
def records_before_the_trouble_count():
    with Server(serving(DATA[:-7])) as server:
        result = printed("-S", server.name, status=1)
    equal(result.out, printed("-r", FILE, "-N", str(len(split_records(DATA)) - 2)).out)


@cases.add()
def command_lines_that_are_wrong():
    for wrong in ("user@host", "argus-udp://host", "host:0", "host:99999", ""):
        run("ra", "-X", "-S", wrong, status=1)
    run("ra", "-X", "-S", "host", "-T", "soon", status=1)
    run("racluster", "-X", "-M", "replace", "-S", "127.0.0.1:1", status=1)
    run("ra", "-S", "127.0.0.1:1", "-X", status=1)


# --- argus 3.0.8 ---------------------------------------------------------------------------------

def original_sensor(port):
    """The sensor of 3.0.8 plays the capture, but not before a client is there."""
    if not original("argus"):
        raise Skip("argus of 3.0.8 is not installed (Debian: argus-server)")
    return Program(folder, original("argus"), "-X", "-T", "1", "-r", SMALL, "-P", port, "-B",
                   "127.0.0.1", name="argus308")


@cases.add()
def read_from_the_sensor_of_308():
    reference = folder / "reference"
    if original("argus"):
        with Program(folder, original("argus"), "-X", "-r", SMALL, "-w", reference) as sensor:
            sensor.wait(None)
    for words in ([], ["-", "remote", "tcp"]):
        port = streams.free_port()
        with original_sensor(port):
            streams.wait_for(lambda port=port: streams.is_listening(port), "the sensor listens")
            got = printed("-S", f"127.0.0.1:{port}", *words)
        local = [word for word in words if word != "remote"]
        equal(sorted(got.out.splitlines()),
              sorted(printed("-r", reference, *local).out.splitlines()))


SILENT_NAME_SERVER = """
ip link set lo up && ip link add a0 type veth peer name b0 && ip addr add 192.0.2.2/24 dev a0 &&
ip link set a0 up && ip link set b0 up &&
ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev a0 nud permanent &&
mount --bind "$1" /etc/resolv.conf && echo ready && shift && exec "$@"
"""


@cases.add()
def a_name_server_that_does_not_answer():
    """Other sources go on meanwhile."""
    copy, conf, port = folder / "meanwhile", folder / "resolv.conf", streams.free_port()
    conf.write_text("nameserver 192.0.2.1\n")
    command = ["unshare", "--net", "--mount", "sh", "-c", SILENT_NAME_SERVER, "sh", conf, "sh",
               "-c", f'''
{BIN}/argus -q -r {CAPTURE} -P {port} --wait-clients 1 &
{BIN}/ra -X -S nowhere.example.net -S 127.0.0.1:{port} --reconnect -w {copy} &
wait''']
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, start_new_session=True) as group:
        if group.stdout.readline() != b"ready\n":
            raise Skip("no network namespace can be made here (is this root?)")
        begun = time.monotonic()
        streams.wait_for(lambda: copy.exists() and copy.stat().st_size >= len(DATA), "all records")
        os.killpg(group.pid, signal.SIGKILL)
    assert time.monotonic() - begun < 8, "it was waited for the name server"


cases.run()
