#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Options of the sensor and variables of argus.conf: each does what it says, and, where argus 3.0.8
has it, the same as there."""
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.packets import MAC_A, Capture, arp, echo, ether, ip4, tcp, udp  # noqa: E402
from lib.packets import ETHER_ARP, ETHER_MPLS, fragments4, icmp_error, mpls, read_pcap  # noqa: E402
from lib.programs import BIN, TIMEOUT, call, original, require, rows, run  # noqa: E402
from lib.records import split  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

A, B = "10.0.0.1", "10.0.0.2"
MAR, FAR = 0x83, 0x13
YEAR = 365 * 86400

# A value of -e, and the form, the identifier and the word of management records that it makes.
IDENTIFIERS = [("10.1.2.3", 1, b"\x0a\1\2\3", 0x0A010203), ("77", 0x20, b"\0\0\0\x4d", 77),
               ('"ab"', 0x21, b"ab\0\0", 0x6261), ('"abcd"', 0x21, b"abcd", 0x64636261),
               ("localhost", 1, b"\x7f\0\0\1", 0x7F000001)]

COMPARED = ('"ab"', "localhost")  # argus 3.0.8 spends a second asleep in each run

# Lines of argus.conf, and the command line that says the same.
SAME = [
    ("ARGUS_FLOW_STATUS_INTERVAL=2", "-S 2"), ("ARGUS_MAR_STATUS_INTERVAL=3", "-M 3"),
    ("ARGUS_MONITOR_ID=10.1.2.3", "-e 10.1.2.3"), ("ARGUS_MONITOR_ID=77 // seventy-seven", "-e 77"),
    ('ARGUS_MONITOR_ID="ab" # text', '-e "ab"'), ("ARGUS_CAPTURE_DATA_LEN=12", "-U 12"),
    ('ARGUS_FILTER="udp port 53"', "- udp port 53"), ("ARGUS_GENERATE_PACKET_SIZE=yes", "-Z"),
    ("ARGUS_GENERATE_JITTER_DATA=YES", "-J"), ("ARGUS_GENERATE_MAC_DATA=yes", "-m"),
    ("ARGUS_GENERATE_APPBYTE_METRIC=yes", "-A"), ("ARGUS_GENERATE_MAC_DATA=no", ""),
    ("ARGUS_GENERATE_BIDIRECTIONAL_TIMESTAMPS=yes", "--bidirectional-timestamps"),
    ("ARGUS_IP_TIMEOUT=3", "--idle-ip 3"), ("ARGUS_TCP_TIMEOUT=3", "--idle-tcp 3"),
    ("ARGUS_ICMP_TIMEOUT=1", "--idle-icmp 1"), ("ARGUS_ARP_TIMEOUT=1", "--idle-arp 1"),
    ("ARGUS_OTHER_TIMEOUT=1", "--idle-other 1"), ("ARGUS_FRAG_TIMEOUT=1", "--idle-fragment 1"),
    ("  ARGUS_FLOW_STATUS_INTERVAL=2\n! a comment\n# another\n\nARGUS_IGMP_TIMEOUT=9", "-S 2"),
    ("ARGUS_FLOW_STATUS_INTERVAL=2\nARGUS_FLOW_STATUS_INTERVAL=3", "-S 3"),
    ('ARGUS_FLOW_TYPE="Bidirectional"\nARGUS_FLOW_KEY="CLASSIC_5_TUPLE"\nARGUS_ACCESS_PORT=0', ""),
    ("ARGUS_FLOW_TYPE=Unidirectional", "--flow-type uni"),
    ('ARGUS_FLOW_KEY="LAYER_3_MATRIX+VLAN"', "--flow-key layer_3_matrix+vlan"),
    ("ARGUS_FLOW_KEY=LAYER_2_MATRIX", "--flow-key LAYER_2_MATRIX"),
    ("ARGUS_GENERATE_START_RECORDS=yes", "--start-records"),
    ("ARGUS_TRACK_DUPLICATES=yes", "--track-duplicates"),
    ("ARGUS_TUNNEL_DISCOVERY=yes", "--tunnels all"), ("ARGUS_FILTER_OPTIMIZER=no", "-O"),
]
UNSEEN = ("--flow-type", "--tunnels", "-O", "--idle-fragment", "--track-duplicates")
WRONG = [("ARGUS_FLOW_KEY=LAYER_4_MATRIX", "line 1: ARGUS_FLOW_KEY: "),
         ("ARGUS_FLOW_KEY=VLAN", "lacks CLASSIC"),
         ("ARGUS_OUTPUT_STREAM=host:561", "argus-udp://host:port is expected"),
         ("ARGUS_FLOW_TYPE=both", "line 1: ARGUS_FLOW_TYPE: "),
         ("ARGUS_EVENT_DATA=\"date:1s\"", "line 1: ARGUS_EVENT_DATA: "),
         ("ARGUS_KEYSTROKE=maybe", "line 1: ARGUS_KEYSTROKE: "),
         ("ARGUS_KEYSTROKE_CONF=DC_MIN", "line 1: ARGUS_KEYSTROKE_CONF: "),
         ("\nARGUS_FILTER=\"udp", "line 2: "),
         ("ARGUS_FLOW_STATUS_INTERVAL=soon", "line 1: ARGUS_FLOW_STATUS_INTERVAL: "),
         ("say something", "line 1: NAME=value"), ("ARGUS_ENV=word", "line 1: ARGUS_ENV: "),
         ('ARGUS_MONITOR_ID="abcde"', "line 1: ARGUS_MONITOR_ID: ")]
WRONG_OPTIONS = [("--flow-key LAYER_2", "--flow-key: "), ("--flow-type one", "--flow-type: "),
                 ("-e nowhere.invalid", "-e: "), ("-e 5000000000", "-e: "), ("-T 0", "-T: "),
                 ("-T fast", "-T: "), ("-F no-such-file", "no-such-file: No such file"),
                 ("-M often", "-M: "), ("-f -r other", "-f: "), ("-t --index x", "--index: "),
                 ("--idle-tcp never", "--idle-tcp: "), ("-D x", "-D: ")]


def capture(folder):
    """One of each kind of flow at many times, so that intervals and memories of all show."""
    path = folder / "kinds.pcap"
    if path.exists():
        return path
    made = Capture()
    for i in range(300):  # without other traffic, nothing would be forgotten
        made.add(i / 2, ether(bytes(40), ethertype=0x8888))
    for at in (0, 1, 2.5, 4, 9, 12, 17, 22, 40, 60, 61, 130):
        for upper, more in ((udp(1000, 53, b"\1\2 a question"), {}), (tcp(1, 2, "PA", data=9), {}),
                            (echo(8), {}), (udp(7, 8), {"offset": 80, "more": True})):
            made.add(at, ether(ip4(A, B, upper, **more)))
            at += 0.01
        made.add(at, ether(arp(1, A, B), ethertype=ETHER_ARP))
        made.add(at + 0.01, ether(bytes(40), src=MAC_A, ethertype=0x9999))
        made.add(at + 0.02, ether(ip4(A, B, udp(99, 100 + int(at)))))
    made.frames.sort(key=lambda frame: frame[0])
    path.write_bytes(made.data())
    return path


def records(folder, words, program=BIN / "argus", source=None):
    """The bytes that a sensor writes."""
    output = folder / "out.argus"
    output.unlink(missing_ok=True)
    at = words.index("-") if "-" in words else len(words)
    result = call([program, *words[:at], "-r", source or capture(folder), "-w", output,
                   *words[at:]])
    if program == BIN / "argus":
        equal((result.status, result.err), (0, ""), "status and messages")
    return output.read_bytes()


def identifiers(data):
    """The word of the first record, and form and identifier of the second."""
    first, second = (row[2] for row in split(data)[:2])
    return second[6], second[8:12], struct.unpack_from(">I", first, 120)[0]


def check_identifier(folder, text, *wanted):
    equal(identifiers(records(folder, ["-X", "-q", "-e", text])), wanted, "identifier")
    if original("argus") and text in COMPARED:
        equal(identifiers(records(folder, ["-X", "-O", "-e", text], original("argus"))), wanted,
              "identifier of argus 3.0.8")


def conf(folder, text):
    path = folder / "argus.conf"
    path.write_text(text + "\n")
    return path


def check_same(folder, text, words):
    by_file = records(folder, ["-F", conf(folder, text), "-q"])
    equal(by_file == records(folder, ["-X", "-q", *words.split()]), True, "the same bytes")
    if words and words.split()[0] not in UNSEEN:
        equal(by_file != records(folder, ["-X", "-q"]), True, "others than without")


def summary(data, folder):
    """What the records of flows say, without what is known to differ."""
    path = folder / "sum.argus"
    path.write_bytes(data)
    return [tuple(row.values()) for row in
            rows(path, ["stime", "proto", "sport", "dport", "spkts", "seq", "cause"])]


# Later fragments of 3.0.8 are lost.
WHOLE = 'ARGUS_FILTER="not ip or ip[6:2] & 0x1fff = 0"'


def silences(folder):
    """Flows of each kind that fall silent for longer and longer, and traffic that goes on. Those of
    UDP have two packets: 3.0.8 remembers those of four for its 30 seconds, whatever is set."""
    path = folder / "silences.pcap"
    if path.exists():
        return path
    made, at = Capture(), 0.1
    for i in range(1000):
        made.add(i / 2, ether(bytes(40), ethertype=0x8888))
    for port, silence in enumerate((3, 5.5, 7, 9, 11, 20, 33, 37, 61, 67, 70), 100):
        for frame in (ether(ip4(A, B, tcp(1, 2, "PA"))), ether(ip4(A, B, echo(8))),
                      ether(arp(1, A, B), ethertype=ETHER_ARP), ether(ip4(A, B, udp(99, port))),
                      ether(bytes(40), src=MAC_A, ethertype=0x9999)):
            at += 0.01
            made.add(at, frame)
        made.add(at + silence, ether(ip4(A, B, udp(99, port))))
        at += silence
    made.frames.sort(key=lambda frame: frame[0])
    return made.write(path)


def sorted_summary(folder, words, program, source):
    """Without the order in which records that end at one tick are written."""
    return sorted(summary(records(folder, words, program, source), folder))


def check_original(folder, text, source):
    """Also that the records are others than without."""
    if not original("argus"):
        raise Skip("argus 3.0.8 is not installed")
    words = ["-F", conf(folder, text + "\n" + WHOLE)]
    ours, theirs = (sorted_summary(folder, words, program, source(folder))
                    for program in (BIN / "argus", original("argus")))
    usual = sorted_summary(folder, ["-F", conf(folder, WHOLE)], BIN / "argus", source(folder))
    equal(ours, theirs, "records")
    equal(ours != usual, True, "others than without")


def check_wrong(folder, text, part):
    path = conf(folder, text)
    result = run("argus", "-F", path, "-r", capture(folder), status=1)
    equal((result.err.startswith("argus: -F: "), result.err.count("\n")), (True, 1), result.err)
    equal(f"{path}: line" in result.err and part in result.err, True, f"'{part}' in {result.err}")


def check_wrong_option(folder, words, part):
    result = run("argus", "-r", capture(folder), *words.split(), status=1)
    equal((result.err.startswith("argus: "), result.err.count("\n")), (True, 1), result.err)
    equal(part in result.err, True, f"'{part}' in {result.err}")


def tagged(folder):
    """The same conversation in two VLANs and without one, with fragments and an error."""
    made, at = Capture(), 0
    for tags in ([], [5], [6], [0x2005]):
        question = ip4(A, B, udp(1000, 99, b"question"))
        for frame in (question, ip4(B, A, udp(99, 1000, b"answer")), question,
                      *fragments4(A, B, udp(7, 8, 100), [48, 60]),
                      ip4(B, A, icmp_error(3, 3, question))):
            made.add(at, ether(frame, tags=tags))
            at += 0.01
    return made.write(folder / "tagged.pcap")


def labelled(folder):
    """Not beside what has no label: 3.0.8 takes the label of the packet before for theirs."""
    made = Capture()
    for at, label in enumerate((100, 200, 200)):
        made.add(at, ether(mpls(ip4(A, B, udp(1000, 99)), [label]), ethertype=ETHER_MPLS))
    return made.write(folder / "labelled.pcap")


def check_flow_key(folder, key, make, wanted):
    """UDP flows, and of the bidirectional ones how many are unreachable; as in argus 3.0.8."""
    conf_file = conf(folder, f"ARGUS_FLOW_TYPE=Bidirectional\nARGUS_FLOW_KEY={key}")
    source = make(folder)
    got = {}
    for program in (BIN / "argus", original("argus")):
        if program:
            path = folder / "tagged.argus"
            path.write_bytes(records(folder, ["-F", conf_file], program, source))
            fields = ["sport", "spkts", "dpkts", "inode"]
            got[program] = sorted(tuple(row.values()) for row in rows(path, fields, "-", "udp"))
    equal(got[BIN / "argus"], wanted, "UDP flows")
    equal(list(got.values()), len(got) * [wanted], "UDP flows of both sensors")


ONE_FLOW = [("1000", "8", "4", B), ("7", "8", "0", "")]
BY_VLAN = [("1000", "2", "1", B), ("1000", "2", "1", B), ("1000", "4", "2", B),
           ("7", "2", "0", ""), ("7", "2", "0", ""), ("7", "4", "0", "")]
BY_LABEL = [("1000", "1", "0", ""), ("1000", "2", "0", "")]
KEYS = [("CLASSIC_5_TUPLE", tagged, ONE_FLOW), ("CLASSIC_5_TUPLE+VLAN", tagged, BY_VLAN),
        ("CLASSIC_5_TUPLE+LOCAL_MPLS", labelled, BY_LABEL)]


def check_duplicates(folder):
    """A segment that was captured twice is one that was sent twice, unless they are told apart."""
    made, at = Capture(), 0
    for src, dst, upper, ident in (
            (A, B, tcp(1, 2, "S", 100), 1), (B, A, tcp(2, 1, "SA", 500, 101), 1),
            (A, B, tcp(1, 2, "A", 101, 501), 2), (A, B, tcp(1, 2, "PA", 101, 501, 50), 3),
            (A, B, tcp(1, 2, "PA", 101, 501, 50), 3), (B, A, tcp(2, 1, "A", 501, 151), 2)):
        made.add(at, ether(ip4(src, dst, upper, ident=ident)))
        at += 0.01
    source = made.write(folder / "twice.pcap")
    for value, wanted in (("no", "1"), ("yes", "0")):
        file = conf(folder, f"ARGUS_TRACK_DUPLICATES={value}")
        for program in filter(None, (BIN / "argus", original("argus"))):
            path = folder / "twice.argus"
            path.write_bytes(records(folder, ["-F", file], program, source))
            got = [row["sloss"] for row in rows(path, ["sloss"], "-M", "noman")]
            equal(got, [wanted], f"losses with {value}, by {program}")


def check_unknown(folder):
    path = conf(folder, "ARGUS_NO_SUCH=1\nARGUS_FLOW_STATUS_INTERVAL=2")
    result = run("argus", "-q", "-F", path, "-r", capture(folder), "-w", folder / "unknown.argus")
    equal("ARGUS_NO_SUCH" in result.err, True, result.err)


def check_order(folder):
    """What is said later counts, and the command line's packet filter always."""
    path = conf(folder, 'ARGUS_FLOW_STATUS_INTERVAL=3\nARGUS_FILTER="tcp"')
    for words, same in ((["-S", "7", "-F", path], ["-S", "3", "-", "tcp"]),
                        (["-F", path, "-S", "7"], ["-S", "7", "-", "tcp"]),
                        (["-F", path, "-X"], ["-S", "5", "-q"]),
                        (["-F", path, "-q", "-", "udp"], ["-S", "3", "-", "udp"])):
        equal(records(folder, words) == records(folder, same), True, f"{words} as {same}")


def check_outputs(folder):
    """The outputs of a file take the place of those before it, and may have filters."""
    one, two, old = (folder / f"to-{name}.argus" for name in ("one", "two", "old"))
    path = conf(folder, f'ARGUS_OUTPUT_FILE={one} "udp and port 53"\nARGUS_OUTPUT_FILE="{two} tcp"')
    run("argus", "-q", "-w", old, "-F", path, "-r", capture(folder))
    equal({row["dport"] for row in rows(one, ["dport"], "-", "ip")}, {"53"}, "ports of the first")
    equal({row["dport"] for row in rows(two, ["dport"], "-", "ip")}, {"2"}, "ports of the second")
    equal(old.exists(), False, "that before is written")


def datagrams(receiver):
    while True:
        try:
            yield receiver.recv(1 << 16)
        except BlockingIOError:
            return


def check_stream(folder):
    """What is sent as datagrams, one a record, is what is written to a file, the filter's too."""
    wanted = records(folder, ["-X", "-q"])
    records(folder, ["-X", "-q", "-S", "60"])
    run("ra", "-r", folder / "out.argus", "-w", folder / "tcp.argus", "-", "tcp or man")
    tcp_only = (folder / "tcp.argus").read_bytes()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        to = f"argus-udp://localhost:{receiver.getsockname()[1]}"
        file = conf(folder, f'ARGUS_OUTPUT_STREAM="{to} tcp"\nARGUS_FLOW_STATUS_INTERVAL=60')
        for words, whole in ((["-X", "-w", to], wanted), (["-F", file], tcp_only)):
            run("argus", "-q", *words, "-r", capture(folder))
            got = list(datagrams(receiver))
            equal(b"".join(got) == whole, True, f"the same bytes with {words}")
            equal([len(split(each)) for each in got], [1] * len(got), "records of datagrams")


def check_lost_stream(folder):
    """A record that no datagram holds is told of, and the others are sent."""
    made = Capture().add(0, ether(ip4(A, B, udp(1, 2, 60000)))).add(1, ether(ip4(A, B, udp(3, 4))))
    for at in (0.1, 0.2):
        made.add(at, ether(ip4(B, A, udp(2, 1, 60000))))
    to = "udp://127.0.0.1:9"
    result = run("argus", "-q", "-U", "65535", "-r", made.write(folder / "large.pcap"), "-w", to,
                 status=None)
    equal((result.status != 0, f"{to}: 1 could not be sent" in result.err), (True, True),
          result.err)


def management(data):
    """Cause, seconds since the first, and counts of packets of the management records."""
    rows_of = [(cause, *struct.unpack_from(">I", row, 32), *struct.unpack_from(">QQ", row, 48))
               for kind, cause, row in split(data) if kind == MAR]
    return [(cause, now - rows_of[0][1], packets) for cause, now, packets, _ in rows_of]


def check_management(folder):
    """A record at the first packet behind each interval; together they count all packets."""
    got = management(records(folder, ["-X", "-q", "-M", "10"]))
    equal([row[0] for row in got], [0x10] + 14 * [0x20] + [0x30], "causes")
    equal([row[1] for row in got], [0, *range(9, 149, 10), 149], "times")
    equal(sum(packets for _, _, packets in got), 12 * 7 + 300, "packets")


def check_management_jump(folder):
    """A clock that jumps by a year, forth and back, makes a record for each new time only."""
    made = Capture()
    for i in range(20):
        made.add(YEAR * (i % 2) + i, ether(ip4(A, B, udp(1, 2))))
    path = folder / "jumps.pcap"
    path.write_bytes(made.data())
    got = management(records(folder, ["-X", "-q", "-M", "100"], source=path))
    equal([row[0] for row in got], [0x10, 0x20, 0x30], "causes")
    equal(sum(packets for _, _, packets in got), 20, "packets")


def check_replay(folder):
    """Two seconds of packets at four times the speed; a gap of hours is not waited for."""
    made = Capture()
    for at in (0, 1, 2, 9000):
        made.add(at, ether(ip4(A, B, udp(1, 2))))
    path = folder / "replay.pcap"
    path.write_bytes(made.data())
    begin = time.monotonic()
    run("argus", "-q", "-T", "4", "-r", path)
    took = time.monotonic() - begin
    equal(0.5 <= took < 2, True, f"half a second, not {took:.2f}")


def tsh(frames):
    """Time sequence headers of IPv4 packets: time, and the first 36 bytes without options."""
    return b"".join(struct.pack(">II", 1_700_000_000 + i, 5 << 24 | 250_000) + frame[:36].ljust(36)
                    for i, frame in enumerate(frames))


def check_tsh(folder):
    """Also more than a batch of them, and a file that is cut."""
    path = folder / "nlanr.tsh"
    data = tsh([ip4(A, B, tcp(1000 + i % 2, 80, "PA", data=500 + i % 2)) for i in range(200)])
    path.write_bytes(data)
    fields = ["stime", "sport", "spkts", "sbytes"]
    wanted = [("1700000000.250000", "1000", "100", "54000"),
              ("1700000001.250000", "1001", "100", "54100")]
    for size, count, status in ((len(data), 100, 0), (len(data) - 1, 99, 3)):
        path.write_bytes(data[:size])
        result = run("argus", "-X", "-q", "-t", "-S", "1h", "-r", path, "-w", folder / "tsh.argus",
                     status=status)
        equal(result.err.count("\n"), status // 3, result.err)
        got = [tuple(row.values()) for row in rows(folder / "tsh.argus", fields, "-M", "noman")]
        equal((got[0], got[1][2]), (wanted[0], str(count)), "flows")
        (folder / "tsh.argus").unlink()
    result = run("argus", "-X", "-r", path, status=1)
    equal("not a capture file" in result.err, True, result.err)


def check_follow(folder):
    """A file that grows, in the middle of packets, until the signal."""
    growing, output = folder / "growing.pcap", folder / "growing.argus"
    data = capture(folder).read_bytes()
    half = len(data) // 2 + 7
    growing.write_bytes(data[:half])
    with subprocess.Popen([BIN / "argus", "-X", "-q", "-v", "-f", "-r", growing, "-w", output],
                          stderr=subprocess.PIPE) as sensor:
        end = time.monotonic() + TIMEOUT
        while (not output.exists() or output.stat().st_size <= 128) and time.monotonic() < end:
            time.sleep(0.02)
        with open(growing, "ab") as file:
            file.write(data[half:])
        time.sleep(0.4)
        sensor.terminate()
        text = sensor.stderr.read().decode()
        equal(sensor.wait(TIMEOUT), 3, f"status, with {text}")
    equal(f"packets: {12 * 7 + 300} read" in text, True, text)
    whole = records(folder, ["-X", "-q"])
    equal(output.read_bytes() == whole, True, "records as of the whole file")


def check_copy(folder):
    """The packets that pass the filter are copied; with --copy-losses those without a record."""
    made = Capture(link=1)
    good, short = ether(ip4(A, B, udp(1, 2, 8))), bytes(9)
    for at, frame in enumerate((good, short, ether(ip4(A, B, tcp(1, 2))), good)):
        made.add(at, frame)
    path, copy = made.write(folder / "to-copy.pcap"), folder / "copy.pcap"
    for words, wanted in (([], 4), (["--copy-losses"], 1)):
        run("argus", "-X", "-q", "--copy", copy, *words, "-r", path)
        equal(len(read_pcap(copy)[1]), wanted, f"packets with {words}")
    run("argus", "-X", "-q", "--copy", copy, "-r", path, "-", "udp")
    equal([record[16:] for record in read_pcap(copy)[1]], [good, good], "packets of a filter")
    result = run("argus", "-X", "-q", "--copy", folder / "no" / "copy.pcap", "-r", path, status=1)
    equal("no/copy.pcap" in result.err, True, result.err)


def check_start_records(folder):
    got = summary(records(folder, ["-X", "-q", "--start-records", "-S", "1h"]), folder)
    first = [row for row in got if row[-1] == "Start"]
    equal({row[4] for row in first}, {"1"}, "packets of first records")
    equal(len({row[5] for row in first}), len(first), "one for each flow")
    whole = summary(records(folder, ["-X", "-q", "-S", "1h"]), folder)
    equal(sum(int(row[4]) for row in got), sum(int(row[4]) for row in whole), "packets")


def check_start_interval(folder):
    """Intervals of a flow count from its first packet, also when that has a record by itself."""
    made = Capture()
    for i in range(24):
        made.add(i / 2, ether(ip4(A, B, udp(7, 8))))
    source = made.write(folder / "steady.pcap")
    file = conf(folder, "ARGUS_GENERATE_START_RECORDS=yes")
    for program in filter(None, (BIN / "argus", original("argus"))):
        path = folder / "steady.argus"
        path.write_bytes(records(folder, ["-F", file], program, source))
        got = [row["spkts"] for row in rows(path, ["spkts"], "-M", "noman")]
        equal(got, ["1", "9", "10", "4"], f"packets of the records of {program}")


def main():
    require("argus", "ra")
    cases = Cases("options of the sensor")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for row in IDENTIFIERS:
            cases.add_call(f"-e {row[0]}", check_identifier, folder, *row)
        for text, words in SAME:
            cases.add_call(f"{text!r} is '{words}'", check_same, folder, text, words)
        for variable in ("IP_TIMEOUT=3", "IP_TIMEOUT=45", "TCP_TIMEOUT=3", "ICMP_TIMEOUT=1",
                         "ARP_TIMEOUT=1", "FLOW_STATUS_INTERVAL=2"):
            cases.add_call(f"ARGUS_{variable} as in argus 3.0.8", check_original, folder,
                           f"ARGUS_{variable}", silences)
        cases.add_call("start records as in argus 3.0.8", check_original, folder,
                       "ARGUS_GENERATE_START_RECORDS=yes", capture)
        for text, part in WRONG:
            cases.add_call(f"{text!r} is wrong", check_wrong, folder, text, part)
        for key, make, wanted in KEYS:
            cases.add_call(f"flow key {key}", check_flow_key, folder, key, make, wanted)
        for words, part in WRONG_OPTIONS:
            cases.add_call(f"{words} is wrong", check_wrong_option, folder, words, part)
        for function in (check_tsh, check_follow, check_copy, check_start_records,
                         check_start_interval, check_duplicates, check_unknown, check_order,
                         check_outputs, check_stream, check_lost_stream, check_management,
                         check_management_jump, check_replay):
            cases.add_call(function.__name__[6:].replace("_", " "), function, folder)
        cases.run()


main()
