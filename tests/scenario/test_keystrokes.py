#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keystrokes: what somebody types into a terminal far away, counted by hand-made connections and,
at random ones, as argus 3.0.8 counts it."""
import pathlib
import random
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.packets import Capture, ether, ip4, tcp  # noqa: E402
from lib.programs import BIN, call, original, require, rows, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
LOGIN = 22  # packets that are left alone


class Connection:
    """Packets of both sides with their times in microseconds: c is the client, s the server."""

    def __init__(self, port=1000):
        self.port, self.now, self.packets = port, 0, []
        self.seq = {"c": 1000, "s": 5000}

    def packet(self, side, size=0, after=1000, flags="A", back=0, ack=0):
        """`back`, `ack`: so many bytes before what would be next, or acknowledged next."""
        peer = "s" if side == "c" else "c"
        self.now += after
        ends = (CLIENT, SERVER) if side == "c" else (SERVER, CLIENT)
        ports = (self.port, 22) if side == "c" else (22, self.port)
        upper = tcp(*ports, flags, self.seq[side] - back, self.seq[peer] - ack, size)
        self.packets.append((self.now / 1e6, ether(ip4(*ends, upper))))
        self.seq[side] += 0 if back else size
        return self

    def login(self, packets=LOGIN):
        for i in range(packets):
            self.packet("cs"[i % 2], after=10)
        return self

    def stroke(self, pause=100_000, size=48, latency=2000, echo=48, acks=1):
        self.packet("c", size, pause).packet("s", echo, latency)
        for _ in range(acks):
            self.packet("c", after=50)
        return self

    def strokes(self, count, **more):
        for _ in range(count):
            self.stroke(**more)
        return self


def typed():
    return Connection().login().strokes(3)


def write(folder, connections):
    made = Capture()
    for time, frame in sorted((p for c in connections for p in c.packets), key=lambda p: p[0]):
        made.add(time, frame)
    return made.write(folder / "strokes.pcap")


def counted(folder, connections, words, sensor=BIN / "argus", status="4000"):
    """By port, strokes of source and destination of each record; empty if there is no count."""
    output = folder / "strokes.argus"
    output.unlink(missing_ok=True)
    lines = "".join(f'{line}\n' for line in words)
    conf = folder / "strokes.conf"
    conf.write_text(lines)
    compat = ["-q", "--compat", "3.0.8"] if sensor == BIN / "argus" else []
    call([sensor, "-F", conf, "-S", status, *compat, "-r", write(folder, connections),
          "-w", output])
    got = {}
    for row in rows(output, ["sport", "dport", "snstroke", "dnstroke"], "-M", "noman"):
        port = next(p for p in (row["sport"], row["dport"]) if p != "22")
        got.setdefault(int(port), []).append((row["snstroke"], row["dnstroke"]))
    return got


# What follows three strokes, and how many strokes there are with three more behind.
BESIDE = [
    ("nothing", lambda c: c, 6),
    ("a stroke", lambda c: c.stroke(), 7),
    ("a segment too small", lambda c: c.stroke(size=47), 6),
    ("a segment too large", lambda c: c.stroke(size=129), 6),
    ("the largest segment", lambda c: c.stroke(size=128), 7),
    ("an echo too small", lambda c: c.stroke(echo=23), 6),
    ("an echo too large", lambda c: c.stroke(echo=257), 6),
    ("the largest echo", lambda c: c.stroke(echo=256), 7),
    ("a stroke too soon", lambda c: c.stroke(pause=47_949), 6),
    ("a stroke just in time", lambda c: c.stroke(pause=47_950), 7),
    ("an echo too late", lambda c: c.stroke(latency=14_356), 6),
    ("an echo just in time", lambda c: c.stroke(latency=14_355), 7),
    ("an echo of another segment", lambda c: c.packet("c", 48, 100_000).packet("c", 300, 10)
     .packet("s", 48, 2000), 6),
    ("an echo before the last segment", lambda c: c.packet("c", 48, 100_000).packet("c", 300, 10)
     .packet("s", 48, 2000, ack=300), 7),
    ("a segment that is sent again", lambda c: c.packet("c", 48, 100_000)
     .packet("c", 48, 10, back=48).packet("s", 48, 2000), 7),
    ("hours of silence", lambda c: setattr(c, "now", c.now + 7200 * 10**6) or c.stroke(), 7),
]


def check_beside(folder):
    wide = ["ARGUS_KEYSTROKE=tcp", 'ARGUS_KEYSTROKE_CONF="GPC_MAX=6"']
    connections = []
    for i, (_, change, _) in enumerate(BESIDE):
        connection = Connection(1000 + i).login().strokes(3)
        change(connection)
        connections.append(connection.strokes(3))
    for sensor in filter(None, (BIN / "argus", original("argus"))):
        got = counted(folder, connections, [*wide, "ARGUS_TCP_TIMEOUT=90000"], sensor, "90000")
        for i, (name, _, wanted) in enumerate(BESIDE):
            equal(got[1000 + i], [(str(wanted), "0")], f"strokes with {name}, by {sensor}")


def check_neighbours(folder):
    """One stroke alone is none, and packets between separate."""
    connections = [Connection(1000 + i).login() for i in range(4)]
    connections[0].stroke()
    connections[1].stroke().stroke()
    connections[2].strokes(5, acks=2)
    connections[3].strokes(5, acks=0)
    got = counted(folder, connections, ["ARGUS_KEYSTROKE=yes"])
    equal([got[1000 + i][0][0] for i in range(4)], ["0", "2", "0", "5"], "strokes")


def check_login(folder):
    """The first packets do not count, and there is no number before there are so many."""
    connections = [Connection(1000 + i).login(20 + i).strokes(3) for i in range(4)]
    connections.append(Connection(1004).login(40))
    got = counted(folder, connections, ["ARGUS_KEYSTROKE=tcp"])
    equal([got[1000 + i][0][0] for i in range(5)], ["2", "2", "3", "3", ""], "strokes")


def check_ssh(folder):
    """Segments of SSH have sizes of whole words, once it is encrypted."""
    odd = [typed().packet("s", 301).strokes(9), typed().packet("c", 1).strokes(9),
           Connection().packet("c", 21).login().strokes(9), typed().packet("c", 300).strokes(9)]
    for i, connection in enumerate(odd):
        for mode, wanted in (("ssh", ["", "", "9", "12"][i]), ("tcp", "12" if i != 2 else "9")):
            got = counted(folder, [connection], [f"ARGUS_KEYSTROKE={mode}"])
            equal(got[1000][0][0], wanted, f"strokes of {i} as {mode}")


def check_records(folder):
    """Each record has its own; one with no data has none."""
    long = Connection().login().strokes(12, pause=700_000).packet("c", after=5_000_000)
    got = counted(folder, [long], ["ARGUS_KEYSTROKE=tcp"], status="5")
    equal([strokes for strokes, _ in got[1000]], ["7", "5", ""], "strokes")


def check_direction(folder):
    """The client types, even if its SYN was not seen."""
    connection = Connection().packet("s", flags="SA")
    connection.seq["s"] += 1
    path = write(folder, [connection.login(30).strokes(8, echo=250)])
    for words, wanted in (([], [("8", "0")]), (["--compat", "3.0.8"], [("0", "0")])):
        output = folder / "direction.argus"
        output.unlink(missing_ok=True)
        run("argus", "-X", "-q", *words, "--keystrokes", "tcp", "-S", "1h", "-r", path,
            "-w", output)
        got = rows(output, ["snstroke", "dnstroke"], "-M", "noman")
        equal([tuple(row.values()) for row in got], wanted, f"strokes with {words}")


def check_reuse(folder):
    """Another connection on the same ports begins anew."""
    connection = typed().packet("c", flags="FA").packet("s", flags="FA", ack=-1)
    connection.packet("c", flags="R")
    connection.seq = {"c": 900_000, "s": 700_000}
    connection.packet("c", flags="S", after=1_000_000)
    connection.seq["c"] += 1
    got = counted(folder, [connection.login(10).strokes(3)], ["ARGUS_KEYSTROKE=tcp"])
    equal([strokes for strokes, _ in got[1000]], ["3", ""], "strokes")


def check_many(folder):
    """Threads, memory and half flows change nothing."""
    path = write(folder, [Connection(1000 + i).login().strokes(i % 20) for i in range(200)])
    outputs = []
    for words in (["--threads", "1"], ["--threads", "3"], ["--half-open", "compact"], ["-U", "7"]):
        output = folder / "many.argus"
        output.unlink(missing_ok=True)
        run("argus", "-X", "-q", *words, "--keystrokes", "ssh", "-S", "1h", "-r", path,
            "-w", output)
        outputs.append([tuple(row.values()) for row in
                        rows(output, ["sport", "snstroke"], "-M", "noman")])
    for other in outputs[1:]:
        equal(other, outputs[0], "records")


def shuffled(seed):
    """Connections of somebody who types, and of much else."""
    chance = random.Random(seed)
    sizes = [48, 48, 48, 48, 52, 64, 128, 44, 4, 132, 256, 300, 24, 20] + [47, 1] * (seed % 2)
    out = []
    for i in range(120):
        c = Connection(2000 + i).login(chance.choice([0, 10, LOGIN, 30]))
        for _ in range(chance.randrange(3, 40)):
            what = chance.random()
            if what < 0.75:
                c.packet("c", chance.choice(sizes),
                         chance.choice([30_000, 60_000, 100_000, 100_000, 200_000]))
                for _ in range(chance.choice([0, 0, 0, 0, 0, 1, 2])):
                    c.packet(chance.choice("cs"), after=10)
                if chance.random() < 0.1:
                    c.packet("c", chance.choice(sizes), chance.choice([10, 60_000]))
                c.packet("s", chance.choice(sizes), chance.choice([1000, 2000, 2000, 20_000]))
                if chance.random() < 0.8:
                    c.packet("c", after=50)
            else:
                c.packet(chance.choice("cs"), chance.choice([0, *sizes]),
                         chance.choice([1000, 100_000]))
        out.append(c)
    return out


def check_shuffled(folder, seed, words, status):
    if not original("argus"):
        raise Skip("argus 3.0.8 is not installed")
    connections = shuffled(seed)
    ours = counted(folder, connections, words, status=status)
    theirs = counted(folder, connections, words, original("argus"), status)
    equal(ours, theirs, "strokes")
    total = sum(int(strokes or 0) for row in ours.values() for strokes, _ in row)
    equal(total > 50, True, f"enough strokes, not {total}")


def check_wrong(folder, words, part):
    result = run("argus", *words, "-r", write(folder, [typed()]), status=1)
    equal((result.err.startswith("argus: "), result.err.count("\n")), (True, 1), result.err)
    equal(part in result.err, True, f"'{part}' in {result.err}")


WRONG = [(["--keystrokes", "telnet"], "--keystrokes: 'telnet' is none of"),
         (["--keystroke-limits", "DC_MIN=48;XY=3"], "--keystroke-limits: XY: "),
         (["--keystroke-limits", "DC_MIN"], "NAME=value is expected, not 'DC_MIN'"),
         (["--keystroke-limits", "ICR_MIN=much"], "ICR_MIN: 'much' is no ratio"),
         (["--keystroke-limits", "GS_MAX=9"], "GS_MAX: ")]
LIMITS = 'ARGUS_KEYSTROKE_CONF="GPC_MAX=5;GS_MAX=2;DC_MIN=20;IC_MIN=20000;ICR_MIN=0.5;LCS_MAX=9"'


def main():
    require("argus", "ra")
    cases = Cases("keystrokes")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for function in (check_beside, check_neighbours, check_login, check_ssh, check_records,
                         check_direction, check_reuse, check_many):
            cases.add_call(function.__name__[6:].replace("_", " "), function, folder)
        for seed, words, status in ((1, ["ARGUS_KEYSTROKE=tcp"], "5"),
                                    (2, ["ARGUS_KEYSTROKE=ssh"], "4000"),
                                    (3, ["ARGUS_KEYSTROKE=tcp", LIMITS], "4000")):
            cases.add_call(f"at random as argus 3.0.8: {words}", check_shuffled, folder, seed,
                           words, status)
        for words, part in WRONG:
            cases.add_call(f"{words} is wrong", check_wrong, folder, words, part)
        cases.run()


main()
