#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sensor gives the same bytes whatever the number of its threads."""
import pathlib
import sys
import tempfile
from random import Random

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.packets import Capture, ether, fragments4, icmp_error, ip4, tcp, udp  # noqa: E402
from lib.programs import CORPUS, generate, require, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

THREADS = (1, 2, 3, 4, 8)
OPTIONS = {
    "plain": [],
    "all that can be measured": ["-AJmZ", "-U", "64", "--bidirectional-timestamps"],
    "long user data": ["-U", "40000", "-S", "1"],
    "management records on the way": ["-M", "0.5"],
    "half-open flows": ["--half-open", "compact"],
    "as argus 3.0.8": ["--compat", "3.0.8"],
    "a part of the packets": ["-N", "1000-20000", "-", "udp"],
}
STREWN = {  # and whether the limit of memory is felt
    "plain": ([], False),
    "at the limit of memory": (["--memory", "64M", "-U", "512", "-S", "60"], True),
    "with much idling": (["-S", "0.3", "--idle-ip", "0.5", "--idle-fragment", "0.2"], False),
    "as argus 3.0.8": (["--compat", "3.0.8"], False),
    "half-open flows": (["--half-open", "compact"], False),
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


def strewn(folder):
    """Fragments in any order, errors about flows of others, hosts that fall silent and go on."""
    made, random = Capture(), Random(4)
    for n in range(30000):
        a, b = (f"10.0.{random.randrange(6)}.{random.randrange(200)}" for _ in range(2))
        question = ip4(a, b, udp(1000 + n % 50, 99, b"question"))
        frames = [question]
        if n % 3 == 0:
            frames = fragments4(a, b, udp(7 + n % 5, 8, 100), [48, 60])
            random.shuffle(frames)
        elif n % 5 == 0:
            frames = [question, ip4("10.9.9.9", a, icmp_error(3, 1, question))]
        elif n % 7 == 0:
            frames = [ip4(a, b, tcp(n % 900, 80, "S")), ip4(b, a, tcp(80, n % 900, "SA"))]
        for frame in frames:
            made.add(n * 0.001, ether(frame))
    return made.write(folder / "strewn.pcap")


def check_strewn(folder, options, cuts):
    check_same(outputs(folder, ["-r", folder / "strewn.pcap", "-v"], options))
    said = run("argus", "-q", "-v", "-r", folder / "strewn.pcap", *options, "-w", "/dev/null").err
    equal(" 0 cut for memory" not in said, cuts, said)


def check_numbers(folder):
    """A filter that asks for the numbers of flows is given those of one thread."""
    made = []
    for threads in THREADS:
        path = folder / f"{threads}.numbers"
        run("argus", "-q", "-r", folder / "mixed.pcap", "--threads", threads, "-w", path,
            "seq lt 100")
        made.append([path.read_bytes()])
    check_same(made)


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
                    ["--compat", "3.0.8", "--merge"], ["--merge", "--memory", "64M", "-U", "512"]):
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
        strewn(folder)
        for what, (options, cuts) in STREWN.items():
            cases.add_call(f"fragments and errors: {what}", check_strewn, folder, options, cuts)
        cases.add_call("a flood at the limit of memory", check_flood, folder)
        cases.add_call("numbers of flows", check_numbers, folder)
        cases.add_call("a pipe", check_pipe, folder)
        cases.add_call("the corpus as one capture", check_corpus, folder)
        cases.add_call("a full disk", check_full_disk, folder)
        cases.add_call("numbers that are none", check_wrong_number)
        cases.run()


main()
