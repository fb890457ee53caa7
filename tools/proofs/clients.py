# SPDX-License-Identifier: Apache-2.0
"""Two hundred clients of a sensor at a link: a tenth stalls, a tenth goes away at random. The
sensor drops no packet, all others have all records, and memory keeps to its limit."""
import json
import pathlib
import signal
import subprocess
import sys

from lib.programs import BIN
from lib.tap import equal
from link import wait_until

from .cuts import flows
from .hosts import Hosts, Process

PORT = 5610
CLIENTS = 200
RATE = 50_000  # packets a second
MEMORY_MB, ASIDE_MB = 128, 16


def start_crowd(hosts, seed, copy):
    """They are connected, all of them."""
    crowd = subprocess.Popen(
        hosts.words("sensor", sys.executable, pathlib.Path(__file__).with_name("crowd.py"), PORT,
                    CLIENTS, seed, copy), stdout=subprocess.PIPE, text=True)
    equal(crowd.stdout.readline(), "ready\n", "what the clients say")
    return crowd


def serve(capture, folder, seed, packets):
    direct, copy = folder / "direct", folder / "copy"
    with Hosts("sender", "sensor") as hosts:
        hosts.lay("sender", None, "sensor", None)
        sensor = Process(hosts, "sensor", folder, BIN / "argus", "-X", "-v", "-i", "to-sender",
                         "-P", PORT, "--memory", f"{MEMORY_MB}M", "--most-clients", CLIENTS, "-w",
                         direct)
        wait_until(lambda: direct.exists() and direct.stat().st_size, "the sensor listens")
        crowd = start_crowd(hosts, seed, copy)
        sent = hosts.play("sender", "to-sensor", capture, RATE, packets)
        peak = sensor.peak_megabytes()
        equal(sensor.stop(signal.SIGINT), 0, "status of the sensor")
        told = json.loads(crowd.communicate()[0])
    arrived, dropped, read, recorded = sensor.account()
    equal((arrived, dropped, read, recorded), (sent, 0, sent, sent),
          "packets arrived, dropped, read, and in records")
    assert flows(copy) == flows(direct), "what a client has is not what was recorded"
    equal(told["sums"], 1, "different streams of those who read all")
    assert peak <= MEMORY_MB + ASIDE_MB, f"peak {peak:.0f} MB of {MEMORY_MB}"
    return (f"{sent:,} packets, {len(flows(direct)):,} flow records for {told['good']} clients; "
            f"{told['stalled']} stalled, {CLIENTS // 10 - told['stayed']} went away; peak "
            f"{peak:.0f} MB with --memory {MEMORY_MB}M")
