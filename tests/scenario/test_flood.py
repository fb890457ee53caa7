#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A flood of SYNs against a limit of memory, and a sensor that is killed under it."""
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.programs import BIN, generate, require, rows, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

PACKETS = 400000
FIELDS = ["stime", "ltime", "saddr", "sport", "daddr", "dport", "spkts", "dpkts", "sbytes"]


def flows(records):
    merged = records.with_suffix(".merged")
    run("racluster", "-r", records, "-w", merged)
    return sorted(tuple(row.values()) for row in rows(merged, FIELDS, "-", "tcp"))


def check_same_flows(folder):
    found = []
    for memory in ("64M", "4G"):
        output = folder / f"{memory}.argus"
        said = run("argus", "-q", "-v", "--memory", memory, "-r", folder / "flood.pcap", "-w",
                   output).err
        cut = int(re.search(r"(\d+) cut for memory", said).group(1))
        equal(f"packets: {PACKETS} read = {PACKETS} in flow records" in said, True, said)
        equal(cut > 0, memory == "64M", f"flows are cut at {memory}: {cut}")
        found.append(flows(output))
    equal(found[0] == found[1], True, "the same flows, merged")


def check_killed(folder):
    """What a killed sensor leaves ends with a whole record."""
    output = folder / "killed.argus"
    command = [BIN / "argus", "-q", "--memory", "64M", "-r", "-", "-w", output]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        process.stdin.write((folder / "flood.pcap").read_bytes())
        process.stdin.flush()
        process.kill()
    equal(len(rows(output, ["pkts"], "-", "tcp")) > 1000, True, "many records")
    run("ra", "-r", output, "-w", "/dev/null")  # complains of a record that is cut


def main():
    require("argus", "ra", "racluster")
    cases = Cases("a flood")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(folder / "flood.pcap", "-m", "flood", "-n", PACKETS, "-r", 2000000, "-l", 64)
        cases.add_call("a limit of memory changes no flow", check_same_flows, folder)
        cases.add_call("a killed sensor leaves whole records", check_killed, folder)
        cases.run()


main()
