# SPDX-License-Identifier: Apache-2.0
"""The same bytes, whatever the number of threads, and the same flows whatever the memory."""
import subprocess

from lib.programs import BIN
from lib.tap import equal

from .sensing import ENVIRONMENT, MEGABYTE, Digest, digest

THREADS = (1, 2, 3, 8)
LIMIT = "64M"
# What flows come to when records that were cut are joined again.
MERGED = (f"{BIN}/racluster -X -r - -w - -M noman | "
          f"{BIN}/rasort -X -m proto saddr daddr sport dport stime -r - -w - | "
          f"{BIN}/ra -X -nn -u -L -1 -r - -s stime ltime proto saddr sport daddr dport "
          "spkts dpkts sbytes dbytes")


def same_bytes(words, ways, known):
    """Every way of running gives the same; `known` takes the hash by the name of the way."""
    runs = {}
    for threads in THREADS:
        for way in ways:
            runs[(threads, *way)] = Digest([*words, "--threads", threads, *way])
    hashes = {run.hash for run in runs.values()}
    equal(len(hashes), 1, f"number of different outputs of {list(runs)}")
    one = next(iter(runs.values()))
    known.append(one)
    peak = max(run.peak for run in runs.values())
    return (f"{one.hash[:16]} of {len(runs)} runs, {one.account.records:,} records, "
            f"{one.account.cut:,} cut, peak {peak / MEGABYTE:.0f} MB")


def flows_of(words, *options):
    command = [str(word) for word in (BIN / "argus", "-X", "-q", *words, *options, "-w", "-")]
    sensor = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=ENVIRONMENT)
    merged = subprocess.Popen(["sh", "-c", MERGED], stdin=sensor.stdout, stdout=subprocess.PIPE,
                              env=ENVIRONMENT)
    sensor.stdout.close()
    with merged.stdout:
        result = digest(merged.stdout)
    sensor.wait()
    equal(merged.wait(), 0, "status of racluster, rasort and ra")
    return result


def same_flows(words):
    """racluster gives the flows of a run without a limit."""
    whole, limited = flows_of(words), flows_of(words, "--memory", LIMIT)
    equal(limited, whole, "SHA-256 and size of the flows as text")
    return f"{whole[0][:16]} with and without --memory {LIMIT}, {whole[1] / MEGABYTE:.0f} MB"


def prove(report, traces):
    numbers = ",".join(str(n) for n in THREADS)
    report.title(f"The same bytes for --threads {numbers}; SHA-256 of the output")
    for name, make in traces.inputs():
        known = []
        half = [["--half-open", how] for how in ("whole", "compact")]
        report.check(f"{name}, half-open whole and compact",
                     lambda: same_bytes(make(), half, known))
        for way in half:
            limited = [*way, "--memory", LIMIT]
            report.check(f"{name}, {' '.join(limited[1:])}",
                         lambda: same_bytes(make(), [limited], known))
    report.title("The same flows, whatever the memory, after racluster")
    for name, make in traces.inputs():
        report.check(name, lambda: same_flows(make()))
