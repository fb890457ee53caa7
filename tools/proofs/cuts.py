# SPDX-License-Identifier: Apache-2.0
"""A sensor, a collector (radium, with a spool) and a store, each a host, while a capture is
replayed. Lines are cut, connections die unseen, the collector is killed: at the end the store has
every record of the sensor exactly once, in order and byte for byte."""
import random
import signal
import time

from lib.programs import BIN
from lib.streams import split_records
from lib.tap import equal
from link import wait_until

from .hosts import Hosts, Process

PORT = 561
SENSOR, COLLECTOR, STORE = "192.0.2.1", "192.0.2.2", "198.51.100.2"
COLLECTOR_TO_STORE = "198.51.100.1"
RATE = 100_000  # packets a second
CUTS, KILLS = 20, 5
FLOW = 0x13


class Trouble:
    """What happens to the lines and to the collector, at random moments."""

    def __init__(self, seed, hosts, start_collector):
        self.dice = random.Random(seed)
        self.hosts, self.start_collector = hosts, start_collector
        # A new client begins with what comes after it: nothing is to come before the store.
        self.collector = start_collector("--wait-clients", "1")
        self.events = [self.cut] * CUTS + [self.kill] * KILLS
        self.dice.shuffle(self.events)
        self.log = []

    def cut(self):
        one, peer = self.dice.choice((("sensor", COLLECTOR), ("store", COLLECTOR_TO_STORE)))
        is_forgotten = self.dice.random() < 0.6
        self.hosts.plug(one, "collector", "down")
        if is_forgotten:
            self.hosts.forget_connections(one, peer)
        time.sleep(self.dice.uniform(0.1, 1.5))
        self.hosts.plug(one, "collector", "up")
        self.log.append("cut, and the connection gone" if is_forgotten else "cut")

    def kill(self):
        self.collector.kill()
        time.sleep(self.dice.uniform(0, 0.5))
        self.collector = self.start_collector()
        self.log.append("killed")

    def run(self, seconds):
        """All of it, spread over about so many seconds."""
        pause = seconds / (len(self.events) + 1)
        for event in self.events:
            time.sleep(self.dice.uniform(0.2, 1) * pause)
            event()

    def __str__(self):
        return ", ".join(f"{self.log.count(x)} x {x}" for x in sorted(set(self.log)))


def flows(path):
    return [r for r in split_records(path.read_bytes())[1:] if r[0] == FLOW]


def compare(sent, got):
    """How many records are missing, doubled, foreign, and out of order."""
    places = {record: at for at, record in enumerate(sent)}
    found = {"missing": 0, "doubled": 0, "foreign": 0, "out of order": 0}
    seen, last = set(), -1
    for record in got:
        at = places.get(record)
        if at is None:
            found["foreign"] += 1
            continue
        found["doubled"] += record in seen
        found["out of order"] += at < last
        last = at
        seen.add(record)
    found["missing"] = len(places) - len(seen)
    return found


def await_store(store, wanted):
    """Until all has come, or nothing comes any more."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 40 and len(flows(store)) < wanted:
        time.sleep(1)
        if store.stat().st_size != size:
            size, since = store.stat().st_size, time.monotonic()


def lay_lines(hosts):
    hosts.lay("sensor", SENSOR, "collector", COLLECTOR)
    hosts.lay("collector", COLLECTOR_TO_STORE, "store", STORE)


def start_collector(hosts, folder, *words):
    return Process(hosts, "collector", folder, BIN / "radium", "-X", "-S", f"{SENSOR}:{PORT}", "-P",
                   PORT, "-B", "any", "--spool", folder / "spool", *words)


def start_store(hosts, folder):
    """Writes what comes to the file "store"."""
    return Process(hosts, "store", folder, BIN / "ra", "-X", "--reconnect", "-S",
                   f"{COLLECTOR_TO_STORE}:{PORT}", "-w", folder / "store")


def cut(capture, folder, seed, seconds):
    direct, store = folder / "direct", folder / "store"
    with Hosts("sensor", "collector", "store") as hosts:
        lay_lines(hosts)
        sensor = Process(hosts, "sensor", folder, BIN / "argus", "-X", "-q", "-r", capture, "-T",
                         "1", "-P", PORT, "-B", "any", "--wait-clients", "1", "-w", direct)
        keeper = start_store(hosts, folder)
        trouble = Trouble(seed, hosts, lambda *words: start_collector(hosts, folder, *words))
        wait_until(lambda: store.exists() and store.stat().st_size > 4096, "records come", 30)
        trouble.run(seconds)
        equal(sensor.wait(), 0, "status of the sensor")
        sent = flows(direct)
        await_store(store, len(sent))
        keeper.stop(signal.SIGTERM)
        trouble.collector.stop(signal.SIGTERM)
    found = compare(sent, flows(store))
    assert not any(found.values()), f"{found} of {len(sent)} flow records; {trouble}"
    return f"{len(sent):,} flow records, all of them once and in order; {trouble}"
