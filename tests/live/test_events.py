#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Event records: what programs print and what is in files, at intervals, between the flows; and
programs that hang, flood, fail or are not there, which hold up nobody."""
import base64
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from lib.packets import Capture, ether, ip4, udp  # noqa: E402
from lib.programs import BIN, call, original, require, rows, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402
from link import Link, require_link, wait_until  # noqa: E402

TEXT_MOST = 65535
PACKETS = 200


class Bench:
    """A cable, packets to send over it, and a folder with programs."""

    def __init__(self, folder, link):
        self.folder, self.link, self.count = folder, link, 0
        made = Capture()
        for i in range(PACKETS):
            made.add(i / 1000, ether(ip4("10.0.0.1", "10.0.0.2", udp(1000, 2000))))
        self.traffic = made.write(folder / "traffic.pcap")

    def file(self):
        self.count += 1
        return self.folder / f"{self.count}.argus"

    def program(self, *lines):
        self.count += 1
        path = self.folder / f"program-{self.count}"
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return path

    def start(self, *sources, options=()):
        words = [word for source in sources for word in ("--event", source)]
        return self.link.start(self.file(), *words, *options)


def events(path, *words):
    """(number, text) of each event."""
    result = run("ra", "-X", "-r", path, "-M", "json", "events", "-s", "seq", "suser", "proto",
                 *words)
    found = [json.loads(line) for line in result.out.splitlines()]
    return [(row["sequence"], base64.b64decode(row["src_user_data"]).decode())
            for row in found if row["protocol"] == "evt"]


def wait_events(sensor, count):
    """Until so many can be read."""
    return wait_until(lambda: len(events(sensor.path)) >= count and events(sensor.path),
                      f"{count} events")


def check_kinds(bench):
    """A program with arguments, a file, what is asked once, and what is compressed."""
    numbers = bench.folder / "numbers"
    numbers.write_text("".join(f"{i}\n" for i in range(1000)))
    program = bench.program('echo "$#: $1, $2"')
    sensor = bench.start(f"prog:{program} first  second:0.2", f"file:{numbers}:0:compress",
                         f"prog:echo once:0", options=("-e", "9"))
    found = wait_events(sensor, 6)
    equal(bench.link.send(bench.traffic), PACKETS, "packets that were sent")
    sensor.stop()
    texts = [text for _, text in found]
    equal([number for number, _ in found], list(range(1, len(found) + 1)), "numbers")
    equal([sorted(set(texts)), texts.count("prog:echo once\nonce\n")],
          [sorted([f"prog:{program} first  second\n2: first, second\n", "prog:echo once\nonce\n",
                   f"file:{numbers}\n{numbers.read_text()}"]), 1], "texts")
    got = rows(sensor.path, ["proto", "saddr", "dur"], "-M", "noman", "events", "-", "event")
    equal({(row["proto"], row["saddr"]) for row in got}, {("evt", "9")}, "protocol and sensor")
    equal(sum(int(row["pkts"]) for row in rows(sensor.path, ["pkts"], "-", "udp")), PACKETS,
          "packets in flows")
    size = sensor.path.stat().st_size
    equal(size < 3000 + 300 * len(found), True, f"compressed, not {size} bytes")


def check_original(bench):
    """Its reader reads them."""
    if not original("ra"):
        raise Skip("ra of argus 3.0.8 is not installed")
    sensor = bench.start("prog:echo for everybody:0", options=("-e", "9"))
    wait_events(sensor, 1)
    sensor.stop()
    conf = bench.folder / "original.conf"
    conf.write_text("RA_PRINT_EVENT_RECORDS=yes\nRA_PRINT_LABELS=0\n")
    result = call([original("ra"), "-F", conf, "-r", sensor.path, "-c", ",", "-s", "proto", "saddr",
                   "suser:40", "-", "event"])
    equal(result.out.split()[-4:], ["evt,9,s[38]=prog:echo", "for", "everybody.for", "everybody."],
          result.out)


def running(word):
    """Processes that have this word in their command line."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            pass
    return found


def check_hangs(bench):
    """Nobody waits for a program, nor for what it has started; at the end all of them go."""
    mark = f"99.{os.getpid()}"
    program = bench.program(f"sleep {mark} &", "echo begun", f"sleep {mark}")
    sensor = bench.start(f"prog:{program}:0.1", "prog:echo well:0")
    wait_events(sensor, 1)
    wait_until(lambda: len(running(mark)) >= 2, "the program hangs")
    bench.link.send(bench.traffic)
    begin = time.monotonic()
    sensor.stop()
    equal(time.monotonic() - begin < 2, True, "ends at once")
    equal((sensor.arrived, sensor.dropped, sensor.unread), (PACKETS, 0, 0), "packets")
    wait_until(lambda: not running(mark), "the program is gone")
    equal([text for _, text in events(sensor.path)], ["prog:echo well\nwell\n"], "events")


def check_left_behind(bench):
    """What a program leaves running does not keep its answer back."""
    mark = f"98.{os.getpid()}"
    program = bench.program(f"sleep {mark} 2>/dev/null &", "echo done")
    sensor = bench.start(f"prog:{program}:0")
    found = wait_events(sensor, 1)
    sensor.stop()
    call(["kill", *running(mark)])
    equal(found, [(1, f"prog:{program}\ndone\n")], "events")


def check_floods(bench):
    """What is too much is cut, and its program stopped; that is told once."""
    sensor = bench.start("prog:yes 1234567:0.1", "prog:head -c 9 /dev/zero:0.1")
    found = wait_events(sensor, 8)
    sensor.stop()
    equal({len(text) for _, text in found}, {TEXT_MOST, len("prog:head -c 9 /dev/zero\n") + 9},
          "sizes")
    equal(sensor.err.count("prog:yes 1234567: says more than 65535 bytes"), 1, sensor.err)


def check_fails(bench):
    """A failure is told once, as long as it is the same one; what was said is said."""
    flag = bench.folder / "flag"
    program = bench.program("echo tried", f"test -e {flag}", "exit $(( $? * 7 ))")
    sensor = bench.start(f"prog:{program}:0.1", f"prog:{bench.program('kill -9 $$')}:0.1")
    wait_events(sensor, 6)
    flag.touch()
    wait_events(sensor, len(events(sensor.path)) + 6)
    flag.unlink()
    wait_until(lambda: len(events(sensor.path)) > 20, "more events")
    sensor.stop()
    equal((sensor.err.count("failed with status 7"), sensor.err.count("ended by signal 9")), (2, 1),
          sensor.err)


def check_signals(bench):
    """Those of the terminal and of the sensor are not for programs, which have them by default."""
    program = bench.program("trap 'echo hup; exit' HUP", "kill -HUP $$", "echo none")
    sensor = bench.start(f"prog:{program}:0")
    found = wait_events(sensor, 1)
    sensor.send(signal.SIGHUP)
    sensor.send(signal.SIGUSR1)
    sensor.stop()
    equal(found, [(1, f"prog:{program}\nhup\n")], "events")


def check_descriptors(bench):
    """No program has the sensor's sockets, not even the one that packets come from."""
    program = bench.program("ls -l /proc/self/fd")
    sensor = bench.start(f"prog:{program}:0", options=("-P", "0", "-B", "127.0.0.1"))
    (_, text), = wait_events(sensor, 1)
    sensor.stop()
    equal(("/proc/" in text, "socket:" in text), (True, False), text)


def check_outputs(bench):
    """They go where records go, through filters."""
    other = bench.file()
    sensor = bench.start("prog:echo x:0", options=("-w", other, "udp"))
    wait_events(sensor, 1)
    bench.link.send(bench.traffic)
    sensor.stop()
    equal((len(events(sensor.path)), len(events(other))), (1, 0), "events")


def check_files(bench):
    """Captures have no events: they are of another time."""
    path = bench.file()
    run("argus", "-X", "-q", "--event", "prog:/no/such/program:1s", "-r", bench.traffic, "-w", path)
    equal(events(path), [], "events")


def check_wrong(bench, source, part):
    command = [BIN / "argus", "-X", "-i", "b0", "--event", source, "-w", bench.file()]
    result = bench.link.call(*command, checked=False)
    equal((result.status, result.err.count("\n")), (1, 1), result.err)
    equal(part in result.err, True, f"'{part}' in {result.err}")


WRONG = [("prog:/no/such/program:1s", "--event: /no/such/program: No such file"),
         ("prog:no-such-program x:1s", "no-such-program: no such program in the path"),
         ("file:/no/such/file:1s", "--event: /no/such/file: No such file"),
         ("prog:/bin:1s", "/bin: no such program"),
         ("prog:/bin/date", "--event: 'prog:/bin/date': prog:PROGRAM:INTERVAL or"),
         (f"prog:/bin/echo {'x' * 70000}:1s", "xx...: more than 32768 bytes"),
         ("exec:/bin/date:1s", "'exec' is none of prog, file"),
         ("prog:/bin/date:soon", "'soon'"), ("prog::1s", "there is no name of a program"),
         ("prog:/bin/date:compress", "there is no interval")]


def main():
    require("argus", "ra")
    require_link()
    cases = Cases("events")
    with tempfile.TemporaryDirectory() as name:
        link = Link(1)
        try:
            bench = Bench(pathlib.Path(name), link)
            for function in (check_kinds, check_original, check_hangs, check_left_behind,
                             check_floods, check_fails, check_signals, check_descriptors,
                             check_outputs, check_files):
                cases.add_call(function.__name__[6:].replace("_", " "), function, bench)
            for source, part in WRONG:
                cases.add_call(f"{source[:40]} is wrong", check_wrong, bench, source, part)
            cases.run()
        finally:
            link.remove()


main()
