# SPDX-License-Identifier: Apache-2.0
"""The part of the benchmark that is about the index: what it costs, and what it gives."""
import collections
import random
import re
import shutil
import statistics
import subprocess
import time

FILES = 1000
FLOWS = 1000  # that are asked for, each by itself, and whose packets are counted
COLD_FLOWS = 100  # before each of these the page cache is emptied, which takes longer than to ask


def size_of(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


def make_archive(options, data):
    """The same traffic as the trace in many files, whose names do not follow time."""
    folder = data / f"archive-{options.packets}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        subprocess.run([options.tools / "generate", "--mix", "scan", "--rate", "100000",
                        "--snaplen", "96", "--packets", str(options.packets), "--files",
                        str(FILES), "--shuffle-names", part], check=True)
        part.rename(folder)
    return folder


def bench_building(options, data, table_of, trace):
    table = table_of("argus --index: packets to records and index", options.packets, "packets",
                     options.runs)
    records, index = data / "indexed.argus", data / "index"
    argus = f"rm -rf {records} {index}; exec {options.bin}/argus -X -q -r {trace} -w {records}"
    table.add("argus --index", ["sh", "-c", f"{argus} --index {index}"])
    table.add("argus", ["sh", "-c", argus])
    table.add("raindex", ["sh", "-c", f"rm -rf {index}; exec {options.bin}/raindex -r {trace} "
                          f"--index {index}"])
    print(f"  the index is {100 * size_of(index) / trace.stat().st_size:.2f} % of the capture")


def some_flows(options, records):
    """Flows from all over the file: both ends, and how many packets all their records count."""
    text = subprocess.run([options.bin / "ra", "-X", "-nn", "-r", records, "-c", ",", "-L", "-1",
                           "-s", "saddr", "sport", "daddr", "dport", "pkts", "-", "tcp and ip"],
                          capture_output=True, text=True, check=True).stdout
    counts = collections.Counter()
    for line in text.splitlines():
        saddr, sport, daddr, dport, packets = line.split(",")
        counts[tuple(sorted([(saddr, sport), (daddr, dport)]))] += int(packets)
    return random.Random(1).sample(list(counts.items()), FLOWS)


def drop_caches():
    """False where that needs rights that we do not have."""
    subprocess.run(["sync"], check=True)
    try:
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
            file.write("3")
    except OSError:
        return False
    return True


def milliseconds(command):
    begin = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return (time.monotonic() - begin) * 1e3


def ask(command, packets):
    """Milliseconds; what is found must be exactly what the records count."""
    begin = time.monotonic()
    said = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          check=True).stderr
    took = (time.monotonic() - begin) * 1e3
    found = int(re.search(r"(\d+) packets;", said)[1])
    if found != packets:
        raise SystemExit(f"bench: {command}: {found} packets, and the records count {packets}")
    return took


def bench_flows(options, index, flows):
    questions = [([options.bin / "rapcap", "-v", "--index", index, "--flow",
                   " ".join(["tcp"] + [f"{address}:{port}" for address, port in ends])], packets)
                 for ends, packets in flows]
    if drop_caches():
        cold = []
        for question in questions[:COLD_FLOWS]:
            drop_caches()
            cold.append(ask(*question))
        name = f"rapcap --flow, {COLD_FLOWS} flows, cold"
        print(f"  {name:32} {statistics.median(cold):9.1f}")
    else:
        print("  rapcap --flow, cold              needs root, to empty the page cache")
    for question in questions:
        ask(*question)
    warm = [ask(*question) for question in questions]
    name = f"rapcap --flow, {FLOWS} flows, warm"
    print(f"  {name:32} {statistics.median(warm):9.1f}", flush=True)


def bench_asking(options, data):
    archive = make_archive(options, data)
    records, index = data / "archive.argus", data / "archive-index"
    records.unlink(missing_ok=True)
    shutil.rmtree(index, ignore_errors=True)
    subprocess.run([options.bin / "argus", "-X", "-q", "-R", archive, "-w", records, "--index",
                    index], check=True)
    print(f"\nrapcap: the packets of one flow out of {FILES} files, {options.packets:,} packets; "
          "milliseconds, median")
    flows = some_flows(options, records)
    bench_flows(options, index, flows)
    (source, _), (target, _) = flows[0][0]
    query = f"host {source} and host {target}"
    for name, scan in (("tcpdump, all files, warm", "tcpdump -r {} -w /dev/null '%s'" % query),
                       ("tshark, a tenth of them", "tshark -r {} -Y 'ip.addr == %s'"
                        % source)):
        if not shutil.which(scan.split()[0]):
            print(f"  {name:32} not installed")
            continue
        few = "| head -100" if "tenth" in name else ""
        took = milliseconds(["sh", "-c", f"find {archive} -type f {few} | xargs -I{{}} sh -c "
                             f"\"{scan}\" >/dev/null 2>&1"])
        print(f"  {name:32} {took:9.1f}", flush=True)


def bench_index(options, data, table_of, trace):
    bench_building(options, data, table_of, trace)
    bench_asking(options, data)
