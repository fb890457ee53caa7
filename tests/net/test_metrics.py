#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The counters of the sensor and of radium, as Prometheus asks for them."""
import contextlib
import pathlib
import re
import socket
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.programs import generate, require, run, sense  # noqa: E402
from lib.streams import Program, Server  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

require("argus", "ra", "radium")
cases = Cases("metrics")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
PACKETS, COPIES = 5000, 30
CAPTURE = generate(folder / "a.pcap", "--packets", str(PACKETS), "--seed", "3", "--rate", "1000")
DATA = sense(CAPTURE, folder / "play").read_bytes()
VALUE = re.compile(r'([a-z_]+)(?:\{([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"\})? ([0-9]+)')


class Counting(Program):
    """A program that shows its counters."""

    def __init__(self, *command):
        self.port = streams.free_port()
        super().__init__(folder, *command, "--metrics", self.port)
        streams.wait_for(lambda: streams.is_listening(self.port), "it listens")

    def ask(self, path="/metrics", **options):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", **options)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(request, timeout=streams.PATIENCE)

    def values(self):
        with self.ask() as answer:
            return parse(answer.read().decode())


def parse(text):
    """The values by name, or name and label. Each family is explained, once, in front of them."""
    values, family, lines = {}, None, text.split("\n")
    equal(lines.pop(), "", "the end of the last line")
    for line in lines:
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            family = words[2]
            assert words[3].endswith(".") and family not in values, line
        elif words[:2] == ["#", "TYPE"]:
            equal((words[2], words[3]),
                  (family, "counter" if family.endswith("_total") else "gauge"), line)
        else:
            name, _, label, number = VALUE.fullmatch(line).groups()
            equal(name, family, line)
            key = f"{name} {label}" if label else name
            assert key not in values, line
            values[key] = int(number)
    return values


class Sensor(Counting):
    def __init__(self, *options):
        super().__init__("argus", "-X", "-q", *options)


@cases.add()
def counts_are_those_of_the_packets():
    for threads in ("1", "3"):
        out = folder / f"out.{threads}"
        with Sensor("-r", CAPTURE, "-f", "-w", out, "--threads", threads) as sensor:
            streams.wait_for(lambda s=sensor: s.values()["argus_packets_total"] == PACKETS,
                             "all packets")
            values = sensor.values()
            sensor.process.terminate()
            sensor.wait(None)
        lost = sum(values[key] for key in values if key.startswith("argus_packets_unrecorded"))
        assert lost < PACKETS
        equal(values["argus_flow_packets_total"] + lost, PACKETS)
        flows = run("ra", "-X", "-r", out, "-L", "-1", "-s", "pkts", "-", "not", "man").out.split()
        equal(sum(map(int, flows)), values["argus_flow_packets_total"])
        assert 0 < values["argus_flows_active"] <= values["argus_flows_created_total"]
        assert values["argus_records_total"] < len(flows)
        assert values["argus_flow_table_bytes"] < values["process_resident_memory_bytes"]
        equal(values["panoptes_build_info 0.1.0"], 1)
        assert "argus_clients" not in values


@cases.add()
def they_move_while_packets_come():
    with Sensor("-r", CAPTURE, "-T", "1", "-w", folder / "slow") as sensor:
        first = sensor.values()["argus_packets_total"]
        streams.wait_for(lambda: first < sensor.values()["argus_packets_total"] < PACKETS, "more")
        sensor.process.terminate()
        sensor.wait(None)


@cases.add()
def clients_are_counted():
    port = streams.free_port()
    with Sensor("-r", CAPTURE, "-P", port, "--wait-clients", "1", "-f") as sensor:
        equal(sensor.values()["argus_clients"], 0)
        with Program(folder, "ra", "-X", "-S", f"127.0.0.1:{port}") as ra:
            streams.wait_for(lambda: sensor.values()["argus_served_records_total"], "records")
            values = sensor.values()
            equal((values["argus_clients"], values["argus_connections_total"],
                   values["argus_served_records_lost_total"]), (1, 1, 0))
            names = [key.split() for key in values if key.startswith("argus_client_")]
            equal(sorted(name for name, _ in names),
                  [f"argus_client_{what}" for what in ("queue_records", "records_lost_total",
                                                       "records_total")])
            assert all(re.fullmatch(r"127\.0\.0\.1:\d+", client) for _, client in names), names
            sensor.process.terminate()
            sensor.wait(None)
            ra.wait()


@cases.add()
def the_queue_of_a_client_of_radium():
    """It does not read: what it lacks is counted, and in the spool."""
    port = streams.free_port()
    out, spool = folder / "for-radium", folder / "spool"
    spool.mkdir()
    run("argus", "-X", "-q", "-r", CAPTURE, "-S", "0.01", "-w", out)
    count = run("ra", "-X", "-r", out, "-L", "-1").out.count("\n")
    with Counting("radium", "-X", "-r", *[out] * COPIES, "-P", port, "--spool", spool,
                  "--wait-clients", "1") as radium, \
            socket.create_connection(("127.0.0.1", port)) as client:
        client.recv(streams.HEAD_SIZE)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"START: ")
        name = ":".join(map(str, client.getsockname()))
        streams.wait_for(lambda: radium.values()["radium_records_total"] >= COPIES * count,
                         "all records")
        values = radium.values()
        sent = values[f"radium_client_records_total {name}"]
        queue = values[f"radium_client_queue_records {name}"]
        # A chunk of 256 KiB may be on its way from the one to the other.
        between = values["radium_records_total"] - queue - sent
        assert queue > 0 and 0 <= between < 4096, (queue, between)
        equal(values["radium_served_records_total"], sent)
        assert values["radium_spool_bytes"] > 100 * COPIES * count
        equal(values["radium_spool_records_dropped_total"], 0)


def play(connection):
    """A server of Argus that has some records, and hangs up."""
    connection.sendall(DATA[:streams.HEAD_SIZE])
    connection.recv(100)
    connection.sendall(DATA[streams.HEAD_SIZE:])


@cases.add()
def sources_of_radium():
    """Each under its name, once, though it is read twice, and one of them is not there."""
    nobody = f"127.0.0.1:{streams.free_port()}"
    records = streams.split_records(DATA)
    with Server(*[play] * 3) as server, \
            Counting("radium", "-X", "-S", server.name, "-S", server.name, "-S", nobody, "-P",
                     streams.free_port()) as radium:
        up = f"radium_source_connections_total {server.name}"
        streams.wait_for(lambda: radium.values().get(up) == 3, "it was read three times")
        streams.wait_for(lambda: not radium.values()[f"radium_source_up {server.name}"], "its end")
        values = radium.values()
        ours = {key.split()[0]: value for key, value in values.items() if server.name in key}
        other = {key.split()[0]: value for key, value in values.items() if nobody in key}
        equal(ours.keys(), other.keys(), "families")
        equal(set(other.values()), {0})
        equal((ours["radium_source_records_total"], ours["radium_source_bytes_total"]),
              (3 * len(records), 3 * len(DATA)))
        equal([ours[f"radium_source_{what}_total"]
               for what in ("records_damaged", "records_missing", "gaps")], [0, 0, 0])
        times = run("ra", "-X", "-r", folder / "play", "-L", "-1", "-u", "-s", "ltime", "-", "not",
                    "man").out
        equal(ours["radium_source_last_record_timestamp_seconds"],
              int(max(map(float, times.split()))))
        radium.process.terminate()
        radium.wait(None)


@cases.add()
def many_clients_are_not_many_names():
    clients = 140
    port = streams.free_port()
    with Sensor("-r", CAPTURE, "-f", "-P", port, "--wait-clients", "1", "--most-clients", "200",
                "--connection-rate", "0") as sensor, contextlib.ExitStack() as stack:
        for _ in range(clients):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(b"START: ")
        streams.wait_for(lambda: sensor.values()["argus_clients"] == clients, "all clients")
        values = sensor.values()
        names = [key for key in values if key.startswith("argus_client_records_total ")]
        equal((len(names), "argus_client_records_total others" in names), (129, True))
        sensor.process.terminate()
        sensor.wait(None)


def refused(sensor, *arguments, **options):
    try:
        sensor.ask(*arguments, **options).close()
    except urllib.error.HTTPError as answer:
        return answer.code
    raise AssertionError("was not refused")


@cases.add()
def other_questions_and_no_questions():
    with Sensor("-r", CAPTURE, "-f") as sensor, contextlib.ExitStack() as stack:
        equal(refused(sensor, "/"), 404)
        equal(refused(sensor, "/metrics", method="POST", data=b"x" * 100000), 405)
        with sensor.ask(method="HEAD") as answer:
            equal((answer.status, answer.read()), (200, b""))
        equal(len(sensor.values()) > 15, True)
        for data in (b"", b"GET ", b"\0\xff" * 5000, b"GET /metrics HTTP/1.1\r\nX: ") * 10:
            s = stack.enter_context(socket.create_connection(("127.0.0.1", sensor.port)))
            with contextlib.suppress(ConnectionError):
                s.sendall(data)
        assert sensor.is_running()
        sensor.process.terminate()
        sensor.wait(None, patience=5)


@cases.add()
def only_where_it_was_told_to():
    with Sensor("-r", CAPTURE, "-f") as sensor:
        equal(sensor.err, "")
        again = run("argus", "-X", "-q", "-r", CAPTURE, "--metrics", sensor.port, status=1)
        assert again.err.count("\n") == 1 and "Address already in use" in again.err, again
    for where in ("", "x", "70000", "0", "127.0.0.1", "http://127.0.0.1:1", "127.0.0.1:x"):
        wrong = run("argus", "-X", "-q", "-r", CAPTURE, "--metrics", where, status=1)
        assert wrong.err.count("\n") == 1 and "argus: --metrics: " in wrong.err, wrong
    port = streams.free_port()
    wide = run("argus", "-X", "-q", "-r", CAPTURE, "--metrics", f"0.0.0.0:{port}")
    equal(wide.err, f"argus: metrics on 0.0.0.0:{port}: who can reach this address can read "
                    "them\n")


cases.run()
