# SPDX-License-Identifier: Apache-2.0
"""The part of the benchmark that is about the index: what it costs, and what it gives."""
import json
import random
import shutil
import statistics
import subprocess
import time

FILES = 1000
FLOWS = 20  # that are asked for, each by itself


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
    """Flows of records from all over the file, as rapcap --flow takes them."""
    lines = subprocess.run([options.bin / "ra", "-X", "-nn", "-r", records, "--json", "-s", "proto",
                            "saddr", "sport", "daddr", "dport", "-", "tcp and ip"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    for line in random.Random(1).sample(lines, FLOWS):
        r = json.loads(line)
        ends = []
        for side in ("src", "dst"):
            address = r[side + "_address"]
            ends.append(f"[{address}]:{r[side + '_port']}" if ":" in address
                        else f"{address}:{r[side + '_port']}")
        yield (r["protocol"], *ends), r


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


def bench_asking(options, data):
    archive = make_archive(options, data)
    records, index = data / "archive.argus", data / "archive-index"
    records.unlink(missing_ok=True)
    shutil.rmtree(index, ignore_errors=True)
    subprocess.run([options.bin / "argus", "-X", "-q", "-R", archive, "-w", records, "--index",
                    index], check=True)
    print(f"\nrapcap: the packets of one flow out of {FILES} files, {options.packets:,} packets; "
          "milliseconds, median")
    flows = list(some_flows(options, records))
    commands = [[options.bin / "rapcap", "--index", index, "--flow", " ".join(flow)]
                for flow, _ in flows]
    if drop_caches():
        cold = []
        for command in commands:
            drop_caches()
            cold.append(milliseconds(command))
        print(f"  {'rapcap --flow, cold':28} {statistics.median(cold):9.1f}")
    else:
        print("  rapcap --flow, cold          needs root, to empty the page cache")
    warm = [milliseconds(command) for command in commands for _ in range(2)][1::2]
    print(f"  {'rapcap --flow, warm':28} {statistics.median(warm):9.1f}")
    host = flows[0][1]
    query = f"host {host['src_address']} and host {host['dst_address']}"
    for name, scan in (("tcpdump, all files, warm", "tcpdump -r {} -w /dev/null '%s'" % query),
                       ("tshark, a tenth of them", "tshark -r {} -Y 'ip.addr == %s'"
                        % host["src_address"])):
        if not shutil.which(scan.split()[0]):
            print(f"  {name:28} not installed")
            continue
        few = "| head -100" if "tenth" in name else ""
        took = milliseconds(["sh", "-c", f"find {archive} -type f {few} | xargs -I{{}} sh -c "
                             f"\"{scan}\" >/dev/null 2>&1"])
        print(f"  {name:28} {took:9.1f}", flush=True)


def bench_index(options, data, table_of, trace):
    bench_building(options, data, table_of, trace)
    bench_asking(options, data)
