#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flows that nobody answered may be kept small: the same records, in less memory."""
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from lib.programs import CORPUS, generate, require, run  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

MIXES = ("scan", "mixed", "mail", "dns")
OPTIONS = {
    "plain": [],
    "short records": ["-S", "0.5", "--idle-tcp", "2", "--idle-ip", "1"],
    "as argus 3.0.8": ["--compat", "3.0.8"],
    "records of each first packet": ["--start-records"],
    "all that can be measured": ["-AJmZ", "-U", "32"],
}


def sense(folder, how, *options, status=0):
    output = folder / f"{how}.argus"
    output.unlink(missing_ok=True)
    said = run("argus", "-q", "-v", "--half-open", how, *options, "-w", output, status=status).err
    return output, said


def check_same(folder, *options, status=0):
    whole, compact = (sense(folder, how, *options, status=status)[0].read_bytes()
                      for how in ("whole", "compact"))
    equal(len(whole) > 1000, True, "there are records")
    equal(compact == whole, True, "the same bytes")


def check_corpus(folder):
    if not CORPUS.is_dir():
        raise Skip(f"no captures in {CORPUS}; set PANOPTES_CORPUS to a folder of some")
    check_same(folder, "-R", CORPUS, "--merge", status=None)


def check_flood(folder):
    """At a limit of memory fewer flows are cut, and all packets are in records."""
    cut = []
    for how in ("whole", "compact"):
        _, said = sense(folder, how, "--memory", "64M", "-r", folder / "flood.pcap")
        cut.append(int(re.search(r"(\d+) cut for memory", said).group(1)))
        equal(bool(re.search(r"(\d+) read = \1 in flow records", said)), True, said)
    equal(cut[0] > 2 * cut[1], True, f"flows that are cut: {cut}")


def check_wrong_word():
    result = run("argus", "--half-open", "small", "-r", "/dev/null", status=1)
    equal(result.err, "argus: --half-open: 'small' is none of compact, whole\n", "what it says")


def main():
    require("argus")
    cases = Cases("half-open flows")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for mix in MIXES:
            capture = folder / f"{mix}.pcap"
            generate(capture, "-m", mix, "-n", 30000, "-r", 3000, "-l", 96)
            for what, options in OPTIONS.items():
                cases.add_call(f"{mix}: {what}", check_same, folder, "-r", capture, *options)
        generate(folder / "flood.pcap", "-m", "flood", "-n", 300000, "-r", 2000000, "-l", 64)
        cases.add_call("the corpus as one capture", check_corpus, folder)
        cases.add_call("a flood at the limit of memory", check_flood, folder)
        cases.add_call("a word that is none", check_wrong_word)
        cases.run()


main()
