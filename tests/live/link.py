# SPDX-License-Identifier: Apache-2.0
"""Two ends of a cable in a network namespace of their own, and a sensor at one of them."""
import os
import re
import shutil
import signal
import struct
import subprocess
import time

from lib.programs import BIN, NO_RC_FILES, SANITIZER, TIMEOUT, call
from lib.records import split
from lib.tap import skip_all

NEEDED = ("ip", "tcpreplay")
COUNTS = re.compile(r"packets: (\d+) read = (\d+) in flow records")
KERNEL = re.compile(r"interfaces: (\d+) packets arrived, (\d+) dropped by the kernel, "
                    r"(\d+) left unread")
MAR = 0x83  # the type of management records


def why_no_link(needed=NEEDED):
    """What keeps cables from being laid here; None if nothing does."""
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        return f"{' and '.join(missing)} not installed (tools/setup.sh test)"
    probe = f"panoptes-probe-{os.getpid()}"
    made = call(["ip", "netns", "add", probe])
    if not made.status:
        made = call(["ip", "-n", probe, "link", "add", "a0", "type", "veth", "peer", "name", "b0"])
        call(["ip", "netns", "del", probe])
    if made.status:
        return f"no virtual cables can be laid here (is this root?): {made.err.strip()}"
    return None


def require_link():
    """Ends the program, skipped, where no cable can be laid."""
    why = why_no_link()
    if why:
        skip_all(why)


def wait_until(condition, what, seconds=10):
    """What `condition` gives once it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"after {seconds} s, still not: {what}")


def management(path):
    """Packets and drops of the management records that follow on the first."""
    return [(*struct.unpack_from(">Q", row, 48), *struct.unpack_from(">I", row, 80))
            for kind, _, row in split(path.read_bytes()) if kind == MAR][1:]


class Link:
    """Interfaces a0 and b0, and so on, are the ends of cables."""

    def __init__(self, cables=2):
        self.name = f"panoptes-{os.getpid()}"
        self.sensors = []
        self.call("ip", "netns", "add", self.name, inside=False)
        # Nobody but the tests is to send anything.
        self.call("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                  "net.ipv6.conf.default.disable_ipv6=1", checked=False)
        self.call("ip", "link", "set", "lo", "up")
        for i in range(cables):
            self.lay(i)

    def lay(self, i):
        self.call("ip", "link", "add", f"a{i}", "type", "veth", "peer", "name", f"b{i}")
        for end in "ab":
            self.call("ip", "link", "set", f"{end}{i}", "arp", "off", "up")

    def remove(self):
        for sensor in self.sensors:  # of checks that failed
            sensor.process.kill()
        self.call("ip", "netns", "del", self.name, inside=False, checked=False)

    def words(self, command):
        return ["ip", "netns", "exec", self.name, *(str(word) for word in command)]

    def call(self, *command, inside=True, checked=True):
        result = call(self.words(command) if inside else command)
        assert not checked or result.status == 0, f"failed: {result}"
        return result

    def send(self, path, *options, interface="a0"):
        """Sends a capture; the number of packets that were sent."""
        result = self.call("tcpreplay", "-q", *(options or ("--topspeed",)), "-i", interface, path)
        return int(re.search(r"Actual: (\d+) packets", result.out).group(1))

    def received(self, interface="b0"):
        """Packets that an interface has received until now."""
        name = f"/sys/class/net/{interface}/statistics/rx_packets"
        return int(self.call("cat", name).out)

    def start(self, path, *options, devices=("-i", "b0")):
        self.sensors.append(Sensor(self, path, [*devices, *options]))
        return self.sensors[-1]


class Sensor:
    """A sensor that writes to a file; it is at work when this has been made."""

    def __init__(self, link, path, options):
        self.path = path
        command = [BIN / "argus", "-X", "-v", "-w", path, *options]
        self.process = subprocess.Popen(link.words(command), stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL,
                                        env={**os.environ, **NO_RC_FILES})
        wait_until(lambda: self.process.poll() is not None or
                   (path.exists() and path.stat().st_size), "the sensor is at work")

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGINT, status=0):
        """Ends it; what it said is then in `err`, and its counts in `read` and so on."""
        self.send(number)
        return self.wait(status)

    def wait(self, status=0):
        self.err = self.process.communicate(timeout=TIMEOUT)[1].decode()
        assert not SANITIZER.search(self.err), self.err
        assert self.process.returncode == status, f"{self.process.returncode}: {self.err}"
        found, kernel = COUNTS.search(self.err), KERNEL.search(self.err)
        if found and kernel:
            self.read, self.recorded = (int(word) for word in found.groups())
            self.arrived, self.dropped, self.unread = (int(word) for word in kernel.groups())
        return self
