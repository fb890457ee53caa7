#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed and memory beside our peers and the floor, in one run on one machine.

    make bench        or  tools/bench.py --bin build/bin --tools build/tools [--packets N]

Each line is the fastest of some runs; ratios are against our time, so more than 1 means that we
are faster. Peers that are not installed are left out, and that is said.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from bench_index import bench_index
from bench_live import bench_live
from bench_rules import bench_rules

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "bench-data"
CORPUS = pathlib.Path(os.environ.get("PANOPTES_CORPUS", ROOT.parent / "shared" / "corpus"))
PATIENCE = 300  # seconds for one run: softflowd does not come to the end of some captures
OUTPUT = object()  # in a command: the file that it makes


class Measured:
    """The fastest of some runs of a command."""

    def __init__(self, command, runs):
        self.seconds = self.cpu = float("inf")
        self.megabytes = 0.0
        for _ in range(runs):
            self.once(command)

    def once(self, command):
        begin = time.monotonic()
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        limit = threading.Timer(PATIENCE, process.kill)
        limit.start()
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        limit.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        self.has_ended = process.returncode != -signal.SIGKILL
        # argus 3.0.8 may abort at the very end, when all its work is done.
        if process.returncode > 0:
            sys.exit(f"bench: {command[0]} failed: {said.decode(errors='replace')[-500:]}")
        seconds = time.monotonic() - begin
        if seconds < self.seconds:
            self.seconds = seconds
            self.cpu = usage.ru_utime + usage.ru_stime
            self.megabytes = usage.ru_maxrss / 1024


class Table:
    """Lines of one piece of work, the first of them ours."""

    def __init__(self, title, count, unit, runs):
        print(f"\n{title}: {count:,} {unit}")
        print(f"  {'':28} {'seconds':>9} {'cpu':>8} {'ns each':>9} {'MB':>8} {'ratio':>7}")
        self.count, self.runs, self.ours = count, runs, None

    def add(self, name, command, runs=None):
        if not shutil.which(str(command[0])):
            print(f"  {name:28} not installed")
            return
        took = Measured(command, runs or self.runs)
        if not took.has_ended:
            print(f"  {name:28} did not end within {PATIENCE} s")
            return
        self.ours = self.ours or took
        each = took.seconds / self.count * 1e9
        ratio = took.seconds / self.ours.seconds
        print(f"  {name:28} {took.seconds:9.2f} {took.cpu:8.2f} {each:9.1f} {took.megabytes:8.0f} "
              f"{ratio:7.2f}", flush=True)


def original(name):
    """A program of argus 3.0.8 by its path, so that ours of the same name is not meant."""
    for folder in ("/usr/sbin", "/usr/bin"):
        if os.path.exists(f"{folder}/{name}"):
            return f"{folder}/{name}"
    return f"/usr/bin/{name}"


def fresh(path):
    path.unlink(missing_ok=True)
    return path


def empty_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


def make_trace(path, command):
    """A trace, made once and kept; the name says what it holds."""
    DATA.mkdir(exist_ok=True)
    if not path.exists():
        print(f"making {path.relative_to(ROOT)}", flush=True)
        part = path.with_suffix(".part")
        subprocess.run([part if word == OUTPUT else word for word in command], check=True)
        part.rename(path)
    # Into the page cache, so that whoever comes first has no disadvantage.
    subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
    return path


def make_scan(options):
    return make_trace(DATA / f"scan-{options.packets}.pcap",
                      [options.tools / "generate", "--mix", "scan", "--rate", "100000", "--snaplen",
                       "96", "--packets", str(options.packets), OUTPUT])


def make_mixed(options):
    """Real captures, over and over; None if there are none."""
    captures = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    if not captures:
        return None
    return make_trace(DATA / f"mixed-{options.packets}.pcap",
                      [options.tools / "replicate", "--rate", "100000", "--snaplen", "96",
                       "--packets", str(options.packets), OUTPUT, *captures])


def netflow_of(options):
    """What nfpcapd makes of the scan, which nfdump reads."""
    return DATA / f"nf-scan-{options.packets}"


def bench_sensor(options, title, trace):
    """The file of records that it makes."""
    ours = DATA / f"flows-{trace.stem}.argus"
    table = Table(f"argus: {title} to flow records", options.packets, "packets", options.runs)
    for name, words in (("argus", ""), ("argus, one thread", "--threads 1")):
        table.add(name, ["sh", "-c", f"rm -f {ours}; exec {options.bin}/argus -q -r {trace} "
                         f"-w {ours} {words}"])
    table.add("argus 3.0.8", [original("argus"), "-X", "-r", trace, "-w",
                              fresh(DATA / "original.argus")], 1)
    # Its flows are what nfdump merges below.
    table.add("nfpcapd", ["nfpcapd", "-r", trace, "-l", empty_folder(DATA / f"nf-{trace.stem}")], 1)
    table.add("softflowd", ["softflowd", "-r", trace, "-n", "127.0.0.1:9995"], 1)
    table.add("tcpdump -w /dev/null", ["tcpdump", "-r", trace, "-w", "/dev/null"])
    table.add("the floor", [options.tools / "floor", trace])
    return ours


def count_records(options, path):
    result = subprocess.run([options.bin / "racount", "-X", "-r", path], capture_output=True,
                            text=True, check=True)
    return int(result.stdout.splitlines()[-1].split()[1])


def memory_of_clusters(options, records):
    """Bytes that racluster takes for clusters when it may take all."""
    said = subprocess.run([options.bin / "racluster", "-X", "-v", "-q", "-r", records],
                          capture_output=True, text=True, check=True).stderr
    return int(re.search(r"memory for clusters: (\d+) KiB", said).group(1)) * 1024


def bench_clusters(options, records):
    count = count_records(options, records)
    merged = DATA / "merged.argus"
    table = Table("racluster: records to conversations", count, "records", options.runs)
    tenth = max(4 << 20, memory_of_clusters(options, records) // 10)
    for name, words in (("racluster", ""), ("racluster, one thread", "--threads 1"),
                        ("racluster, tenth of memory", f"--memory {tenth}")):
        table.add(name, ["sh", "-c", f"rm -f {merged}; exec {options.bin}/racluster -X "
                         f"-r {records} -w {merged} {words}"])
    table.add("racluster 3.0.8", [original("racluster"), "-X", "-r", records, "-w",
                                  fresh(DATA / "original-merged.argus")], 1)
    table.add("nfdump -b", ["nfdump", "-q", "-b", "-R", netflow_of(options), "-w",
                            DATA / "nfdump-merged"], options.runs)


def bench_sort(options, records):
    count = count_records(options, records)
    output = DATA / "sorted.argus"
    tenth = max(4 << 20, records.stat().st_size * 3 // 20)  # the records with their keys
    for key in ("stime", "bytes"):
        table = Table(f"rasort: records by {key}", count, "records", options.runs)
        for name, words in (("rasort", ""), ("rasort, one thread", "--threads 1"),
                            ("rasort, tenth of memory", f"--memory {tenth}")):
            table.add(name, ["sh", "-c", f"rm -f {output}; exec {options.bin}/rasort -X "
                             f"-m {key} -r {records} -w {output} {words}"])
        table.add("rasort 3.0.8", [original("rasort"), "-X", "-m", key, "-r", records, "-w",
                                   fresh(DATA / "original-sorted.argus")], 1)
        lines = make_lines(options, records, key)
        numbers = "-n" if key == "stime" else "-rn"
        table.add("sort, the same as text", ["sort", "-s", numbers, "-k1,1", lines, "-o",
                                             DATA / "sorted.txt"], 1)


def bench_split(options, records):
    """Records by time, cut at the edges; then by what is in them."""
    count = count_records(options, records)
    for title, words in (
            ("by 10 s", "-M time 10s -w x"),
            ("by minute and protocol", "-nn -M time 1m -w '$proto/x.%H.%M'"),
            ("whole, by host", "-nn -s saddr -M time 1d nomodify -w 'host/$saddr.%d'")):
        table = Table(f"rasplit: records {title}", count, "records", options.runs)
        for name, binary in (("rasplit", options.bin / "rasplit"),
                             ("rasplit 3.0.8", original("rasplit"))):
            folder = DATA / "split"
            table.add(name, ["sh", "-c", f"rm -rf {folder}; mkdir {folder}; cd {folder}; "
                             f"exec {binary} -X -r {records} {words}"])


def bench_stream(options, records):
    """The same as a stream, with a program for each file."""
    table = Table("rastream: records by 10 s, and a program for each file",
                  count_records(options, records), "records", options.runs)
    for name, binary in (("rastream", options.bin / "rastream"),
                         ("rastream 3.0.8", original("rastream"))):
        folder = empty_folder(DATA / "stream")
        table.add(name, ["sh", "-c", f"rm -rf {folder}; mkdir {folder}; cd {folder}; "
                         f"exec {binary} -X -r {records} -M time 10s -B 15s -w x -f /bin/true"])


def bench_bins(options, records):
    """What each protocol or host counted in each piece of time."""
    count = count_records(options, records)
    for words in ("-M time 10s -m proto", "-M hard time 1s -m saddr", "-M time 1m"):
        table = Table(f"rabins {words}", count, "records", options.runs)
        for name, binary in (("rabins", options.bin / "rabins"),
                             ("rabins 3.0.8", original("rabins"))):
            table.add(name, [binary, "-X", "-q", "-r", records, *words.split()])


def make_lines(options, records, key):
    """The records as lines that begin with the key."""
    path = DATA / "lines.txt"
    with open(path, "wb") as out:
        subprocess.run([options.bin / "ra", "-X", "-nn", "-u", "-L", "-1", "-r", records, "-s", key,
                        "stime", "saddr", "sport", "daddr", "dport", "pkts", "bytes", "state"],
                       stdout=out, check=True)
    return path


def bench_records(options, records):
    count = count_records(options, records)
    table = Table("ra: read, filter, print nothing", count, "records", options.runs)
    table.add("ra", [options.bin / "ra", "-X", "-q", "-r", records, "-", "dst port 25"])
    table.add("ra 3.0.8", [original("ra"), "-X", "-q", "-r", records, "-", "dst port 25"], 1)


def bench_lines(options, records):
    """A line for each record, in every form."""
    count = count_records(options, records)
    table = Table("ra: print all records", count, "lines", options.runs)
    ra = [options.bin / "ra", "-X", "-n", "-r", records]
    for name, words in (("ra", []), ("ra -c ,", ["-c", ","]), ("ra --csv", ["--csv"]),
                        ("ra --json", ["--json"]), ("ra -M xml", ["-M", "xml"])):
        table.add(name, ra + words)
    table.add("ra 3.0.8", [original("ra"), *ra[1:]], 1)
    table.add("nfdump -o csv", ["nfdump", "-q", "-R", netflow_of(options), "-o", "csv"])
    table.add("nfdump -o json", ["nfdump", "-q", "-R", netflow_of(options), "-o", "json"])


def make_networks(path, count):
    """A file of networks from all over the space of addresses."""
    numbers = random.Random(1)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(count):
            address = ".".join(str(numbers.randrange(224 if i == 0 else 256)) for i in range(4))
            out.write(f"{address}/{numbers.randrange(12, 33)}\n")
    return path


def bench_sets(options, records):
    networks = 50_000
    path = make_networks(DATA / "networks", networks)
    table = Table(f"ra: one of {networks:,} networks", count_records(options, records), "records",
                  options.runs)
    table.add("ra", [options.bin / "ra", "-X", "-q", "-r", records, "-", "net", "in", f"@{path}"])
    table.add("ra, one network", [options.bin / "ra", "-X", "-q", "-r", records, "-", "net",
                                  "10.0.0.0/8"])
    table.add("rafilteraddr", [options.bin / "rafilteraddr", "-X", "-q", "-f", path, "-r", records])
    table.add("rafilteraddr 3.0.8", [original("rafilteraddr"), "-X", "-f", path, "-r", records,
                                     "-w", "/dev/null"], 1)


def bench_scans(options, records):
    table = Table("radark: who scans", count_records(options, records), "records", options.runs)
    for name, words in (("radark", []), ("radark --memory 32M", ["--memory", "32M"]),
                        ("radark, inside known", ["-L", "10.0.0.0/8"])):
        table.add(name, [options.bin / "radark", "-X", "-q", *words, "-r", records])
    scans, rest = DATA / "scans.argus", DATA / "rest.argus"
    table.add("radark -w -E", ["sh", "-c", f"rm -f {scans} {rest}; exec {options.bin}/radark -X -q "
                               f"-r {records} -w {scans} -E {rest}"])
    if os.path.exists(original("radark")):  # which leaves a folder of files where it runs
        work = empty_folder(DATA / "radark")
        table.add("radark 3.0.8", ["sh", "-c", f"cd {work} && exec {original('radark')} "
                                   f"-L 10.0.0.0/8 -r {records}"], 1)


def main():
    parser = argparse.ArgumentParser(description="speed and memory beside our peers")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build" / "bin")
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "build" / "tools")
    parser.add_argument("--packets", type=int, default=20_000_000)
    parser.add_argument("--runs", type=int, default=3, help="of each; the fastest counts")
    options = parser.parse_args()
    options.bin, options.tools = options.bin.resolve(), options.tools.resolve()
    trace, mixed = make_scan(options), make_mixed(options)
    records = bench_sensor(options, "a scan", trace)
    if mixed:
        bench_sensor(options, "a mix of real captures", mixed)
    else:
        print(f"\nargus: no captures in {CORPUS}, so no mix of them (PANOPTES_CORPUS)")
    bench_clusters(options, records)
    bench_rules(options, DATA, Table, count_records(options, records), records)
    bench_sort(options, records)
    bench_split(options, records)
    bench_stream(options, records)
    bench_bins(options, records)
    bench_records(options, records)
    bench_lines(options, records)
    bench_sets(options, records)
    bench_scans(options, records)
    bench_index(options, DATA, Table, trace)
    bench_live(options, DATA)
    from bench_network import bench_network  # when it is settled which programs are meant
    bench_network(options, DATA, original, trace)


if __name__ == "__main__":
    main()
