#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""radark on made-up traffic with scanners of every kind, among clients, servers, peers of a
peer-to-peer network and who watches services; on real captures; the same under a limit of memory
and in pieces; and scans taken out.
"""
import collections
import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.programs import (  # noqa: E402
    CORPUS, SANITIZED, generate, original, program, require, run, sense)
from lib.tap import Cases, Skip, equal, note  # noqa: E402

SEEDS = (1, 2, 3)
TRAFFIC = ["--mix", "scans", "--flows", "30000", "--rate", "300", "--snaplen", "96"]
FAST_LEAST, SLOW_LEAST, FALSE_MOST = 0.99, 0.90, 0.001
NAMES = {"scan-horizontal": ("horizontal", "syn"), "scan-vertical": ("vertical", "syn"),
         "scan-block": ("block", "syn"), "scan-udp": ("horizontal", "udp"),
         "scan-sweep": ("sweep", "icmp"), "scan-slow": ("horizontal", "syn")}
STEALTH = {"fin", "null", "xmas", "ack"}
# Captures that look like a scan, and why.
KNOWN = {
    "nDPI--default_pcap_fuzz-2006-06-26-2594.pcap": "packets that a fuzzer has changed",
    "nDPI--default_pcap_fuzz-2020-02-16-11740.pcap": "packets that a fuzzer has changed",
    "nDPI--default_pcap_quic_frags_ch_out_of_order_same_packet_craziness.pcapng":
        "first packets to 43 servers of UDP port 443, without any answer",
}
THEIRS = pathlib.Path("/usr/bin/radark")
# The paper's own parameters, under which a few probes are enough.
PAPER = ["--success-benign", "0.8", "--success-scanner", "0.2", "--false-alarm", "0.01"]
SMALL_SCANS = {"nDPI--default_pcap_tcp_scan.pcapng": "192.168.1.178"}


def scanners(records, *words):
    out = run("radark", "-X", "--csv", "-r", records, *words, status=None).out
    return {row["source"]: row for row in csv.DictReader(io.StringIO(out))}


def make(folder, seed):
    """Records, the kind of each scanner, and the other sources."""
    truth = folder / "truth.csv"
    capture = generate(folder / "in.pcap", "--seed", seed, "--truth", truth, *TRAFFIC)
    records = sense(capture, folder / f"{seed}.argus")
    kinds, others = {}, set()
    with open(truth, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            if row["kind"].startswith("scan-"):
                kinds[row["saddr"]] = row["kind"]
            else:
                others.add(row["saddr"])
    capture.unlink()
    return records, kinds, others - set(kinds)


def is_named(kind, row):
    """If the report calls the scanner what it is."""
    if kind == "scan-stealth":
        return row["kind"] == "horizontal" and row["method"] in STEALTH
    return (row["kind"], row["method"]) == NAMES[kind]


def detect(worlds, words):
    found, named, all_of, false, others_count = (collections.Counter() for _ in range(5))
    for records, kinds, others in worlds:
        rows = scanners(records, *words)
        for source, kind in kinds.items():
            all_of[kind] += 1
            found[kind] += source in rows
            named[kind] += source in rows and is_named(kind, rows[source])
        false[0] += len(set(rows) & others)
        others_count[0] += len(others)
    note(f"{'kind':18} {'scanners':>8} {'found':>6} {'named':>6}   {' '.join(words)}")
    for kind in sorted(all_of):
        note(f"{kind:18} {all_of[kind]:8} {found[kind]:6} {named[kind]:6}")
    note(f"{'no scanners':18} {others_count[0]:8} {false[0]:6}")
    fast = [kind for kind in all_of if kind != "scan-slow"]
    rate = sum(found[kind] for kind in fast) / sum(all_of[kind] for kind in fast)
    slow = found["scan-slow"] / all_of["scan-slow"]
    note(f"fast {rate:.2%}, slow {slow:.2%}, false {false[0] / others_count[0]:.3%}")
    assert rate >= FAST_LEAST and slow >= SLOW_LEAST, "too few scanners are found"
    assert false[0] <= FALSE_MOST * others_count[0], "too many others are taken for scanners"
    right = sum(named.values()) / sum(found.values())
    assert right >= 0.98, f"only {right:.1%} are called what they are"


def report(records, *words):
    return run("radark", "-X", "--json", "-L", "10.0.0.0/8", *words, "-r", *records).out


def same_whatever_the_memory(records, folder):
    """And however the records are cut, and in whatever order."""
    whole = report([records])
    equal(report([records], "--memory", "32M"), whole, "report in little memory")
    run("ra", "-X", "-r", records, "-N", "20000", "-w", folder / "first.argus")
    run("ra", "-X", "-r", records, "-N", "20001+99999999", "-w", folder / "rest.argus")
    equal(report([folder / "rest.argus", folder / "first.argus"]), whole, "report of two pieces")
    run("rasort", "-X", "-m", "saddr", "-r", records, "-w", folder / "sorted.argus")
    equal(report([folder / "sorted.argus"]), whole, "report of sorted records")


def lines(path):
    fields = ["stime", "seq", "proto", "saddr", "sport", "daddr", "dport", "pkts", "bytes", "label"]
    return run("ra", "-X", "-M", "man", "-r", path, "-L", "-1", "-n", "-c", ",", "-s", *fields,
               status=None).out.splitlines()


def split_loses_nothing(records, folder):
    scans, rest = folder / "scans.argus", folder / "rest-of.argus"
    with open(records, "rb") as file:
        subprocess.run([program("radark"), "-X", "-q", "-w", scans, "-E", rest,
                        "--label", folder / "all.argus"], stdin=file, check=True)
    # Each file begins with the management record that heads the input.
    together = collections.Counter(lines(scans)[1:]) + collections.Counter(lines(rest))
    equal(together, collections.Counter(lines(records)), "records of both files")
    sources = set(scanners(records))
    equal({line.split(",")[3] for line in lines(scans)[1:]}, sources, "sources of the scans")
    equal(sources & {line.split(",")[3] for line in lines(rest)}, set(), "scanners in the rest")
    labelled = [line for line in lines(folder / "all.argus") if ",scan=" in line]
    equal(len(labelled), len(lines(scans)) - 1, "labelled records")


def beside_the_original(world, folder):
    """3.0.8 takes who sent to a local address that never answers with data. Those whom it finds we
    find, too, when one dark address is enough, with as many targets; it has no stealth scans."""
    records, kinds, _ = world
    if not original("ra") or not THEIRS.exists():
        raise Skip("radark of argus 3.0.8 is not installed (Debian: argus-client)")
    work = folder / "work"  # it leaves files where it runs
    work.mkdir()
    out = subprocess.run([THEIRS, "-L", "10.0.0.0/8", "-r", records], cwd=work, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    theirs = dict(re.findall(r"(\S+) scanned +(\d+) hosts", out))
    rows = scanners(records, "-L", "10.0.0.0/8", "--dark", "1")
    ours = {source: row["targets"] for source, row in rows.items() if row["from"] == "outside"}
    equal({source: ours.get(source) for source in theirs}, theirs, "scanners and targets of 3.0.8")
    note(f"{len(theirs)} scanners of 3.0.8, {len(ours)} of ours")
    equal({kinds.get(source) for source in ours.keys() - theirs.keys()}, {"scan-stealth"},
          "kinds that only we find")


def peak_of(pid):
    """The most memory that a process had so far, in KB. (What wait4 says counts ours, too.)"""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line), 0)


def memory_of_a_flood(folder):
    """Sources that send one packet each, more of them than memory has room for."""
    capture = generate(folder / "flood.pcap", "--mix", "flood", "--packets", "1200000",
                       "--snaplen", "64")
    records = sense(capture, folder / "flood.argus", "--memory", "64M")
    capture.unlink()
    command = [program("radark"), "-X", "--memory", "32M", "-r", records]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, peak_of(process.pid))
        time.sleep(0.01)
    out = process.stdout.read()
    equal(process.returncode, 0, "status")
    note(f"{out.strip()}: {peak // 1024} MB with --memory 32M")
    assert out.startswith("Scanners 0, sources 1199840,"), out
    assert SANITIZED or 0 < peak <= (32 + 8) * 1024, f"{peak} KB"


def no_scans_in_captures(folder):
    captures = sorted(path for path in CORPUS.glob("*") if path.is_file())
    captures = captures[::int(os.environ.get("PANOPTES_SAMPLE", "4"))]
    captures += [CORPUS / name for name in KNOWN if CORPUS / name not in captures]
    if not captures[:-len(KNOWN)]:
        raise Skip(f"no captures in {CORPUS}")
    flagged = {}
    for capture in captures:
        path = folder / "capture.argus"
        path.unlink(missing_ok=True)
        run("argus", "-X", "-q", "-r", capture, "-w", path, status=None)
        if path.exists() and scanners(path):
            flagged[capture.name] = sorted(scanners(path))
    note(f"{len(captures)} captures; scanners are said to be in {flagged}")
    equal(sorted(set(flagged) - set(KNOWN)), [], "captures without scans")


def small_scans(folder):
    for name, source in SMALL_SCANS.items():
        if not (CORPUS / name).exists():
            raise Skip(f"no {name} in {CORPUS}")
        path = sense(CORPUS / name, folder / "small.argus")
        equal(sorted(scanners(path, *PAPER)), [source], name)


def main():
    require("ra", "radark", "rasort", "argus")
    cases = Cases("scans")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        worlds = [make(folder, seed) for seed in SEEDS]
        records = worlds[0][0]
        cases.add_call("made-up scanners", detect, worlds, [])
        cases.add_call("made-up scanners, inside known", detect, worlds, ["-L", "10.0.0.0/8"])
        cases.add_call("memory, pieces, order", same_whatever_the_memory, records, folder)
        cases.add_call("taking scans out", split_loses_nothing, records, folder)
        cases.add_call("beside radark of argus 3.0.8", beside_the_original, worlds[0], folder)
        cases.add_call("a flood", memory_of_a_flood, folder)
        cases.add_call("real captures", no_scans_in_captures, folder)
        cases.add_call("small scans, with the paper's parameters", small_scans, folder)
        cases.run()


if __name__ == "__main__":
    main()
