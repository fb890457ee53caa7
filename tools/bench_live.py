# SPDX-License-Identifier: Apache-2.0
"""Live capture at rising rates, beside argus 3.0.8, at a virtual cable."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "live")]


def bench_live(options, folder):
    """A line for each rate, up to what the sender can do."""
    os.environ["PANOPTES_BIN"] = str(options.bin)  # which the modules below look up when loaded
    os.environ["PANOPTES_TOOLS"] = str(options.tools)
    from lib.programs import original
    from lib.tap import Skip
    from proofs import live
    print(f"\nlive capture: {live.LENGTH} bytes a packet, {live.SECONDS} s at each rate")
    try:
        live.require()
    except Skip as why:
        print(f"  skipped: {why}")
        return
    print(f"  {'':28} {'sent/s':>9} {'lost':>8} {'of them told':>13} {'cpu µs each':>12} {'MB':>6}")
    for name, sensor in (("argus", live.ours), ("argus 3.0.8", live.theirs)):
        if sensor is live.theirs and not original("argus"):
            print(f"  {name:28} not installed")
            continue
        known = []
        for measured in live.series(sensor, folder):
            known.append(measured)
            lost = measured.sent - measured.in_flows
            print(f"  {name:28} {measured.rate:9,.0f} {lost:8,} {measured.dropped:13,} "
                  f"{measured.cpu_us:12.2f} {measured.megabytes:6.0f}", flush=True)
        print(f"  {name + ', nothing lost up to':28} {live.best_text(known)}")
