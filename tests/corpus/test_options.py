#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our `ra` beside that of argus 3.0.8 on the options that both have: the same text, the same exit
status, on records of the original sensor. With -X, and with the start-up file that Debian installs.
"""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import pool  # noqa: E402
from lib.programs import call, corpus, original, require, require_original, run  # noqa: E402
from lib.tap import Cases, note  # noqa: E402

SENSORS_AT_ONCE = 40  # argus 3.0.8 spends a second asleep in each run
EVERY = 5             # file of the corpus
IS_PART = "PANOPTES_SAMPLE" in os.environ
SHOWN_MOST = 3
DEBIAN_RC = "/etc/ra.conf"

# Where we differ, and why; a difference that is none any more fails, too.
KNOWN = {
    "-A": "3.0.8 counts the first management record twice",
    "-q -A": "3.0.8 counts the first management record twice",
    "-N 5": "3.0.8 counts management records that nobody sees",
    "-N 3-9": "3.0.8 counts management records that nobody sees",
    "-N 4+3": "3.0.8 counts management records that nobody sees",
    "-N i7": "3.0.8 counts management records that nobody sees",
    "-M dsrs=time,flow": "3.0.8 loses its columns where there are no counters",
    "-M dsrs=-metric": "3.0.8 loses its columns where there are no counters",
    "-s +99sttl": "3.0.8 forgets a field that is put behind the last",
    "-s saddr:20:%x": "an IPv6 address is no number",
    "-s saddr:20:%u": "an IPv6 address is no number",
    "-s suser:20 duser:10": "a blank in the title",
    "-e d:^HTTP": "a connection that 3.0.8 turns round has its user data on the old side",
    "-M uni": "3.0.8 leaves the ports of IPv6 where they were",
    "-M printer=encode32 -s suser:20": "3.0.8 counts a byte too many of what is short",
    "-t 2003-2009": "3.0.8 takes the second year for seconds",
}

PLAIN = ["stime", "proto", "saddr", "sport", "dir", "daddr", "dport", "pkts", "state"]
OPTIONS = [
    ["-L", "0"], ["-L", "-1"], ["-L", "20"], ["-c", ","], ["-c", "\\t"], ["-c", "|", "-L", "5"],
    ["-n"], ["-nn"], ["-n", "-n", "-n", "-n"], ["-u"], ["-u", "-p", "0"], ["-u", "-p", "3"],
    ["-p", "0"], ["-p", "2"], ["-z"], ["-Z", "b"], ["-Z", "s"], ["-Z", "d"], ["-H"],
    ["-A"], ["-q", "-A"], ["-q"], ["-O"], ["-M", "man"], ["-M", "noman"],
    ["-N", "5"], ["-N", "3-9"], ["-N", "4+3"], ["-N", "o6"], ["-N", "i7"], ["-N", "0"],
    ["-M", "TZ=Asia/Tokyo"], ["-a", "3"], ["-f", "/dev/null"],
    ["-e", "HTTP"], ["-e", "s:GET"], ["-e", "d:^HTTP"], ["-e", "no such text anywhere"],
    ["-M", "dsrs=time,flow"], ["-M", "dsrs=-metric"], ["-M", "dsrs=flow,metric,time,net"],
    ["-M", "label=foo"], ["-M", "uni"],
]
FIELDS = [
    ["-s", "saddr", "dport"], ["-s", "saddr:30", "dport:4"], ["-s", "+dur"], ["-s", "+2dur"],
    ["-s", "+0seq"], ["-s", "-stime", "-s", "-flgs"], ["-s", "+99sttl"], ["-s", "dur", "dur"],
    ["-s", "saddr:20:%x"], ["-s", "saddr:20:%u"], ["-s", "pkts bytes"], ["-s", "saddr,daddr"],
    ["-s", "suser:20", "duser:10"], ["-M", "printer=encode32", "-s", "suser:20"],
    ["-M", "printer=encode64", "-s", "suser:20"],
]
TIMES = ["2010", "2010/01", "2003-2009", "c2009", "x2010", "1262304000-1293840000",
         "c1262304000-1293840000", "2005/01/01+5y", "-20y", "-100y", "2099"]
FILTERS = [[], ["-", "tcp"], ["-", "dst", "port", "80", "or", "443"], ["-", "not", "tcp"]]
# What must be the same although only whole files can show it.
WRONG = [["-N", "x"], ["-e", "("], ["-s", "saddr:0"], ["-t", "abc"], ["-t", "2010-2009"],
         ["-", "no", "such", "filter"], ["-r", "/nowhere"]]


def sense(path, folder):
    output = folder / f"{path.name}.argus"
    call([original("argus"), "-X", "-AJZRm", "-U", "48", "-r", path, "-w", output], timeout=60)
    return output


def is_comparable(part):
    """False for records that 3.0.8 prints wrongly whatever the options are: what it does wrong is
    looked at by test_original.py and by the test of fields."""
    if not part or not part.exists() or part.stat().st_size <= 128:
        return False
    theirs, ours = both(part, ["-n", "-c", ",", "-s", *PLAIN, "suser:48", "duser:48", "flgs"])
    return theirs.out == ours.out


def both(records, options, rc=False):
    """Results of theirs and ours, with -X or with Debian's start-up file."""
    words = ["-r", records, *options]
    if rc:
        return (call([original("ra"), *words]),
                call([pathlib.Path(run("ra", "--version").command.split()[0]), *words],
                     env={"PANOPTES_RC": DEBIAN_RC}))
    return call([original("ra"), "-X", *words]), run("ra", "-X", *words, status=None)


def compare(records, options, rc=False):
    theirs, ours = both(records, options, rc)
    # 3.0.8 ends with 0 although nothing is selected.
    nothing = ours.status == 1 and not ours.out and not ours.err
    assert nothing or ours.status == theirs.status, \
        f"status {ours.status}, theirs {theirs.status}\n{ours.err}"
    one, other = ours.out.splitlines(), theirs.out.splitlines()
    assert len(one) == len(other), f"{len(one)} lines, theirs {len(other)}"
    wrong = [(a, b) for a, b in zip(one, other) if a != b]
    for a, b in wrong[:SHOWN_MOST]:
        note(f"ours:   {a}\ntheirs: {b}")
    assert not wrong, f"{len(wrong)} of {len(one)} lines differ"


def compare_known(records, options, reason):
    try:
        compare(records, options)
    except AssertionError:
        return
    # A part of the corpus need not have the records that show it.
    assert IS_PART, f"no difference any more: {reason}"


def compare_wrong(records, options):
    theirs, ours = both(records, options)
    assert ours.status == theirs.status, f"status {ours.status}, theirs {theirs.status}\n{ours.err}"
    assert ours.err.startswith("ra: ") or not ours.err, ours.err


def join(parts, path):
    """Files of records as one, each with its management records."""
    with open(path, "wb") as out:
        for part, comparable, _ in pool.each(is_comparable, parts):
            if comparable:
                out.write(part.read_bytes())


def main():
    require("ra")
    require_original("argus", "ra")
    cases = Cases("options beside argus 3.0.8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = corpus()[::EVERY]
        parts = [part for _, part, _ in
                 pool.each(lambda path: sense(path, folder), files, SENSORS_AT_ONCE)]
        records = folder / "all.argus"
        join(parts, records)
        columns = ["-s", *PLAIN]
        rows = [(words, [*words, *columns]) for words in OPTIONS]
        rows += [(words, words) for words in FIELDS]
        rows += [(["-t", time], ["-t", time, *columns]) for time in TIMES]
        for words, options in rows:
            reason = KNOWN.get(" ".join(words))
            if reason:
                cases.add_call(f"{' '.join(words)}: {reason}", compare_known, records, options,
                               reason)
            else:
                cases.add_call(" ".join(words), compare, records, options)
        for words in FILTERS:
            cases.add_call(f"filter {' '.join(words)}", compare, records, [*columns, *words])
        for options in WRONG:
            cases.add_call(f"wrong: {' '.join(options)}", compare_wrong, records, options)
        if os.path.exists(DEBIAN_RC):
            for options in ([], ["-n"], ["-M", "noman"], ["-c", ","]):
                cases.add_call(f"with {DEBIAN_RC} {' '.join(options)}", compare, records,
                               [*options, *columns], True)
        cases.run()


if __name__ == "__main__":
    main()
