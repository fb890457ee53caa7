# SPDX-License-Identifier: Apache-2.0
"""Two sensors at a virtual cable, one after the other, and packets at rising rates: what was sent
is in flows, or was reported as dropped."""
import os
import re
import signal
import subprocess
import time

from lib.programs import NO_RC_FILES, original, tool
from lib.tap import Skip, equal
from link import Link, management, wait_until, why_no_link

from .sensing import packets_in

SECONDS = 2  # at each rate
RATES = (50_000, 70_000, 100_000, 150_000, 200_000, 300_000, 450_000, 700_000)
LENGTH = 557  # bytes of a packet, and packets of a flow: about those of mixed traffic
PACKETS_OF_FLOW = 16


class Measured:
    """What a sensor made of packets at a rate."""

    def __init__(self, process, sent, seconds):
        self.sent, self.rate = sent, sent / seconds
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
            words = file.read().rsplit(")", 1)[1].split()
        ticks = os.sysconf("SC_CLK_TCK")
        self.cpu_us = (int(words[11]) + int(words[12])) / ticks / sent * 1e6
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            self.megabytes = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024

    def settle(self, in_flows, dropped):
        self.in_flows, self.dropped = in_flows, dropped
        self.missing = self.sent - in_flows - dropped
        return self

    def __str__(self):
        return (f"{self.sent:,} sent at {self.rate:,.0f}/s = {self.in_flows:,} in flows + "
                f"{self.dropped:,} reported as dropped")


def send(link, rate):
    """Packets sent, and the seconds that took."""
    count = rate * SECONDS
    said = link.call(tool("send"), "-n", count, "-r", rate, "-l", LENGTH, "-f",
                     count // PACKETS_OF_FLOW, "a0").out
    found = re.search(r"(\d+) packets in ([\d.]+) s", said)
    time.sleep(0.5)  # the last of them are on their way to the sensor
    return int(found[1]), float(found[2])


def ours(link, folder, rate):
    sensor = link.start(folder / "live.argus")
    measured = Measured(sensor.process, *send(link, rate))
    sensor.stop()
    equal((sensor.arrived, sensor.unread), (measured.sent, 0), "packets arrived, and left unread")
    equal(packets_in(sensor.path), sensor.recorded, "packets in the file")
    measured.settle(sensor.recorded, sensor.dropped)
    equal(measured.missing, 0, "packets neither in flows nor reported")
    sensor.path.unlink()
    return measured


def theirs(link, folder, rate):
    path = folder / "live-original.argus"
    path.unlink(missing_ok=True)
    process = subprocess.Popen(link.words([original("argus"), "-X", "-M", "1", "-i", "b0", "-w",
                                           path]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **NO_RC_FILES})
    try:
        wait_until(lambda: path.exists() and path.stat().st_size, "argus 3.0.8 is at work")
        measured = Measured(process, *send(link, rate))
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    measured.settle(packets_in(path), sum(drops for _, drops in management(path)))
    path.unlink()
    return measured


def require(needed=("ip",)):
    why = why_no_link(needed)
    if why:
        raise Skip(why)


class Cable:
    """with Cable() as link: a cable that is taken away at the end."""

    def __enter__(self):
        require()
        self.link = Link(cables=1)
        return self.link

    def __exit__(self, *_):
        self.link.remove()


def at_rate(sensor, folder, rate, known):
    with Cable() as link:
        measured = sensor(link, folder, rate)
    known.append(measured)
    lost = "" if not measured.missing else f"; {measured.missing:,} nowhere"
    return f"{measured}{lost}"


def best(known):
    """The highest rate up to which nothing was lost; 0 if something was at once."""
    rate = 0
    for measured in sorted(known, key=lambda one: one.rate):
        if measured.in_flows != measured.sent:
            break
        rate = measured.rate
    return rate


def compare(mine, others):
    def text(known):
        return f"{best(known):,.0f}/s{' or more' if best(known) == max_rate(known) else ''}"
    said = f"argus {text(mine)}"
    return f"{said}, argus 3.0.8 {text(others)}" if others else said


def max_rate(known):
    return max(measured.rate for measured in known)


def prove(report, folder):
    report.title(f"Live, at a virtual cable: {LENGTH} bytes a packet, {SECONDS} s at each rate")
    mine, others = [], []
    for rate in RATES:
        said = report.check(f"argus, {rate:,}/s", at_rate, ours, folder, rate, mine)
        if said is None:
            break
        if mine[-1].rate < 0.9 * rate:  # more cannot be sent
            break
    for rate in RATES if mine and original("argus") else ():
        report.check(f"argus 3.0.8, {rate:,}/s", at_rate, theirs, folder, rate, others)
        if not others or others[-1].rate < 0.9 * rate:
            break
    if mine:
        report.check("the highest rate without a loss", compare, mine, others)
