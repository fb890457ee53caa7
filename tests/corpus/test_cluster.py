#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""racluster beside that of argus 3.0.8, on the records of its sensor over captures of the corpus.

For each model and file of rules both programs must give the same clusters, with the same values of
all fields that are compared. What differs must be explained by known_clusters.txt. Both outputs
are printed by our ra, so that only what is merged differs.
"""
import collections
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.original_records import sample, settled  # noqa: E402
from lib.programs import call, original, program, require, require_original, run  # noqa: E402
from lib.tap import Cases, note, skip_all  # noqa: E402

from known_clusters import rows  # noqa: E402

CAPTURES = 250
SHOWN_MOST = 6
FIELDS = """stime ltime pkts bytes srcid proto saddr daddr sport dport spkts dpkts sbytes dbytes
    appbytes sappbytes dappbytes dur sum mean min max trans state flgs dir sttl dttl stos dtos
    smac dmac svlan dvlan loss tcprtt inode label""".split()
PLACE = 4  # of these fields, by which clusters are found again
MODELS = [
    "", "-M correct", "-M norep", "-M rmon", "-m none", "-m srcid", "-m proto", "-m saddr",
    "-m daddr", "-m saddr daddr", "-m saddr daddr proto", "-m saddr daddr proto dport",
    "-m saddr/8", "-m saddr/16", "-m saddr/24", "-m daddr/16", "-m saddr/24 daddr/24 proto dport",
    "-m matrix", "-m dport", "-m proto dport", "-m proto sport", "-m smac", "-m smac dmac",
    "-m svlan", "-m sttl", "-m stos", "-m inode", "-M nopreserve -m saddr",
]

RULES = {
    "complete": """
filter="tcp and ((syn or synack) and ((fin or finack) or reset))"  status=-1 idle=0
filter="" model="saddr daddr proto sport dport"
""",
    "queries": """
filter="src pkts eq 1 and dst pkts eq 1 and dst port 53" model="saddr/16 daddr proto dport"
""",
    "labels": """
filter="icmp" status=-1 idle=0 label="ping"
filter="tcp and dst port 80" model="daddr" label="web"
filter="udp" model="saddr daddr" label="udp"
""",
    "cont": """
filter="tcp" model="saddr" label="first" cont
RACLUSTER_PRESERVE_FIELDS=yes
filter="net 192.168.0.0/16" model="daddr proto" label="second" cont
filter="" model="proto" label="third"
""",
    "status": """
filter="" status=3 idle=0
""",
    "idle": """
filter="tcp" idle=20 label="gap"
filter="udp" idle=5 status=60
""",
    "none": """
filter="udp" model="none"
filter="not ip" status=-1
""",
    "metric": """
RACLUSTER_AGG_METRIC=spkts
filter="" model="saddr daddr"
""",
}

cases = Cases("racluster beside that of 3.0.8")


def printed(path):
    """All records of a file, as tuples of text."""
    result = run("ra", "-X", "-r", path, "-L", "-1", "-c", "|", "-nn", "-u", "-p", "6", "-s",
                 *FIELDS)
    return [tuple(line.split("|")) for line in result.out.splitlines()]


def clusters(command, records, model, output):
    output.unlink(missing_ok=True)
    words = model.split()
    if words[:1] == ["-f"]:
        words[1] = output.with_name(words[1])
    result = call([command, "-X", *words, "-r", records, "-w", output])
    assert result.status == 0, result
    return printed(output)


def without_equals(theirs, ours):
    """What only one of them has, by place: a pair of lists."""
    places = collections.defaultdict(lambda: ([], []))
    a, b = collections.Counter(theirs), collections.Counter(ours)
    for side, rest in enumerate((a - b, b - a)):
        for cluster in rest.elements():
            places[cluster[:PLACE]][side].append(cluster)
    return places


SIDES = [(FIELDS.index(name), FIELDS.index("d" + name[1:])) for name in FIELDS
         if name[0] == "s" and name != "state" and "d" + name[1:] in FIELDS]


def differences(theirs, ours):
    return [(name, a, b) for name, a, b in zip(FIELDS, theirs, ours) if a != b]


def turned(cluster):
    """The cluster as it is seen from the other end."""
    out = list(cluster)
    for a, b in SIDES:
        out[a], out[b] = out[b], out[a]
    return out


class Explanations:
    """How many clusters each row explains; what none does."""

    def __init__(self, model, count):
        self.rows = [row for row in rows() if row.fits(model)]
        self.used = collections.Counter()
        self.unexplained = []
        self.count = count

    def field(self, name, theirs, ours):
        return next((row for row in self.rows if row.explains(name, theirs, ours)), None)

    def pair(self, theirs, ours):
        differ, other = differences(theirs, ours), differences(turned(theirs), ours)
        if len(other) < len(differ):
            differ = [("turned", "", ""), *other]
        found = [self.field(*difference) for difference in differ]
        if None in found:
            self.unexplained.append([d for d, row in zip(differ, found) if not row])
        self.used.update(set(found) - {None})

    def single(self, who, cluster):
        row = self.field("whole", "", "")
        if row:
            self.used[row] += 1
        else:
            self.unexplained.append(f"only {who} has {cluster[:12]}")

    def check(self):
        for what in self.unexplained[:int(os.environ.get("PANOPTES_SHOW") or SHOWN_MOST)]:
            note(what)
        assert not self.unexplained, f"{len(self.unexplained)} of {self.count} are not explained"
        for row, used in self.used.items():
            # Few clusters say nothing about shares.
            assert used <= max(4, row.most * self.count / 100), f"{used} times: {row.line}"


def check_model(records, model, folder):
    theirs = clusters(original("racluster"), records, model, folder / "theirs.argus")
    ours = clusters(program("racluster"), records, model, folder / "ours.argus")
    explanations = Explanations(model, len(ours))
    for place in without_equals(theirs, ours).values():
        for pair in zip(*place):
            explanations.pair(*pair)
        both = min(map(len, place))
        for side, who in enumerate(("3.0.8", "ours")):
            for cluster in place[side][both:]:
                explanations.single(who, cluster)
    if os.environ.get("PANOPTES_SHOW"):
        for row, used in explanations.used.items():
            note(f"{100 * used / len(ours):.2f} % of {len(ours)}: {row.line}")
    explanations.check()


require("racluster", "ra")
require_original("argus", "racluster", "rasort")
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    file = sample(scratch, CAPTURES)
    if not file:
        skip_all("there is no corpus")
    file = settled(file, scratch / "settled.argus")
    for name, text in RULES.items():
        (scratch / name).write_text(text, encoding="utf-8")
    for words in [*MODELS, *(f"-f {name}" for name in RULES)]:
        cases.add_call(words or "default", check_model, file, words, scratch)
    cases.run()
