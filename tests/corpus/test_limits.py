#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""racluster under limits of memory and with several threads: the same bytes, and the limit holds.

Inputs are records of captures of the corpus (or of made-up traffic), of a scan, and of flows that
are all distinct. Limits are parts of what the clusters of a model need. PANOPTES_LIMITS_FLOWS is
the number of flows of made-up inputs.
"""
import hashlib
import os
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.programs import (  # noqa: E402
    CORPUS, ROOT, SANITIZED, generate, program, require, run, sense)
from lib.tap import Cases  # noqa: E402

FLOWS = int(os.environ.get("PANOPTES_LIMITS_FLOWS", 15_000 if SANITIZED else 60_000))
BIGGEST = 1_000_000  # bytes of a capture of the corpus that is taken
MODELS = {
    "flows": [],
    "flows, corrected": ["-M", "correct"],
    "hosts": ["-m", "saddr"],
    "networks and services": ["-M", "correct", "-m", "saddr/16", "daddr", "proto", "dport"],
    "pairs": ["-m", "matrix"],
    "both ends": ["-M", "rmon"],
    "ports": ["-m", "proto", "sport"],
    "one-way": ["-M", "uni", "nopreserve", "-m", "daddr", "dport"],
}
TCP_RULES = ROOT / "share" / "racluster-tcp.conf"
RULES = {
    "rules": """
        RACLUSTER_AUTO_CORRECTION=yes
        filter="tcp and dst port 80 or 443" model="saddr/16 daddr proto dport" label="web"
        filter="icmp or src net 10.0.0.0/26" status=-1 label="as it is"
        filter="udp" model="saddr daddr"
        """,
    "rules with pieces": TCP_RULES.read_text(encoding="utf-8"),
    "rules that go on": """
        model="proto" status=3 label="sum" cont
        filter="udp" model="addr" cont
        filter="port 53" idle=0.5 flush="pkts gt 3"
        """,
}
LEAST = 4 << 20
SLACK = 16 << 20  # what the program itself may take
STATUS = re.compile(r"records: (\d+) in, (\d+) out; memory for clusters: (\d+) KiB at most; "
                    r"temporary files: (\d+) KiB written, (\d+) passes")

cases = Cases("limits")


def digest(path):
    """By and by: what this process takes counts as the peak of those that it starts."""
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 16):
            sha.update(block)
    return sha.hexdigest()


class Outcome:
    """What a run gave, and what it took. `peak` is in bytes, resident."""

    def __init__(self, records, folder, *options):
        output = folder / "out.argus"
        command = [program("racluster"), "-X", "-v", "-r", records, "-w", output, *options]
        pid = os.fork()
        if not pid:
            with open(folder / "err", "wb") as err:
                os.dup2(err.fileno(), 2)
            os.execv(command[0], [str(word) for word in command])
        _, status, usage = os.wait4(pid, 0)
        text = (folder / "err").read_text()
        assert status == 0, f"{command}: status {status}\n{text}"
        self.peak = usage.ru_maxrss * 1024
        found = STATUS.search(text)
        assert found, text
        self.records, self.clusters, self.need, self.spilled, self.passes = map(int, found.groups())
        self.hash = digest(output)
        output.unlink()


def limits(need):
    """A quarter, a tenth, a fiftieth of what is needed, or the least that racluster takes."""
    return sorted({max(LEAST, need * 1024 // part) for part in (4, 10, 50)})


def check(records, options, folder):
    whole = Outcome(records, folder, *options, "--threads", "1")
    assert whole.clusters and not whole.passes, "nothing to do, or too much"
    runs = [(None, 2), (None, 4)]
    runs += [(limit, threads) for limit in limits(whole.need) for threads in (1, 2, 4)]
    for limit, threads in runs:
        memory = ["--memory", str(limit)] if limit else []
        got = Outcome(records, folder, *options, *memory, "--threads", str(threads))
        what = f"{limit} bytes, {threads} threads"
        assert got.hash == whole.hash, f"other bytes with {what}"
        assert got.clusters == whole.clusters, what
        if limit and not SANITIZED:
            assert got.peak <= limit + SLACK, f"{got.peak} bytes at most with {what}"
        if limit and whole.need * 1024 > 2 * limit:
            assert got.spilled > 0, f"nothing was written with {what}"


def totals(records, *options):
    line = run("racount", "-r", records, *options).out.splitlines()[1].split()
    return [int(word) for word in line[2:8]]


def check_sums(records, name, options, folder):
    """Packets and bytes in are those out; as many for both ends, and either side."""
    output = folder / "sums.argus"
    run("racluster", "-X", "-r", records, "-w", output, *options, "--memory", str(LEAST))
    before, after = totals(records), totals(output)
    output.unlink()
    if name == "rules that go on":
        assert after[0] > before[0], f"{before[0]} packets, then {after[0]}"
        return
    factor = 2 if name == "both ends" else 1
    assert after[0] == factor * before[0], f"{before[0]} packets, then {after[0]}"
    assert after[3] == factor * before[3], f"{before[3]} bytes, then {after[3]}"


def models(folder):
    """Options by name."""
    for name, text in RULES.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    return MODELS | {name: ["-f", folder / f"{name}.conf"] for name in RULES}


def check_freed(folder):
    """Connections that are over take no memory when rules let them go, and none are lost."""
    capture = folder / "web.pcap"
    generate(capture, "-m", "web", "-f", 15_000, "-r", 2000)
    records = sense(capture, folder / "web.argus", "-S", "1")
    capture.unlink()
    kept = Outcome(records, folder, "--threads", "1")
    freed = Outcome(records, folder, "--threads", "1", "-f", TCP_RULES)
    assert freed.records == kept.records > kept.clusters
    assert kept.clusters <= freed.clusters < 1.2 * kept.clusters, (kept.clusters, freed.clusters)
    assert freed.need < kept.need / 2, f"{freed.need} KiB of {kept.need}"


def inputs(folder):
    """Record files by name."""
    captures = [path for path in sorted(CORPUS.rglob("*.pcap*")) if path.stat().st_size < BIGGEST]
    if captures:
        for number, path in enumerate(captures[::max(1, len(captures) // 150)]):
            run("argus", "-q", "-r", path, "-w", folder / f"corpus-{number}.argus", status=None)
        parts = [path for path in sorted(folder.glob("corpus-*.argus")) if path.stat().st_size]
        run("ra", "-X", "-r", *parts, "-w", folder / "corpus.argus")
        for part in folder.glob("corpus-*.argus"):
            part.unlink()
        yield "corpus", folder / "corpus.argus"
    for name, mix, options in (("scan", "scan", ["-S", "1"]), ("distinct", "dns", [])):
        capture = folder / "made.pcap"
        generate(capture, "-m", mix, "-f", FLOWS)
        yield name, sense(capture, folder / f"{name}.argus", *options)
        capture.unlink()


require("argus", "ra", "racluster", "racount")
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    for title, file in inputs(scratch):
        for model, words in models(scratch).items():
            cases.add_call(f"{title}: {model}", check, file, words, scratch)
            cases.add_call(f"{title}: {model}, sums", check_sums, file, model, words, scratch)
    cases.add_call("connections that are over", check_freed, scratch)
    cases.run()
