#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a flow is may be chosen: with each key all packets are in records, whatever the threads and
the memory, the records are those of argus 3.0.8, and each leads back to its own packets."""
import itertools
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib import flows, pool  # noqa: E402
from lib.packets import (ETHER_ARP, ETHER_MPLS, MAC_A, MAC_B, Capture, arp, dns, echo,  # noqa: E402
                         esp, ether, fragment6, fragments4, icmp_error, igmp, ip4, ip6, mpls, raw,
                         tcp, udp)
from lib.programs import BIN, call, original, require, rows, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

A, B, A6, B6 = "10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"
MAC_C = "02:00:00:00:00:03"
TYPES = ["Bidirectional", "Unidirectional"]
KEYS = ["CLASSIC_5_TUPLE", "LAYER_3_MATRIX", "LAYER_2_MATRIX", "CLASSIC_5_TUPLE+LAYER_2",
        "CLASSIC_5_TUPLE+VLAN", "CLASSIC_5_TUPLE+LOCAL_MPLS", "CLASSIC_5_TUPLE+COMPLETE_MPLS",
        "LAYER_3_MATRIX+VLAN", "LAYER_3_MATRIX+LAYER_2", "LAYER_2_MATRIX+VLAN",
        "LAYER_3_MATRIX+LAYER_2_MATRIX"]
AT_ONCE = 24  # argus 3.0.8 spends a second asleep in each run
FIELDS = flows.FIELDS + ["stime", "ltime", "state", "svlan", "smpls", "cause"]


def there(packet, **more):
    return ether(packet, **more)


def back(packet, **more):
    return ether(packet, src=MAC_B, dst=MAC_A, **more)


def labelled(*labels):
    return ether(mpls(ip4(A, B, udp(1000, 99)), labels), ethertype=ETHER_MPLS)


def frames():
    """One of each kind of flow, most of them with an answer, and not begun by the lower address."""
    question, unreached = ip4(A, B, udp(1000, 99, b"question")), ip4(A, B, udp(7, 8, bytes(9)))
    llc = bytes([0x42, 0x42, 3]) + bytes(37)
    return [
        back(ip4(B, A, tcp(2000, 80, "S", 100))), there(ip4(A, B, tcp(80, 2000, "SA", 500, 101))),
        back(ip4(B, A, tcp(2000, 80, "A", 101, 501))),
        back(ip4(B, A, tcp(2000, 80, "PA", 101, 501, 50))),
        there(question), back(ip4(B, A, udp(99, 1000, b"answer"))),
        there(ip4(A, B, dns(1001, 53, 7))), back(ip4(B, A, dns(53, 1001, 7))),
        there(ip4(A, B, echo(8, 5, 6))), back(ip4(B, A, echo(0, 5, 6))),
        there(unreached), back(ip4(B, A, icmp_error(3, 3, unreached))),
        *map(there, fragments4(A, B, udp(11, 12, 100), [48, 60])),
        there(ip4(A, B, udp(17, 18), offset=80, more=True)),
        there(ip4(A, B, esp(9, 1))), back(ip4(B, A, esp(10, 1))),
        there(ip4(A, B, igmp(0x16, "224.1.2.3"))), there(ip4(A, B, raw(132, bytes(40)))),
        there(ip6(A6, B6, tcp(2000, 80, "S", 100))),
        back(ip6(B6, A6, tcp(80, 2000, "SA", 500, 101))),
        there(ip6(A6, B6, udp(1, 2, b"q"))), back(ip6(B6, A6, udp(2, 1, b"answer"))),
        there(ip6(A6, B6, echo(128, protocol=58))), back(ip6(B6, A6, echo(129, protocol=58))),
        there(arp(1, A, B), ethertype=ETHER_ARP),
        back(arp(2, B, A, MAC_B, MAC_A), ethertype=ETHER_ARP),
        there(bytes(40), ethertype=0x9999), back(bytes(44), ethertype=0x9999),
        there(llc, ethertype=len(llc)),
        there(question, dst=MAC_C), there(question, tags=[5]),
        back(ip4(B, A, udp(99, 1000, b"tagged")), tags=[0x2005]), there(question, tags=[6]),
        there(arp(1, A, B), ethertype=ETHER_ARP, tags=[5]), there(arp(1, A, B),
                                                                 ethertype=ETHER_ARP, tags=[6]),
        labelled(100, 200), labelled(100, 201), labelled(101, 200), labelled(100, 200),
    ]


def capture(folder, name="mix", made=None):
    path = folder / f"{name}.pcap"
    if not path.exists():
        new = Capture()
        for at, frame in enumerate(made or frames()):
            new.add(at / 100, frame)
        new.write(path)
    return path


def sense(folder, key, kind, *options, source=None, name="out"):
    output = folder / f"{name}.argus"
    output.unlink(missing_ok=True)
    run("argus", "-q", "--flow-key", key, "--flow-type", kind, *options, "-r",
        source or capture(folder), "-w", output)
    return output


def packets_of(path):
    return flows.packets(rows(path, flows.FIELDS))


def check_conservation(folder, key, kind):
    path = sense(folder, key, kind)
    equal(packets_of(path), len(frames()), "packets in records")
    if kind == "Unidirectional":
        equal({row["dpkts"] for row in rows(path, flows.FIELDS)}, {"0"}, "packets of destinations")


def check_same(folder, key, kind):
    """Threads and half-open flows change no byte; a merge of short records gives the long ones."""
    wanted = sense(folder, key, kind).read_bytes()
    for options in (["--threads", "1"], ["--threads", "3"], ["--half-open", "compact"]):
        equal(sense(folder, key, kind, *options).read_bytes() == wanted, True, f"same, {options}")


def listed(path, index):
    """For each record, from 1, the frames that are its packets."""
    said = run("rapcap", "--list", "-r", path, "--index", index).out
    found = {}
    for line in said.splitlines()[1:]:
        record, *_, packet, _, _, _, _ = line.split()
        found.setdefault(int(record), []).append(int(packet))
    return found


def check_index(folder, key, kind):
    """The index is the same whatever the key, and leads from each record to as many packets as it
    counts, each packet being in one record."""
    index, usual = folder / f"index.{key}.{kind}", folder / "index"
    for where in (index, usual):
        where.mkdir(exist_ok=True)
    if not list(usual.iterdir()):
        run("raindex", "--index", usual, "-r", capture(folder))
    path = sense(folder, key, kind, "--index", index)
    one, other = (next(where.iterdir()) for where in (index, usual))
    equal(one.read_bytes() == other.read_bytes(), True, "the index of the sensor and of raindex")
    counts = [int(row["spkts"]) + int(row["dpkts"]) for row in rows(path, flows.FIELDS)]
    found = listed(path, index)
    # Records say neither VLANs nor labels in their keys: these find the others of their tuple, too.
    if "+" not in key:
        equal([len(found[record]) for record in sorted(found)], counts, "packets of each record")
        equal(sorted(itertools.chain(*found.values())), list(range(1, len(frames()) + 1)),
              "all packets, once each")
    else:
        equal(all(len(found[record]) >= count for record, count in zip(sorted(found), counts)),
              True, "packets of each record")


# --- beside argus 3.0.8 ---------------------------------------------------------------------------

def is_known(key, row):
    """What 3.0.8 has otherwise: see doc/differences.md."""
    if key == "LAYER_3_MATRIX+LAYER_2_MATRIX" and ":" in row["saddr"]:
        return True  # both directions of IPv6 are apart, with the same source
    if "LAYER_2" in key and row["proto"] == "17" and row["dport"] == "8":
        return True  # the error about it does not find it
    return "VLAN" in key and "MPLS" in row["senc"]


def described(path, key):
    """All but the direction of Ethernet flows, of which 3.0.8 does not tell the source."""
    lines = []
    for row in rows(path, FIELDS + ["senc"]):
        if is_known(key, row):
            continue
        if flows.MAC.fullmatch(row["saddr"]):
            ends = sorted([(row["saddr"], row["spkts"]), (row["daddr"], row["dpkts"])])
            counts = sorted([(row["spkts"], row["sbytes"]), (row["dpkts"], row["dbytes"])])
            row = {**row, "saddr": [end[0] for end in ends], "daddr": "", "spkts": counts,
                   "dpkts": "", "sbytes": "", "dbytes": ""}
        lines.append(str([row[field] for field in FIELDS]))
    return sorted(lines)


def sense_both(folder, key, kind):
    """The records of both sensors."""
    source, made = capture(folder, "plain", comparable(key)), []
    conf = folder / f"{key}.{kind}.conf"
    conf.write_text(f"ARGUS_FLOW_TYPE={kind}\nARGUS_FLOW_KEY={key}\n")
    for whose, command in (("ours", [BIN / "argus", "-q", "--compat", "3.0.8"]),
                           ("theirs", [original("argus")])):
        made.append(folder / f"{whose}.{key}.{kind}")
        call([*command, "-F", conf, "-r", source, "-w", made[-1]])
    return made


def comparable(key):
    """Not tags and labels beside each other: 3.0.8 takes those of the packet before for theirs."""
    return [frame for frame in frames() if frame[12:14] not in (b"\x81\0", b"\x88\x47")]


def check_original(made, key):
    ours, theirs = (described(path, key) for path in made)
    equal(ours, theirs, "records of ours, of argus 3.0.8")
    equal(len(ours) > 2, True, "records")


def main():
    require("argus", "ra", "rapcap", "raindex")
    cases = Cases("flow keys")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kinds = list(itertools.product(KEYS, TYPES))
        for key, kind in kinds:
            for function in (check_conservation, check_same, check_index):
                cases.add_call(f"{key} {kind}: {function.__name__[6:]}", function, folder, key,
                               kind)
        if original("argus"):
            capture(folder, "plain", comparable(""))
            both = pool.each(lambda each: sense_both(folder, *each), kinds, AT_ONCE)
            for (key, kind), made, failure in both:
                if failure:
                    raise failure
                cases.add_call(f"{key} {kind}: as argus 3.0.8", check_original, made, key)
        else:
            @cases.add("as argus 3.0.8")
            def _():
                raise Skip("argus 3.0.8 is not installed")
        cases.run()


if __name__ == "__main__":
    main()
