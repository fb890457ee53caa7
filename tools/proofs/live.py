# SPDX-License-Identifier: Apache-2.0
"""Two sensors at a virtual cable, one after the other, and packets at rising rates: what came over
it is in flows, or was reported as dropped."""
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
GRACE = 1  # seconds that argus 3.0.8 has before the first packet and behind the last


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
    """Packets that came to the sensor's end of the cable, and the seconds that took. The cable,
    too, may lose some when the machine is busy, which no sensor can know."""
    count, before = rate * SECONDS, link.received()
    said = link.call(tool("send"), "-n", count, "-r", rate, "-l", LENGTH, "-f",
                     count // PACKETS_OF_FLOW, "a0").out
    found = re.search(r" packets in ([\d.]+) s", said)
    time.sleep(0.5)  # the last of them are on their way to the sensor
    return link.received() - before, float(found[1])


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


def listens(link):
    """Somebody has a packet socket."""
    return len(link.call("cat", "/proc/net/packet").out.splitlines()) > 1


def theirs(link, folder, rate):
    path = folder / "live-original.argus"
    path.unlink(missing_ok=True)
    process = subprocess.Popen(link.words([original("argus"), "-X", "-M", "1", "-i", "b0", "-w",
                                           path]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **NO_RC_FILES})
    try:
        wait_until(lambda: listens(link) and path.exists(), "argus 3.0.8 is at work")
        time.sleep(GRACE)
        measured = Measured(process, *send(link, rate))
        time.sleep(GRACE)  # what is in its ring when it is stopped, it forgets
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


def at_rate(sensor, folder, rate):
    with Cable() as link:
        return sensor(link, folder, rate)


def is_all(measured, rate):
    """More cannot be sent here."""
    return measured.rate < 0.9 * rate


def series(sensor, folder):
    """Yields what a sensor makes of each rate."""
    for rate in RATES:
        measured = at_rate(sensor, folder, rate)
        yield measured
        if is_all(measured, rate):
            return


def best_text(known):
    """The highest rate up to which nothing was lost."""
    rate = 0
    known = sorted(known, key=lambda measured: measured.rate)
    for measured in known:
        if measured.in_flows != measured.sent:
            return f"{rate:,.0f}/s" if rate else "no rate"
        rate = measured.rate
    return f"{rate:,.0f}/s, all that can be sent"


def tell(sensor, folder, rate, known):
    measured = at_rate(sensor, folder, rate)
    known.append(measured)
    missing = f"; {measured.missing:,} nowhere" if measured.missing else ""
    return f"{measured}{missing}"


def prove_rates(report, name, sensor, folder):
    known = []
    for rate in RATES:
        said = report.check(f"{name}, {rate:,}/s", tell, sensor, folder, rate, known)
        if said is None or is_all(known[-1], rate):
            break
    return known


def prove(report, folder):
    report.title(f"Live, at a virtual cable: {LENGTH} bytes a packet, {SECONDS} s at each rate")
    mine = prove_rates(report, "argus", ours, folder)
    others = prove_rates(report, "argus 3.0.8", theirs, folder) if original("argus") else []
    for name, known in (("argus", mine), ("argus 3.0.8", others)):
        if known:
            report.check(f"{name}, nothing lost up to", best_text, known)
