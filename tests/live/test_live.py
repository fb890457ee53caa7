#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor at a network interface: each packet that is sent is in a flow, or was reported as
dropped; and what signals, the clock and lost interfaces do to it."""
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from lib.flows import FIELDS, add_up  # noqa: E402
from lib.packets import Capture, ether, ip4, udp  # noqa: E402
from lib.programs import BIN, call, generate, original, require, rows  # noqa: E402
from lib.records import split  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402
from link import MAR, Link, management, require_link, wait_until  # noqa: E402

PACKETS = 15000
RATES = ("--pps=20000", "--pps=60000", "--topspeed")
A, B = "10.0.0.1", "10.0.0.2"
NOBODY = "nobody"


class Bench:
    """A cable, something to send over it, and a folder."""

    def __init__(self, folder, link):
        self.folder, self.link = folder, link
        self.traffic = folder / "traffic.pcap"
        generate(self.traffic, "-n", str(PACKETS), "-l", "1500", "-s", "7")
        self.count = 0

    def file(self):
        self.count += 1
        return self.folder / f"{self.count}.argus"

    def packets(self, *frames):
        """A capture of these frames."""
        made = Capture()
        for i, frame in enumerate(frames):
            made.add(i / 1000, frame)
        self.count += 1
        return made.write(self.folder / f"{self.count}.pcap")


def in_flows(path, *words):
    return sum(int(row["pkts"]) for row in rows(path, ["pkts"], "-M", "noman", *words))


def flows(path):
    return list(rows(path, ["proto", "saddr", "sport", "dir", "daddr", "dport", "spkts", "dpkts",
                            "srcid", "seq"], "-M", "noman"))


def ask(sport, dport=99):
    return ether(ip4(A, B, udp(sport, dport, 8)))


def answer(sport, dport=99):
    return ether(ip4(B, A, udp(dport, sport, 8)))


def check_account(bench, sensor, sent, what):
    equal(sensor.arrived, sent, f"packets that arrived {what}")
    equal(sensor.read + sensor.dropped + sensor.unread, sent, f"packets accounted for {what}")
    equal(sensor.recorded, sensor.read, "packets in records")
    equal(in_flows(sensor.path), sensor.read, "packets in the file")


def check_rate(bench, rate):
    sensor = bench.link.start(bench.file(), "-M", "0.2")
    sent = bench.link.send(bench.traffic, rate)
    sensor.stop()
    check_account(bench, sensor, sent, rate)
    equal(sensor.unread, 0, "left unread")
    told = management(sensor.path)
    equal(sum(packets for packets, _ in told), sensor.read, "packets by the management records")
    equal(sum(drops for _, drops in told), sensor.dropped, "drops by the management records")


def check_drops(bench):
    """A sensor that stands still loses packets, and says how many."""
    sensor = bench.link.start(bench.file(), "--buffer", "1M", "-s", "1500")
    sensor.send(signal.SIGSTOP)
    sent = bench.link.send(bench.traffic)
    sensor.send(signal.SIGCONT)
    sensor.stop()
    check_account(bench, sensor, sent, "at a sensor that stood still")
    equal(sensor.dropped > 0, True, "some were dropped")
    equal(sum(drops for _, drops in management(sensor.path)), sensor.dropped, "drops in records")


def check_drained(bench):
    """What arrived before the signal is read, although the sensor saw the signal first."""
    sensor = bench.link.start(bench.file())
    sensor.send(signal.SIGSTOP)
    sent = bench.link.send(bench.traffic, "--pps=20000", "--limit=5000")
    sensor.send(signal.SIGINT)
    sensor.send(signal.SIGCONT)
    sensor.wait()
    check_account(bench, sensor, sent, "before the signal")
    equal((sensor.read, sensor.unread), (sent, 0), "packets read, and left unread")


def check_interrupted(bench, seed):
    """At any moment, what arrived was read or is named."""
    sensor = bench.link.start(bench.file())
    before = bench.link.received()
    sender = subprocess.Popen(bench.link.words(["tcpreplay", "-q", "--pps=20000", "-i", "a0",
                                                bench.traffic]), stdout=subprocess.DEVNULL)
    wait_until(lambda: bench.link.received() > before, "something was sent")
    time.sleep(random.Random(seed).uniform(0.05, 0.4))
    sensor.stop(signal.SIGTERM if seed % 2 else signal.SIGINT)
    sender.kill()
    sender.wait()
    equal(sensor.read + sensor.dropped, sensor.arrived, "packets accounted for")
    equal(sensor.unread, 0, "left unread")
    equal(in_flows(sensor.path), sensor.read, "packets in the file")
    equal(sensor.read > 0, True, "some were read")


def check_killed(bench):
    """The file of a sensor that was killed can be read to its last whole record."""
    sensor = bench.link.start(bench.file(), "-S", "0.2")
    bench.link.send(bench.traffic, "--pps=9000")
    sensor.send(signal.SIGKILL)
    sensor.wait(-signal.SIGKILL)
    data = sensor.path.read_bytes()
    sensor.path.write_bytes(data[:-3] if len(split(data)) % 2 else data)
    whole = sum(kind != MAR for kind, _, _ in split(sensor.path.read_bytes()))
    equal(whole > 0, True, "there are records")
    for name in ("ra", "rasort", "rastrip"):
        got = call([BIN / name, "-X", "-n", "-L", "-1", "-M", "noman", "-r", sensor.path])
        equal(got.out.count("\n"), whole, f"records read by {name}: {got.err}")


def check_silence(bench):
    """Flows are reported when the link is silent, by the clock."""
    sensor = bench.link.start(bench.file(), "-S", "0.3")
    bench.link.send(bench.packets(ask(1), ask(2), answer(2)))
    begin = time.monotonic()
    wait_until(lambda: len(flows(sensor.path)) == 2, "two records")
    equal(time.monotonic() - begin < 4, True, "within seconds")
    sensor.stop()
    equal([row["spkts"] + row["dpkts"] for row in flows(sensor.path)], ["10", "11"], "packets")


def check_forgotten(bench):
    sensor = bench.link.start(bench.file(), "-S", "0.1", "--idle-ip", "0.1")
    bench.link.send(bench.packets(ask(1)))
    time.sleep(1)
    bench.link.send(bench.packets(ask(1)))
    sensor.stop()
    equal([row["seq"] for row in flows(sensor.path)], ["1", "2"], "numbers of the flows")


def check_reopened(bench):
    """A file that was moved away is whole, and a new one goes on."""
    sensor = bench.link.start(bench.file(), "-S", "0.2")
    sent = bench.link.send(bench.packets(*(ask(i) for i in range(10))))
    moved = bench.folder / "moved.argus"
    wait_until(lambda: len(flows(sensor.path)) == 10, "ten records")
    sensor.path.rename(moved)
    sensor.send(signal.SIGHUP)
    wait_until(lambda: sensor.path.exists() and sensor.path.stat().st_size, "a new file")
    sent += bench.link.send(bench.packets(*(ask(i) for i in range(20, 30))))
    sensor.stop()
    equal((in_flows(moved), in_flows(sensor.path), sensor.read), (10, 10, sent), "packets")
    equal([split(path.read_bytes())[0][0] for path in (moved, sensor.path)], [MAR, MAR],
          "types of the first records")


def check_report(bench):
    sensor = bench.link.start(bench.file())
    bench.link.send(bench.packets(*(ask(i) for i in range(5))))
    time.sleep(0.3)
    sensor.send(signal.SIGUSR1)
    time.sleep(0.3)
    sensor.stop()
    part = "5 read = 0 in flow records + 5 in open flows; 5 flows, 5 of them in memory"
    equal(part in sensor.err, True, sensor.err)


def check_filter(bench, device, wanted):
    """The kernel filters: only what passes arrives."""
    words = ("-", "udp", "port", "7", "or", "8")
    sensor = bench.link.start(bench.file(), *words, devices=("-i", device))
    bench.link.send(bench.packets(*(ask(i) for i in range(1, 20))))
    sensor.stop()
    equal((sensor.arrived, sensor.read), (wanted, wanted), "packets")


def check_snap(bench):
    """Bytes are those of whole packets; -N ends the capture."""
    sensor = bench.link.start(bench.file(), "-s", "60", "-N", "2")
    bench.link.send(bench.packets(*(ether(ip4(A, B, udp(1, 2, 1000))) for _ in range(3))))
    sensor.wait()
    equal([row["bytes"] for row in rows(sensor.path, ["bytes"], "-M", "noman")],
          [str(2 * 1042)], "bytes")


def check_two(bench, devices, wanted):
    """Questions go over one cable, their answers over the other."""
    sensor = bench.link.start(bench.file(), devices=devices.split())
    bench.link.send(bench.packets(ask(1), ask(2)), interface="a0")
    time.sleep(0.1)
    bench.link.send(bench.packets(answer(1), answer(2)), interface="a1")
    sensor.stop()
    got = sorted((row["saddr"], row["sport"], row["spkts"], row["dpkts"], row["srcid"])
                 for row in flows(sensor.path))
    equal(got, wanted, "flows")


ONE_TABLE = [(A, "1", "1", "1", "0.0.0.0"), (A, "2", "1", "1", "0.0.0.0")]
WITH_ID = [(*row[:4], "7") for row in ONE_TABLE]
APART = [(A, "1", "1", "0", "1.1.1.1"), (A, "2", "1", "0", "1.1.1.1"),
         (B, "99", "1", "0", "two"), (B, "99", "1", "0", "two")]
TWO = [("-i b0 b1", ONE_TABLE), ("-i b1 b0", ONE_TABLE), ("-i bond:b0,b1", ONE_TABLE),
       ("-i dup:b1,b0/7", WITH_ID), ("-i dup:[bond:b0,lo],b1/7", WITH_ID),
       ('-i ind:b0/1.1.1.1,b1/"two"', APART), ('-i b0/1.1.1.1 -i b1/"two"', APART)]


def check_any(bench):
    """Both ends of the cable are seen, and nothing is lost."""
    sensor = bench.link.start(bench.file(), devices=("-i", "any"))
    bench.link.send(bench.packets(ask(1), ask(2)))
    sensor.stop()
    equal((sensor.arrived, sensor.read, in_flows(sensor.path)), (4, 4, 4), "packets")


def check_loopback(bench, device):
    """What a machine says to itself goes out and comes in, and counts once."""
    sensor = bench.link.start(bench.file(), devices=("-i", device))
    sent = bench.link.send(bench.traffic, "--topspeed", "--limit=5000", interface="lo")
    sensor.stop()
    check_account(bench, sensor, sent, "at the loopback interface")
    equal((sensor.dropped, sensor.unread), (0, 0), "dropped, and left unread")


def check_busy(bench, device):
    """What comes while the interface is being opened is not half counted."""
    sender = subprocess.Popen(bench.link.words(["tcpreplay", "-q", "--pps=5000", "-i", "a0",
                                                bench.traffic]), stdout=subprocess.DEVNULL)
    for _ in range(5):
        sensor = bench.link.start(bench.file(), devices=("-i", device))
        sensor.stop()
        check_account(bench, sensor, sensor.arrived, "of a busy link")
        equal(sensor.unread, 0, "left unread")
    equal(sender.poll(), None, "the sender was still at work")
    sender.kill()
    sender.wait()


def check_lost(bench):
    """One interface goes away: the other goes on, and the status says so."""
    bench.link.lay(9)
    sensor = bench.link.start(bench.file(), devices=("-i", "b9", "b0"))
    bench.link.send(bench.packets(ask(1)), interface="a9")
    time.sleep(0.2)
    bench.link.call("ip", "link", "del", "a9")
    time.sleep(0.2)
    bench.link.send(bench.packets(ask(2)))
    sensor.stop(status=3)
    equal("argus: b9: " in sensor.err, True, sensor.err)
    equal((sensor.read, in_flows(sensor.path)), (2, 2), "packets")


def check_all_lost(bench):
    bench.link.lay(8)
    sensor = bench.link.start(bench.file(), devices=("-i", "b8"))
    bench.link.send(bench.packets(ask(1)), interface="a8")
    time.sleep(0.2)
    bench.link.call("ip", "link", "del", "a8")
    sensor.wait(3)
    equal(in_flows(sensor.path), 1, "packets")


def state_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def gone(pid):
    path = pathlib.Path(f"/proc/{pid}")
    return not path.exists() or state_of(pid)["State"].startswith("Z")


def check_daemon(bench):
    """It has a pid file, is nobody, and can do nothing; its files are nobody's."""
    folder = bench.folder / "nobody"
    folder.mkdir()
    folder.chmod(0o777)
    bench.folder.chmod(0o755)
    path, conf = folder / "out.argus", bench.folder / "daemon.conf"
    conf.write_text(f"ARGUS_DAEMON=yes\nARGUS_INTERFACE=b0\nARGUS_SETUSER_ID={NOBODY}\n"
                    f"ARGUS_PID_PATH={bench.folder}\nARGUS_OUTPUT_FILE={path}\n")
    bench.link.call(BIN / "argus", "-F", conf)
    pid_file = bench.folder / "argus.b0.0.pid"
    pid = int(pid_file.read_text())
    state = state_of(pid)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: gone(pid), "the daemon ends")
    equal((state["Uid"].split()[1] != "0", state["Gid"].split()[1] != "0"), (True, True), "ids")
    equal([state[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")], 4 * [16 * "0"],
          "capabilities")
    equal(str(path.stat().st_uid), state["Uid"].split()[1], "owner of the file")
    equal(pid_file.read_text() if pid_file.exists() else "", "", "pid file")
    equal([kind for kind, _, _ in split(path.read_bytes())], [MAR, MAR], "records")


def check_capabilities(bench):
    """Root's sensor can open its files again, and nothing else, in none of its threads."""
    dac_override = f"{2:016x}"
    sensor = bench.link.start(bench.file(), "--threads", "2", "-S", "0.1")
    tasks_of = pathlib.Path(f"/proc/{sensor.process.pid}/task")
    bench.link.send(bench.packets(ask(1)))
    tasks = wait_until(lambda: len(list(tasks_of.iterdir())) > 1 and list(tasks_of.iterdir()),
                       "several threads")
    states = [state_of(f"{sensor.process.pid}/task/{task.name}") for task in tasks]
    sensor.stop()
    equal({(state["CapPrm"], state["CapEff"], state["NoNewPrivs"], state["Seccomp"])
           for state in states}, {(dac_override, dac_override, "1", "2")},
          "capabilities, and system calls that are refused")


def check_system_file(bench):
    """Read before the command line, but not with -X."""
    conf = bench.folder / "system.conf"
    conf.write_text("ARGUS_INTERFACE=b0\nARGUS_MONITOR_ID=5\nARGUS_FLOW_STATUS_INTERVAL=9\n")
    wanted = {(): (5, 9), ("-S", "4"): (5, 4), ("-X", "-i", "b1"): (0, 5)}
    for words, said in wanted.items():
        path = bench.file()
        sensor = subprocess.Popen(bench.link.words([BIN / "argus", *words, "-w", path]),
                                  env={**os.environ, "PANOPTES_CONF": str(conf)})
        wait_until(lambda: path.exists() and path.stat().st_size, "the sensor is at work")
        sensor.terminate()
        equal(sensor.wait(), 0, "status")
        record = split(path.read_bytes())[0][2]
        equal((*struct.unpack_from(">I", record, 120), *struct.unpack_from(">H", record, 44)), said,
              f"identifier and interval with {words}")


def check_daemon_fails(bench):
    result = bench.link.call(BIN / "argus", "-X", "-d", "-i", "nowhere", checked=False)
    equal((result.status, result.err.count("\n")), (1, 1), result.err)


def check_root_folder(bench):
    jail = bench.folder / "jail"
    jail.mkdir()
    # The leak sanitizer needs /proc, which is not in there.
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    sensor = subprocess.Popen(bench.link.words([BIN / "argus", "-X", "-i", "b0", "-c", jail, "-w",
                                                "/inside.argus"]), env=environment)
    wait_until((jail / "inside.argus").exists, "the file")
    sensor.send_signal(signal.SIGINT)
    equal(sensor.wait(), 0, "status")


def check_wrong(bench, words, part):
    result = bench.link.call(BIN / "argus", "-X", *words.split(), checked=False)
    equal((result.status, result.err.count("\n")), (1, 1), result.err)
    equal(part in result.err, True, f"'{part}' in {result.err}")


WRONG = [("-i nowhere", "nowhere: No such device"), ("-i b0 -u no-such-user", "no user"),
         ("-i b0 -g no-such-group", "no group"), ("-i b0 -c /no/folder", "/no/folder: "),
         ("-i bond:", "names no interface"), ("-i ring:b0", "no interface"),
         ("-i ind:b0,", "without a name"), ("-i b0 - tcp prt", "packet filter 'tcp prt'"),
         ("-i any - tcp prt", "packet filter 'tcp prt'"),
         ("-i any - tcp) or (udp", "packet filter 'tcp) or (udp'"),
         ("-i b0 --buffer 1k", "--buffer: "), ("-i b0 -s x", "-s: "),
         ("-i b0 --index x", "--index: "), ("-i b0 --memory 64M --buffer 64M", "--memory: ")]


def conversations(path):
    return add_up(rows(path, FIELDS, "-M", "noman"))


def check_original(bench):
    """Both sensors at the same interface at the same time."""
    if not original("argus"):
        raise Skip("argus 3.0.8 is not installed")
    theirs = bench.file()
    other = subprocess.Popen(bench.link.words([original("argus"), "-X", "-i", "b0", "-w", theirs]),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: theirs.exists() and theirs.stat().st_size, "argus 3.0.8 is at work")
    sensor = bench.link.start(bench.file(), "--compat", "3.0.8")
    time.sleep(0.3)
    bench.link.send(bench.traffic, "--pps=8000", "--limit=8000")
    sensor.stop()
    other.terminate()
    other.wait()
    equal(conversations(sensor.path), conversations(theirs), "conversations")


def main():
    require("argus", "ra")
    require_link()
    cases = Cases("live capture")
    with tempfile.TemporaryDirectory() as name:
        link = Link()
        try:
            bench = Bench(pathlib.Path(name), link)
            for rate in RATES:
                cases.add_call(f"conservation at {rate[2:]}", check_rate, bench, rate)
            for seed in range(4):
                cases.add_call(f"stopped at any moment, {seed}", check_interrupted, bench, seed)
            for devices, wanted in TWO:
                cases.add_call(devices, check_two, bench, devices, wanted)
            for device, wanted in (("b0", 2), ("any", 4)):
                cases.add_call(f"filter at {device}", check_filter, bench, device, wanted)
            for device in ("lo", "any"):
                cases.add_call(f"loopback, at {device}", check_loopback, bench, device)
            for device in ("b0", "any"):
                cases.add_call(f"busy, at {device}", check_busy, bench, device)
            for words, part in WRONG:
                cases.add_call(f"{words} is wrong", check_wrong, bench, words, part)
            for function in (check_drained, check_drops, check_killed, check_silence,
                             check_forgotten, check_reopened, check_report, check_snap,
                             check_any, check_lost, check_all_lost, check_daemon,
                             check_capabilities, check_system_file, check_daemon_fails,
                             check_root_folder, check_original):
                cases.add_call(function.__name__[6:].replace("_", " "), function, bench)
            cases.run()
        finally:
            link.remove()


main()
