#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor gives the same bytes whatever the number of its threads."""
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.programs import CORPUS, generate, require, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

THREADS = (1, 2, 3, 8)
OPTIONS = {
    "plain": [],
    "all that can be measured": ["-AJmZ", "-U", "64", "--bidirectional-timestamps"],
    "long user data": ["-U", "40000", "-S", "1"],
    "management records on the way": ["-M", "0.5"],
    "half-open flows": ["--half-open", "compact"],
    "as argus 3.0.8": ["--compat", "3.0.8"],
    "a part of the packets": ["-N", "1000-20000", "-", "udp"],
}
ENOUGH = 50  # bytes of a file that has any records


def outputs(folder, captures, options, status=0):
    """What each number of threads writes, to one file with all records and one with some."""
    made = []
    filter_at = options.index("-") if "-" in options else len(options)
    for threads in THREADS:
        paths = [folder / f"{threads}.all", folder / f"{threads}.tcp"]
        for path in paths:
            path.unlink(missing_ok=True)
        run("argus", "-q", *captures, "--threads", threads, *options[:filter_at], "-w", paths[0],
            "-w", paths[1], "tcp", *options[filter_at:], status=status)
        made.append([path.read_bytes() for path in paths])
    return made


def check_same(made):
    equal(len(made[0][0]) > ENOUGH, True, "there are records")
    for threads, each in zip(THREADS, made):
        equal(each == made[0], True, f"{threads} threads write the same")


def check_trace(folder, mix, options):
    check_same(outputs(folder, ["-r", folder / f"{mix}.pcap"], options))


def check_flood(folder):
    """At the limit of memory, where flows are cut."""
    made = outputs(folder, ["-r", folder / "flood.pcap"], ["--memory", "64M"])
    check_same(made)
    free = outputs(folder, ["-r", folder / "flood.pcap"], [])
    equal(free[0] == made[0], False, "the limit is felt")


def check_pipe(folder):
    """Frames of a pipe lie in a buffer that is written over."""
    capture = (folder / "mixed.pcap").read_bytes()
    made = []
    for threads in THREADS:
        made.append([run("argus", "-q", "-r", "-", "-U", "32", "--threads", threads, "-w", "-",
                         stdin=capture).out_bytes])
    check_same(made)


def check_corpus(folder):
    """All captures as one: damaged ones among them, hence the status."""
    if not CORPUS.is_dir():
        raise Skip(f"no captures in {CORPUS}; set PANOPTES_CORPUS to a folder of some")
    for options in (["--merge"], ["--merge", *OPTIONS["all that can be measured"]],
                    ["--compat", "3.0.8", "--merge"]):
        check_same(outputs(folder, ["-R", CORPUS], options, status=None))


def check_full_disk(folder):
    """Trouble with the output ends all threads, and is said once."""
    for threads in THREADS:
        result = run("argus", "-q", "-r", folder / "scan.pcap", "--threads", threads, "-w",
                     "/dev/full", status=1)
        equal(result.err.count("\n"), 1, f"one line: {result.err}")
        equal("No space left" in result.err, True, result.err)


def check_wrong_number():
    for word in ("0", "-1", "many", "100000"):
        result = run("argus", "--threads", word, "-r", "/dev/null", status=1)
        equal(result.err.startswith("argus: --threads: "), True, f"says so: {result.err}")


def main():
    require("argus")
    cases = Cases("threads of the sensor")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        generate(folder / "scan.pcap", "-m", "scan", "-n", 60000, "-r", 20000, "-l", 96)
        generate(folder / "mixed.pcap", "-n", 40000, "-r", 2000)
        generate(folder / "flood.pcap", "-m", "flood", "-n", 300000, "-r", 2000000, "-l", 64)
        for mix in ("scan", "mixed"):
            for what, options in OPTIONS.items():
                cases.add_call(f"{mix}: {what}", check_trace, folder, mix, options)
        cases.add_call("a flood at the limit of memory", check_flood, folder)
        cases.add_call("a pipe", check_pipe, folder)
        cases.add_call("the corpus as one capture", check_corpus, folder)
        cases.add_call("a full disk", check_full_disk, folder)
        cases.add_call("numbers that are none", check_wrong_number)
        cases.run()


main()
