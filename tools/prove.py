#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proofs at full size: the same bytes for any number of threads, every packet in a record or under
a name, memory within its limit, nothing lost when a sensor is stopped or a line is cut.

    make prove        or  tools/prove.py [--packets N] [--only identity,network]

Prints a line for each proof with its numbers; the status is 1 when one of them failed. Programs,
tools and captures are those of the tests (tests/lib/programs.py). Disk: about 250 bytes a packet.
"""
import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "live"), str(ROOT / "tools")]
from proofs import conservation, identity, kill, live, network  # noqa: E402
from proofs.report import Report  # noqa: E402
from proofs.traces import Traces  # noqa: E402

PACKETS = 20_000_000


def parse():
    parser = argparse.ArgumentParser(description="proofs at full size")
    parser.add_argument("--packets", type=int, default=PACKETS, help="of each trace")
    parser.add_argument("--flood", type=int, help="packets of the flood (2.5 times as many)")
    parser.add_argument("--seed", type=int, default=1, help="of random moments")
    parser.add_argument("--folder", type=pathlib.Path, help="keep the traces there")
    parser.add_argument("--only", default="identity,conservation,kill,live,network",
                        help="some of identity,conservation,kill,live,network")
    return parser.parse_args()


def main():
    options, report = parse(), Report()
    with tempfile.TemporaryDirectory(prefix="prove-") as scratch:
        folder = options.folder or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        traces = Traces(folder, options.packets)
        for name in options.only.split(","):
            if name == "identity":
                identity.prove(report, traces)
            elif name == "conservation":
                conservation.prove(report, traces, options.flood or options.packets * 5 // 2)
            elif name == "kill":
                kill.prove(report, traces, options.seed)
            elif name == "live":
                live.prove(report, folder)
            elif name == "network":
                network.prove(report, traces, options.seed)
            else:
                sys.exit(f"prove: there is no proof '{name}'")
    report.end()


if __name__ == "__main__":
    main()
