# SPDX-License-Identifier: Apache-2.0
"""Hosts that are network namespaces, cables between them, and programs that run on them."""
import os
import pathlib
import re
import subprocess

from lib.programs import NO_RC_FILES, call
from lib.tap import Skip
from link import COUNTS, KERNEL, why_no_link

PATIENCE = 300
NEEDED = ("ip", "ss", "tcpreplay")


def run(*command, checked=True):
    result = call(command, timeout=PATIENCE)
    assert not checked or result.status == 0, f"failed: {result}"
    return result


class Hosts:
    """with Hosts("one", "other") as hosts: no cable is laid yet."""

    def __init__(self, *names):
        why = why_no_link(NEEDED)
        if why:
            raise Skip(why)
        self.names = names
        self.prefix = f"prove-{os.getpid()}-"

    def __enter__(self):
        for host in self.names:
            run("ip", "netns", "add", self.prefix + host)
            # Nobody but the proofs is to send anything.
            self.inside(host, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                        "net.ipv6.conf.default.disable_ipv6=1", checked=False)
            self.inside(host, "ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        for host in self.names:
            run("ip", "netns", "del", self.prefix + host, checked=False)

    def lay(self, one, address, other, other_address):
        """A cable; each of its ends is named for the host at the other end."""
        run("ip", "-n", self.prefix + one, "link", "add", f"to-{other}", "type", "veth", "peer",
            "name", f"to-{one}", "netns", self.prefix + other)
        for host, device, own in ((one, f"to-{other}", address),
                                  (other, f"to-{one}", other_address)):
            if own:
                self.inside(host, "ip", "address", "add", f"{own}/24", "dev", device)
            self.inside(host, "ip", "link", "set", device, "up")

    def words(self, host, *command):
        return ["ip", "netns", "exec", self.prefix + host, *(str(word) for word in command)]

    def inside(self, host, *command, checked=True):
        return run(*self.words(host, *command), checked=checked)

    def plug(self, one, other, state):
        self.inside(one, "ip", "link", "set", f"to-{other}", state)

    def forget_connections(self, host, peer):
        """The host's kernel drops its connections; while the line is cut the peer hears nothing."""
        self.inside(host, "ss", "-K", "dst", peer, checked=False)

    def play(self, host, interface, capture, rate, most=None):
        """Sends a capture at so many packets a second; the number of packets sent."""
        limit = ("--limit", most) if most else ()
        said = self.inside(host, "tcpreplay", "-q", *limit, "--pps", rate, "-i", interface,
                           capture).out
        return int(re.search(r"Actual: (\d+) packets", said).group(1))


class Process:
    """A program on a host; what it says is kept, also of those before it on the host."""

    def __init__(self, hosts, host, folder, *command):
        self.said = folder / f"{host}.err"
        with open(self.said, "ab") as err:
            self.process = subprocess.Popen(
                hosts.words(host, *command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=err, env={**os.environ, **NO_RC_FILES, "LC_ALL": "C", "TZ": "UTC"})

    def stop(self, number):
        """Its status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self):
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def peak_megabytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024

    def account(self):
        """Of a sensor that has ended: packets arrived, dropped, read, and in records."""
        said = self.said.read_text(errors="replace")
        arrived, dropped, _ = (int(word) for word in KERNEL.search(said).groups())
        read, recorded = (int(word) for word in COUNTS.search(said).groups())
        return arrived, dropped, read, recorded
