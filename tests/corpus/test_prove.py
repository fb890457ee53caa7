#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The proofs of `make prove` at a small size, and a sensor that they must find out; and the traces
that they are made with."""
import pathlib
import re
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.programs import BIN, ROOT, SANITIZED, TOOLS, call, generate, require, tool  # noqa: E402
from lib.tap import Cases, equal, skip_all  # noqa: E402

PACKETS = 30_000
END = re.compile(r"(\d+) proven, (\d+) failed, (\d+) skipped\n$")
# A sensor whose bytes depend on its threads, and one that forgets a record.
LIARS = {"identity": 'case "$*" in *"threads 3"*) set -- "$@" -S 1;; esac; exec {}/argus "$@"',
         "conservation": 'for w; do o=$w; done; {0}/argus "$@" || exit; '
                         'if [ -f "$o" ]; then {0}/ra -X -N 9 -r "$o" -w - >"$o.part"; '
                         'mv "$o.part" "$o"; fi'}

cases = Cases("proofs")


def prove(folder, only, environment=None):
    return call([ROOT / "tools" / "prove.py", "--packets", PACKETS, "--folder", folder, "--only",
                 only], env={"PANOPTES_BIN": str(BIN), "PANOPTES_TOOLS": str(TOOLS),
                             **(environment or {})})


def check_proofs(folder, only, least):
    result = prove(folder, only)
    found = END.search(result.out)
    assert found and result.status == 0, str(result)
    equal(int(found[2]), 0, "failed")
    equal(int(found[1]) + int(found[3]) >= least, True, f"{least} proofs: {result.out}")
    equal("  ok     scan" in result.out or "  ok     stopped, scan" in result.out, True, result.out)


def check_liar(folder, only):
    """What is not so is not proven."""
    fake = folder / only
    fake.mkdir()
    for path in BIN.iterdir():
        if path.is_file() and path.name != "argus":
            (fake / path.name).symlink_to(path)
    (fake / "argus").write_text(f"#!/bin/sh\n{LIARS[only].format(BIN)}\n", encoding="ascii")
    (fake / "argus").chmod(0o755)
    result = prove(folder, only, {"PANOPTES_BIN": str(fake)})
    equal((result.status, "  FAILED scan" in result.out), (1, True), str(result))


def frames(path):
    """(captured bytes, nanoseconds) of each frame of a pcap file with nanoseconds."""
    data = path.read_bytes()
    equal(data[:4], struct.pack("<I", 0xA1B23C4D), "magic")
    at = 24
    while at < len(data):
        seconds, fraction, captured, _ = struct.unpack_from("<IIII", data, at)
        at += 16 + captured
        yield data[at - captured:at], seconds * 10**9 + fraction


def ones_sum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def check_sums(frame):
    """The checksums of plain TCP and UDP over IPv4 are right; the addresses, or None."""
    if frame[12:14] != b"\x08\x00" or frame[14] != 0x45:
        return None
    size = struct.unpack_from(">H", frame, 16)[0]
    ip, rest = frame[14:34], frame[34:14 + size]
    equal(ones_sum(ip), 0xFFFF, "sum of a header")
    is_fragment = struct.unpack_from(">H", ip, 6)[0] & 0x3FFF
    if ip[9] in (6, 17) and not is_fragment and (ip[9] == 6 or rest[6:8] != bytes(2)):
        equal(ones_sum(ip[12:20] + bytes([0, ip[9]]) + struct.pack(">H", len(rest)) + rest),
              0xFFFF, "sum of a segment")
    return ip[12:20]


@cases.add("replicate: more packets of other hosts, in order, with right checksums")
def _():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source = generate(folder / "in.pcap", "-n", "2000", "-l", "2000")
        made = [folder / "a.pcap", folder / "b.pcap", folder / "c.pcap"]
        for path, seed in zip(made, "112"):
            result = call([tool("replicate"), "-n", 6500, "-l", 2000, "-s", seed, path, source])
            equal(result.status, 0, str(result))
        equal(made[0].read_bytes() == made[1].read_bytes(), True, "the same for the same seed")
        equal(made[0].read_bytes() == made[2].read_bytes(), False, "the same for another seed")
        got = list(frames(made[0]))
        equal(len(got), 6500, "packets")
        equal([time for _, time in got], sorted(time for _, time in got), "times")
        pairs = [{check_sums(frame) for frame, _ in got[at:at + 2000]} for at in (0, 2000, 4000)]
        equal([len(hosts) for hosts in pairs], 3 * [len(pairs[0])], "pairs of hosts in each round")
        equal(len(pairs[0] & pairs[1]) <= 1 and len(pairs[0]) > 20, True, "the rounds have others")


require("argus", "ra", "racluster", "racount")
if SANITIZED:
    skip_all("proofs are about time and memory, which sanitizers change")
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    cases.add_call("proofs, identity", check_proofs, scratch, "identity", 12)
    cases.add_call("proofs, conservation", check_proofs, scratch, "conservation", 4)
    cases.add_call("proofs, kill", check_proofs, scratch, "kill", 3)
    for kind in LIARS:
        cases.add_call(f"a sensor that lies, {kind}", check_liar, scratch, kind)
    cases.run()
