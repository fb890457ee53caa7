#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The collector: many sources and clients, lines that are cut, a process that is killed."""
import contextlib
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import BIN, call, generate, original, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, Program, Server, split_records  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "argus", "radium")
cases = Cases("radium")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "60000", "--seed", "9")
FILE = sense(CAPTURE, folder / "a.argus")
DATA = FILE.read_bytes()
FLOWS = [r for r in split_records(DATA)[1:] if r[0] == 0x13]


def flows(data):
    """The flow records of a file or stream: management records are everybody's own."""
    return [r for r in split_records(data)[1:] if r[0] == 0x13]


def same_flows(got, wanted, what="flows"):
    equal(len(got), len(wanted), what)
    for i, (one, other) in enumerate(zip(got, wanted)):
        equal(one, other, f"{what}, number {i}")


class Radium(Program):
    def __init__(self, *options, port=None):
        self.port = port or streams.free_port()
        self.name = f"127.0.0.1:{self.port}"
        super().__init__(folder, "radium", "-X", "-P", self.port, *options)
        streams.wait_for(lambda: streams.is_listening(self.port) or not self.is_running(),
                         "radium listens")


def kill(program):
    program.process.kill()
    program.process.wait()


class Sensor(Program):
    """A sensor that plays the capture when its client is there."""

    def __init__(self, *options, capture=CAPTURE):
        self.port = streams.free_port()
        self.name = f"127.0.0.1:{self.port}"
        super().__init__(folder, "argus", "-q", "-r", capture, "-P", self.port, "--wait-clients",
                         "1", *options)
        streams.wait_for(lambda: streams.is_listening(self.port), "the sensor listens")


@cases.add()
def marks_are_not_made_by_others():
    """Records that look like marks of the protocol, or of the spool, are what nobody sends."""
    def forged(cause, body):
        return struct.pack(">BBH4s", 0x73, cause, 2 + len(body) // 4, b"PAN1") + body
    marks = (forged(0x10, struct.pack(">QQQ", 7, 1000, 5)),
             forged(0x20, struct.pack(">QQ12s", 7, 1000, b"127.0.0.1:5")))
    path, spool, copy = folder / "forged", folder / "forged.spool", folder / "forged.copy"
    path.write_bytes(DATA[:HEAD_SIZE] + marks[0] + FLOWS[0] + marks[1] + FLOWS[1])
    with Radium("-r", path, "--wait-clients", "1", "--spool", spool) as radium, \
            Program(folder, "ra", "-X", "-S", radium.name, "--reconnect", "-w", copy) as ra:
        radium.wait(0)
        streams.wait_for(lambda: "trying again" in ra.err, "the end of radium")
        ra.stop(0)
        assert "missing" not in ra.err, ra
    same_flows(flows(copy.read_bytes()), FLOWS[:2])
    kept = b"".join(file.read_bytes() for file in spool.iterdir())
    equal([mark in kept for mark in marks], [False, False])


class Cable:
    """A line to a port that breaks, `cuts` times, after a random number of bytes. What is under way
    then is lost, as on a real one."""

    def __init__(self, port, cuts, seed, most=60000):
        self.to, self.cuts, self.most = port, cuts, most
        self.dice = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                if self.listener.fileno() < 0:
                    return
                near.close()
                continue
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(self, source, target):
        left = self.dice.randrange(self.most)
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                left -= len(data)
                if left < 0 and self.cuts > 0:
                    self.cuts -= 1
                    break
                target.sendall(data)
            else:  # the end of one direction is none of the other
                target.shutdown(socket.SHUT_WR)
                return
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


@cases.add()
def files_to_clients():
    with Radium("-r", FILE, "--wait-clients", "2") as radium, \
            Program(folder, "ra", "-X", "-S", radium.name, "-w", folder / "copy") as ra:
        filtered = run("ra", "-X", "-n", "-S", radium.name, "-", "tcp").out
        ra.wait(0)
        radium.wait(0)
    same_flows(flows((folder / "copy").read_bytes()), FLOWS)
    equal(filtered, run("ra", "-X", "-n", "-r", FILE, "-", "tcp").out)


@cases.add()
def two_sensors_and_a_filter():
    with Sensor() as one, Sensor() as two, \
            Radium("-S", one.name, "-S", two.name, "-p", "-w", folder / "udp", "udp", "-w",
                   folder / "all", "-", "udp", "or", "icmp") as radium:
        radium.wait(0)
    wanted = flows_of("udp")
    got = flows((folder / "udp").read_bytes())
    equal(sorted(got), sorted(2 * wanted))
    equal(sorted(flows((folder / "all").read_bytes())), sorted(2 * flows_of("udp or icmp")))


def flows_of(words):
    path = folder / "selected"
    path.unlink(missing_ok=True)
    run("ra", "-X", "-r", FILE, "-w", path, "-", words)
    return flows(path.read_bytes())


def play(connection):
    """A server of Argus that goes on when it has sent all."""
    connection.sendall(DATA[:HEAD_SIZE])
    connection.recv(100)
    connection.sendall(DATA[HEAD_SIZE:])


@cases.add()
def a_source_that_comes_back():
    with Server(play, play) as server, Radium("-S", server.name) as radium:
        with Program(folder, "ra", "-X", "-S", radium.name, "-w", folder / "twice") as ra:
            server.thread.join(15)
            streams.wait_for(lambda: radium.err.count("trying again") > 1, "the second end")
            radium.stop()
            ra.wait(0)
    equal(len(flows((folder / "twice").read_bytes())) >= len(FLOWS), True)


@cases.add()
def management_records_of_its_own():
    with Server(lambda c: (play(c), time.sleep(4))) as server, \
            Radium("-S", server.name, "-M", "1", "-e", "77") as radium:
        got = run("ra", "-X", "-S", radium.name, "-T", "2.5", "-M", "man", "-L", "-1", "-s",
                  "srcid", "proto", "-", "local", "man").out
    assert got.split().count("0.0.0.77") >= 2, got


@cases.add()
def cut_and_healed():
    """Twenty cuts between sensor, radium and store; every record arrives once, and in order."""
    store = folder / "store"
    with Sensor() as sensor, Cable(sensor.port, 10, 1) as near, \
            Radium("-S", near.name, "--spool", folder / "spool1", "--wait-clients",
                   "1") as radium, \
            Cable(radium.port, 10, 2) as far, \
            Program(folder, "ra", "-X", "--reconnect", "-S", far.name, "-w", store) as ra:
        streams.wait_for(lambda: store.exists() and len(flows(store.read_bytes())) >= len(FLOWS),
                         "all records", 60)
        same_flows(flows(store.read_bytes()), FLOWS)
        equal((near.cuts, far.cuts), (0, 0), "cuts that were not made")
        assert "missing" not in radium.err + ra.err, radium.err + ra.err


@cases.add()
def killed_and_started_again():
    """What was sent is not sent again, and what was not is: from the spool, and from the sensor."""
    store, spool = folder / "store2", folder / "spool2"
    port = streams.free_port()
    with Sensor("-T", "2") as sensor:
        options = ("-S", sensor.name, "--spool", spool, "--wait-clients", "1")
        radium = Radium(*options, port=port)
        with Program(folder, "ra", "-X", "--reconnect", "-S", radium.name, "-w", store) as ra:
            for _ in range(4):
                time.sleep(0.3)
                radium.process.kill()
                radium.process.wait()
                radium = Radium(*options, port=port)
            with radium:
                streams.wait_for(lambda: store.exists() and
                                 len(flows(store.read_bytes())) >= len(FLOWS), "all records", 60)
                same_flows(flows(store.read_bytes()), FLOWS)
                assert "missing" not in radium.err + ra.err, radium.err + ra.err


def cut_notes(spool):
    """Takes away what the spool says behind its last record, as if killed while it was written."""
    path = max(spool.glob("*.spool"))
    data, at, end = path.read_bytes(), 64, 0
    while at < len(data):
        size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
        end = at + size if data[at] != 0x73 and at + size <= len(data) else end
        at += size
    if end:
        os.truncate(path, end)


@cases.add()
def files_of_one_that_is_killed():
    """Each has each record once, and in order: also one that is renamed, and one with a filter."""
    import signal  # pylint: disable=import-outside-toplevel
    many = generate(folder / "many.pcap", "--packets", "150000", "--mix", "flood")
    wanted = sense(many, folder / "many.argus", "-S", "0.1").read_bytes()
    every, first, some = folder / "every", folder / "every.1", folder / "some"
    size = lambda: sum(p.stat().st_size for p in (first, every) if p.exists())  # noqa: E731
    dice = random.Random(7)
    with Sensor("-T", "4", "-S", "0.1", capture=many) as sensor:
        options = ["radium", "-X", "-S", sensor.name, "--spool", folder / "spool5", "-w", every,
                   "-w", some, "src port gte 30000"]
        for i in range(12):
            with Program(folder, *options) as radium:
                before = size()
                streams.wait_for(lambda: size() > min(before + 1000, len(wanted) - 1), "records")
                if i == 5:
                    every.rename(first)
                    radium.process.send_signal(signal.SIGHUP)
                    streams.wait_for(every.exists, "a new file")
                time.sleep(dice.random() * 0.04)
                kill(radium)
            if i % 3 == 1:  # a file is ahead of the spool
                for path in (every, some):
                    with path.open("ab") as file:
                        file.write(wanted[-3000:-7])
            elif i % 3 == 2:  # it is behind
                cut_notes(folder / "spool5")
        with Program(folder, *options, "-p") as radium:
            radium.wait(0)
            assert "missing" not in radium.err, radium.err
    same_flows(flows(first.read_bytes() + every.read_bytes()), flows(wanted))
    run("ra", "-X", "-r", folder / "many.argus", "-w", folder / "wanted", "-", "src port gte 30000")
    same_flows(flows(some.read_bytes()), flows((folder / "wanted").read_bytes()))


@cases.add()
def what_the_spool_no_longer_has_is_counted():
    """A client that stayed away for too long is told how much it has missed, and it adds up."""
    big, spool = folder / "big", folder / "spool3"
    big.write_bytes(DATA + 39 * DATA[HEAD_SIZE:])
    total = len(split_records(big.read_bytes()))
    with Radium("-r", big, "--wait-clients", "1", "--spool", spool, "--spool-limit", "16M",
                "--queue", "1M") as radium:
        with connect(radium, b"POSITION: new\nSTART: ") as client:
            mark = read_some(client, 128 + 2 + 32)[128 + 2:]
            equal(mark[:4], b"\x73\x10\x00\x08")
        streams.wait_for(lambda: not (spool / f"{0:020}.spool").exists(), "a full spool")
        with connect(radium, b"POSITION: %s 100\nSTART: " % mark[8:16].hex().encode()) as client:
            got = split_records(read_some(client, 1 << 30)[2:])[1:]
            client.sendall(b"DONE: ")
        radium.wait(0)
    marks = [r for r in got if r[0] == 0x73]
    lost = sum(int.from_bytes(m[24:32], "big") for m in marks)
    told = sum(int.from_bytes(r[80:84], "big") for r in got if r[:2] == b"\x83\x83")
    ours = sum(1 for r in got if r[:2] == b"\x83\x83")
    assert lost > 0, marks
    equal(told, lost, "records that the management record names")
    equal(len(got) - len(marks) - ours + lost + 100, total + 1, "all records, and the stop record")


def connect(program, words):
    connection = socket.create_connection(("127.0.0.1", program.port))
    connection.settimeout(20)
    connection.sendall(words)
    return connection


def read_some(connection, size):
    got = b""
    while len(got) < size and (piece := connection.recv(1 << 20)):
        got += piece
    return got


@cases.add()
def configuration():
    conf, port = folder / "radium.conf", streams.free_port()
    conf.write_text(f'''RADIUM_DAEMON=no
RADIUM_MONITOR_ID="lab"
RADIUM_INPUT_FILE={FILE}
RADIUM_ACCESS_PORT={port}
RADIUM_BIND_IP="127.0.0.1"
RADIUM_MAR_STATUS_INTERVAL=60
RADIUM_OUTPUT_FILE={folder}/conf.udp "udp"
RADIUM_OUTPUT_FILE="{folder}/conf.all"
RADIUM_FILTER="udp or tcp"
RADIUM_MIN_SSF=0
''')
    run("radium", "-f", conf)
    same_flows(flows((folder / "conf.udp").read_bytes()), flows_of("udp"))
    same_flows(flows((folder / "conf.all").read_bytes()), flows_of("udp or tcp"))
    for wrong in ("RADIUM_ADJUST_TIME=yes", "RADIUM_ACCESS_PORT=x",
                  "RADIUM_USER_AUTH=a/b", "nonsense", 'RADIUM_FILTER="udp'):
        conf.write_text(wrong + "\n")
        result = run("radium", "-f", conf, "-r", FILE, "-w", folder / "none", status=1)
        assert "radium.conf" in result.err and "line 1" in result.err, result


@cases.add()
def command_lines():
    for wrong in ([], ["-r", FILE], ["-P", "1"], ["-r", FILE, "--spool", "x"],
                  ["-S", "host", "-P", "99999"], ["-r", FILE, "-w", folder / "n", "-", "no word"],
                  ["-r", FILE, "-P", "1", "--spool-limit", "1k"], ["-C", "9995"], ["-T", "5"],
                  ["-r", folder / "not there", "-w", folder / "n"]):
        run("radium", "-X", *wrong, status=1)


@cases.add()
def closed_standard_descriptors():
    """Nothing that is opened takes their place: a message would end it, or be among its bytes."""
    port = streams.free_port()
    out = folder / "closed.argus"
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", BIN / "radium", "-X", "-S",
               "127.0.0.1:1", "-P", port, "-w", out]
    radium = subprocess.Popen([str(word) for word in command])
    streams.wait_for(lambda: streams.is_listening(port), "radium listens")
    time.sleep(0.4)  # messages about its source, which is not there
    equal(radium.poll(), None)
    for number in range(3):
        equal(os.readlink(f"/proc/{radium.pid}/fd/{number}"), "/dev/null")
    radium.terminate()
    equal(radium.wait(10), 0)


@cases.add()
def no_descriptors_for_clients():
    """Who cannot be accepted waits, and costs nothing."""
    port = streams.free_port()
    command = ["sh", "-c", 'ulimit -n 20; exec "$@"', "sh", BIN / "radium", "-X", "-S",
               "127.0.0.1:1", "-P", port]
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL) as radium, \
            contextlib.ExitStack() as clients:
        streams.wait_for(lambda: streams.is_listening(port), "radium listens")
        for _ in range(30):
            clients.enter_context(socket.create_connection(("127.0.0.1", port)))
        time.sleep(0.6)
        words = pathlib.Path(f"/proc/{radium.pid}/stat").read_text().rsplit(")", 1)[1].split()
        radium.terminate()
        equal(radium.wait(10), 0)
        spent = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        assert spent < 0.3, spent


@cases.add()
def outputs_are_opened_anew():
    import signal  # pylint: disable=import-outside-toplevel
    path = folder / "rotated"
    wait = lambda c: (play(c), c.recv(1))  # noqa: E731
    with Server(wait) as server, Radium("-S", server.name, "-w", path) as radium:
        streams.wait_for(lambda: path.exists() and len(flows(path.read_bytes())) == len(FLOWS),
                         "all records")
        path.rename(folder / "rotated.1")
        radium.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        radium.stop()
    equal(path.read_bytes()[:2], b"\x83\x18", "a file of its own")


@cases.add()
def clients_and_sources_of_308():
    if not original("radium") or not original("ra"):
        raise Skip("radium and ra of 3.0.8 are not installed (Debian: argus-client)")
    wanted = sorted(call([original("ra"), "-X", "-n", "-r", FILE]).out.splitlines())
    with Sensor() as sensor, Radium("-S", sensor.name, "--spool", folder / "spool4") as ours:
        theirs_port = streams.free_port()
        with Program(folder, original("radium"), "-X", "-S", ours.name, "-P", theirs_port, "-B",
                     "127.0.0.1", name="radium308") as theirs:
            del theirs
            streams.wait_for(lambda: streams.is_listening(theirs_port), "radium of 3.0.8 listens")
    with Radium("-r", FILE, "--wait-clients", "2") as ours, \
            Program(folder, original("ra"), "-X", "-n", "-S", ours.name) as ra:
        theirs_port = streams.free_port()
        with Program(folder, original("radium"), "-X", "-S", ours.name, "-P", theirs_port, "-B",
                     "127.0.0.1", name="radium308"):
            ours.wait(0)
            streams.wait_for(lambda: sorted(ra.out.splitlines()) == wanted, "all records")


cases.run()
