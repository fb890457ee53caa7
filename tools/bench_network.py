# SPDX-License-Identifier: Apache-2.0
"""argus at a link, radium, and ra, beside the three of argus 3.0.8: which rates they keep up with.

Argus 3.0.8 serves no files at full speed, so the packets come over a virtual cable.
"""
import os
import pathlib
import re
import resource
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "live")]
from lib.tap import Skip  # noqa: E402
from link import wait_until  # noqa: E402
from proofs.hosts import Hosts, Process  # noqa: E402

RATES = (40_000, 80_000, 160_000)  # packets a second
SECONDS = 5
PATIENCE = 5  # seconds without anything new: all has come
SUM = re.compile(r"sum +(\d+) +(\d+)")


class Three:
    """The three programs of one maker, at work."""

    def __init__(self, hosts, folder, argus, radium, ra):
        self.hosts, self.output = hosts, folder / "ra.argus"
        self.output.unlink(missing_ok=True)
        words = ("-X", "-B", "127.0.0.1")
        self.argus = Process(hosts, "sensor", folder, argus, *words, "-i", "to-sender", "-P", 5611)
        self.wait_for("-ltn", 5611)
        self.radium = Process(hosts, "sensor", folder, radium, *words, "-S", "127.0.0.1:5611", "-P",
                              5612)
        self.wait_for("-ltn", 5612)
        self.wait_for("-tn", 5611)
        self.ra = Process(hosts, "sensor", folder, ra, "-X", "-S", "127.0.0.1:5612", "-w",
                          self.output)
        self.wait_for("-tn", 5612)
        time.sleep(1)  # 3.0.8 says its words a moment later

    def wait_for(self, what, port):
        """Until somebody listens at this port, or is connected."""
        wait_until(lambda: f":{port} " in self.hosts.inside("sensor", "ss", "-H", what).out,
                   f"port {port}: ss {what}", 30)

    def end(self):
        """The first of them first, so that the others get what it has."""
        self.argus.stop(signal.SIGINT)
        size = -1
        while size != (size := self.output.stat().st_size if self.output.exists() else 0):
            time.sleep(PATIENCE)
        for process in (self.radium, self.ra):
            process.stop(signal.SIGTERM)


def measure(hosts, folder, options, trace, rate, programs):
    """Packets sent, packets and records at ra, processor seconds of the three."""
    three = Three(hosts, folder, *programs)
    sent = hosts.play("sender", "to-sensor", trace, rate, rate * SECONDS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    three.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    counted = hosts.inside("sensor", options.bin / "racount", "-X", "-r", three.output).out
    records, packets = (int(word) for word in SUM.search(counted).groups())
    return (sent, packets, records,
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def bench_rates(options, folder, makers, trace):
    with Hosts("sender", "sensor") as hosts:
        hosts.lay("sender", None, "sensor", None)
        print(f"  {'':28} {'sent':>9} {'not at ra':>10} {'records':>9} {'cpu':>8} {'us each':>9}")
        for rate in RATES:
            for name, programs in makers:
                if not all(os.path.exists(program) for program in programs):
                    print(f"  {name:28} not installed")
                    continue
                sent, got, records, cpu = measure(hosts, folder, options, trace, rate, programs)
                print(f"  {name + f', {rate:,}/s':28} {sent:9,} {sent - got:10,} {records:9,} "
                      f"{cpu:8.2f} {cpu / sent * 1e6:9.2f}", flush=True)


def bench_network(options, folder, original, trace):
    print("\nargus at a link -> radium -> ra: packets that are in records of ra")
    makers = [("ours", [options.bin / name for name in ("argus", "radium", "ra")]),
              ("3.0.8", [original(name) for name in ("argus", "radium", "ra")])]
    try:
        bench_rates(options, folder, makers, trace)
    except Skip as why:
        print(f"  skipped: {why}")
