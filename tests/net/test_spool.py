#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor's spool: clients that were away for long, sensors and collectors that are killed, a
disk that is full."""
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import BIN, generate, require, run, sense  # noqa: E402
from lib.streams import HEAD_SIZE, Program, split_records  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

require("ra", "argus", "radium")
cases = Cases("spool")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "60000", "--seed", "9")
OTHER = generate(folder / "b.pcap", "--packets", "20000", "--seed", "10")
MANY = generate(folder / "c.pcap", "--packets", "200000", "--mix", "flood")
OFTEN = ("-S", "0.2")  # so that there are records on the way
MARK, LOSS = b"\x73\x10", b"\x83\x83"


def flows(data):
    return [r for r in split_records(data)[1:] if r[0] == 0x13]


FLOWS = flows(sense(CAPTURE, folder / "a.argus", *OFTEN).read_bytes())
OTHERS = flows(sense(OTHER, folder / "b.argus", *OFTEN).read_bytes())


def spooled(spool):
    """The flow records in the files of a spool, as far as they are whole."""
    found = []
    for path in sorted(spool.glob("*.spool")):
        data, at = path.read_bytes(), 64
        while at + 4 <= len(data):
            size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
            if at + size <= len(data) and data[at] == 0x13:
                found.append(data[at:at + size])
            at += size
    return found


def sensor(capture, port, spool, *options):
    program = Program(folder, "argus", "-q", "-r", capture, "-P", port, "--spool", spool,
                      "--wait-clients", "1", *OFTEN, *options)
    streams.wait_for(lambda: streams.is_listening(port) or not program.is_running(),
                     "the sensor listens")
    return program


def collector(source, port, spool):
    program = Program(folder, "radium", "-X", "-S", f"127.0.0.1:{source}", "-P", port, "--spool",
                      spool, "--wait-clients", "1")
    streams.wait_for(lambda: streams.is_listening(port), "radium listens")
    return program


def kill(program):
    program.process.kill()
    program.process.wait()


def connect(port, words):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.settimeout(20)
    connection.sendall(words)
    return connection


def read_some(connection, size):
    got = b""
    while len(got) < size and (piece := connection.recv(1 << 20)):
        got += piece
    return got


def begin(port):
    """A client that says where it wants to go on, and is gone. Returns the number of the stream."""
    with connect(port, b"POSITION: new\nSTART: ") as client:
        mark = read_some(client, HEAD_SIZE + 2 + 32)[HEAD_SIZE + 2:]
    equal(mark[:2], MARK)
    return mark[8:16].hex().encode()


def go_on(port, stream, position):
    """All that a client gets from there on."""
    with connect(port, b"POSITION: %s %d\nSTART: " % (stream, position)) as client:
        got = split_records(read_some(client, 1 << 30)[2:])[1:]
        client.sendall(b"DONE: ")
    return got


@cases.add()
def away_for_longer_than_the_queue_reaches():
    port, spool = streams.free_port(), folder / "spool1"
    wanted = sense(MANY, folder / "c.argus", "-N", "60000").read_bytes()
    assert len(wanted) > 4 << 20
    with sensor(MANY, port, spool, "--queue", "1M", "-N", "60000") as argus:
        stream = begin(port)
        streams.wait_for(lambda: len(spooled(spool)) == 60000, "all is spooled")
        got = go_on(port, stream, 0)
        argus.wait(0)
    equal([r for r in got if r[0] == 0x13] == flows(wanted), True, "all flows, in order")
    equal([r for r in got if r[:2] == LOSS], [], "losses")


def metrics_of(port):
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    return dict(line.split() for line in text.splitlines() if line.startswith("argus_spool"))


@cases.add()
def stopped_and_started_again():
    """In good order: what was there before is served, and the stream is the same."""
    port, spool = streams.free_port(), folder / "spool2"
    with sensor(OTHER, port, spool) as argus:
        stream = begin(port)
        first = [r for r in go_on(port, stream, 0) if r[0] != 0x73]
        argus.wait(0)
    with sensor(OTHER, port, spool) as argus:
        equal(begin(port), stream)
        got = go_on(port, stream, 10)
        argus.wait(0)
    equal([r for r in got if r[0] != 0x73] == first[10:] + first, True, "the rest, and the new")


@cases.add()
def sensor_and_collector_killed():
    """The store has each record that the first sensor spooled, or sent before it was killed, once,
    and all of the second one. The collector is killed, too."""
    near, far, store = streams.free_port(), streams.free_port(), folder / "store"
    spool, collected, metrics = folder / "spool3", folder / "spool4", streams.free_port()
    with Program(folder, "ra", "-X", "--reconnect", "-S", f"127.0.0.1:{far}", "-w", store):
        argus = sensor(CAPTURE, near, spool, "-T", "2", "--queue", "1M", "--metrics", metrics)
        radium = collector(near, far, collected)
        time.sleep(0.5)
        kill(radium)
        time.sleep(0.4)
        values = metrics_of(metrics)
        kill(argus)
        before = spooled(spool)
        assert 0 < len(before) < len(FLOWS), len(before)
        assert int(values["argus_spool_bytes"]) > 0, values
        equal([values[f"argus_spool_{name}"] for name in (
            "segments", "records_dropped_total", "records_missed_total")], ["1", "0", "0"])
        assert "argus_spool_queue_records" in values, values
        with sensor(OTHER, near, spool) as argus, collector(near, far, collected) as radium:
            streams.wait_for(lambda: len(spooled(spool)) == len(before) + len(OTHERS), "the end")
            wanted = spooled(spool)
            streams.wait_for(lambda: store.exists() and
                             flows(store.read_bytes())[-1:] == wanted[-1:], "all records", 40)
            assert "began anew" in radium.err, radium.err
            argus.wait(0)
    got = flows(store.read_bytes())
    count = len(got) - len(OTHERS)
    assert count >= len(before), (count, len(before))
    equal(got[:count] == FLOWS[:count], True, "records of the sensor that was killed")
    equal(got[count:] == OTHERS, True, "records of the next one")


@cases.add()
def what_the_spool_no_longer_has():
    """The oldest go first, and how many are missing is told, also after the sensor was killed."""
    port, spool = streams.free_port(), folder / "spool5"
    options = ("--spool-limit", "16M", "--queue", "1M", "-m")
    with sensor(MANY, port, spool, *options) as argus:
        stream = begin(port)
        streams.wait_for(lambda: not (spool / f"{0:020}.spool").exists(), "a full spool")
        kill(argus)
    with sensor(OTHER, port, spool, *options) as argus:
        got = go_on(port, stream, 0)
        argus.wait(0)
    lost = sum(int.from_bytes(r[24:32], "big") for r in got if r[:2] == MARK)
    told = sum(int.from_bytes(r[80:84], "big") for r in got if r[:2] == LOSS)
    oldest = min(int(p.stem) for p in spool.glob("*.spool"))
    assert 0 < lost <= oldest, (lost, oldest)
    equal(told, lost, "records that the management record names")


@cases.add()
def full_disk():
    """Clients get all; the sensor says it once, and that it failed at the end."""
    port, copy = streams.free_port(), folder / "copy"
    command = ["sh", "-c", 'trap "" XFSZ; ulimit -f 100; exec "$@"', "sh", BIN / "argus", "-q",
               "-r", CAPTURE, "-P", port, "--wait-clients", "1", "--spool", folder / "spool6",
               *OFTEN]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE) as argus:
        streams.wait_for(lambda: streams.is_listening(port), "the sensor listens")
        with Program(folder, "ra", "-X", "-S", f"127.0.0.1:{port}", "-w", copy) as ra:
            ra.wait(0)
        err = argus.communicate(timeout=20)[1].decode()
        equal(argus.returncode, 1)
    equal(flows(copy.read_bytes()) == FLOWS, True, "all flows, in order")
    equal(err.count("File too large; the records go on to clients"), 1, err)
    assert "records were not written" in err, err


@cases.add()
def command_lines():
    for wrong in (["-r", CAPTURE, "--spool", "x"], ["-r", CAPTURE, "-P", "0", "--spool", "x"],
                  ["-r", CAPTURE, "-P", "1", "--spool-limit", "1k"]):
        assert "--spool" in run("argus", "-X", *wrong, status=1).err
    port = streams.free_port()
    conf = folder / "argus.conf"
    conf.write_text(f"ARGUS_ACCESS_PORT={port}\nARGUS_SPOOL={CAPTURE}\nARGUS_SPOOL_LIMIT=16M\n")
    result = run("argus", "-F", conf, "-r", CAPTURE, "-T", "1", status=1)
    assert "--spool" in result.err and "Not a directory" in result.err, result


cases.run()
