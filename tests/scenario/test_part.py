#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A part of the packets: those that -N asks for, and those that were read before a signal."""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.packets import Capture, ether, ip4, tcp, udp  # noqa: E402
from lib.programs import BIN, TIMEOUT, call, generate, original, require, rows, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

STOPPED = 3
RANGES = (("-N 3", [1, 2, 3]), ("-N 2-5", [3, 4, 5]), ("-N 4-4", []), ("-N 7-99", [8, 9]),
          ("-N 2 - tcp", [2, 4]), ("-N 1-3 - udp", [3, 5]))


def capture(folder):
    """Packets 1 to 9, from ports of these numbers: UDP and TCP in turn."""
    made = Capture()
    for number in range(1, 10):
        upper = (tcp if number % 2 == 0 else udp)(number, 99)
        made.add(number, ether(ip4("10.0.0.1", "10.0.0.2", upper)))
    path = folder / "nine.pcap"
    path.write_bytes(made.data())
    return path


def ports(folder, program, words):
    """Of the packets that a sensor takes."""
    output = folder / "out.argus"
    output.unlink(missing_ok=True)
    call([program, "-X", "-r", capture(folder), "-w", output, *words])
    return sorted(int(row["sport"]) for row in rows(output, ["sport", "proto"])
                  if row["proto"] in ("6", "17"))


def check_range(folder, words, wanted):
    equal(ports(folder, BIN / "argus", words), wanted, "ports")


def check_original(folder, words, wanted):
    equal(ports(folder, original("argus"), words), wanted, "ports of argus 3.0.8")


def check_wrong_range(folder, word):
    result = run("argus", "-q", "-r", capture(folder), "-N", word, status=1)
    equal(result.err.startswith("argus: -N: "), True, f"says so: {result.err}")


def check_stopped(folder, number):
    """Each packet of the flood is a flow of its own."""
    flood, output = folder / "flood.pcap", folder / "stopped.argus"
    if not flood.exists():
        generate(flood, "-m", "flood", "-n", "100000", "-l", "64")
    output.unlink(missing_ok=True)
    command = [BIN / "argus", "-q", "-v", "-r", "-", "-w", output]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(flood.read_bytes())
        process.stdin.flush()  # the pipe stays open: there could be more
        process.send_signal(number)
        text = process.stderr.read().decode()
        process.wait(timeout=TIMEOUT)
    equal(process.returncode, STOPPED, f"status, with {text}")
    read = int(re.search(r"packets: (\d+) read = \1 in flow records", text).group(1))
    equal(f"signal {int(number)} after {read} packets" in text, True, f"says so: {text}")
    equal(sum(int(row["pkts"]) for row in rows(output, ["pkts"], "-", "tcp")), read, "in records")


def ignoring(*numbers):
    """What a shell does for what a script runs in the background, and nohup with SIGHUP."""
    def ignore():
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
    return ignore


def check_ignored(folder, number):
    """Who starts a sensor, or a tool, with a signal ignored wants it to go on."""
    packets, output = capture(folder).read_bytes(), folder / "ignored.argus"
    flows = folder / "flows.argus"
    flows.unlink(missing_ok=True)
    run("argus", "-q", "-r", capture(folder), "-w", flows)
    for command, data in (([BIN / "argus", "-X", "-q", "-r", "-", "-w", output], packets),
                          ([BIN / "rasplit", "-r", "-", "-w", output], flows.read_bytes())):
        for old in folder.glob("ignored.argus*"):
            old.unlink()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=ignoring(number)) as process:
            process.stdin.write(data[:-40])
            process.stdin.flush()
            time.sleep(0.2)  # it is reading
            process.send_signal(number)
            time.sleep(0.1)
            process.stdin.write(data[-40:])
            process.stdin.close()
            text = process.stderr.read().decode()
            process.wait(timeout=TIMEOUT)
        equal((process.returncode, text), (0, ""), f"status and messages of {command[0].name}")
        written, = folder.glob("ignored.argus*")  # rasplit puts letters behind
        equal(len(rows(written, ["sport"], "-", "tcp or udp")), 9, "flows")


def main():
    require("argus", "ra")
    cases = Cases("a part of the packets")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for words, wanted in RANGES:
            cases.add_call(f"argus {words}", check_range, folder, words.split(), wanted)
            if original("argus"):
                cases.add_call(f"argus 3.0.8 {words}", check_original, folder, words.split(),
                               wanted)
        for word in ("abc", "5-2", "3-", "-3"):
            cases.add_call(f"argus -N {word} is wrong", check_wrong_range, folder, word)
        for number in (signal.SIGINT, signal.SIGTERM):
            cases.add_call(f"{number.name} while a pipe is read", check_stopped, folder, number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            cases.add_call(f"{number.name} that is ignored", check_ignored, folder, number)
        cases.run()


main()
