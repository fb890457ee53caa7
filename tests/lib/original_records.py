# SPDX-License-Identifier: Apache-2.0
"""What the sensor of argus 3.0.8 makes of captures."""
from . import pool
from .programs import CORPUS, call, original, run

AT_ONCE = 48  # argus 3.0.8 spends a second asleep in each run


def sense(captures, folder, *options):
    """Its record file of each capture, as bytes (none: empty), with all that it can measure."""
    def one(capture):
        path = folder / f"{capture.name}.argus"
        call([original("argus"), "-X", "-AJZRm", *options, "-r", capture, "-w", path], timeout=60)
        data = path.read_bytes() if path.exists() else b""
        path.unlink(missing_ok=True)
        return data

    return [data or b"" for _, data, _ in pool.each(one, captures, AT_ONCE)]


def sample(folder, most, biggest=1_000_000):
    """A file of its records of up to `most` captures of the corpus, without damaged ones; None if
    it, or the corpus, is not there."""
    captures = [path for path in sorted(CORPUS.rglob("*.pcap*")) if path.stat().st_size < biggest]
    if not captures or not original("argus"):
        return None
    parts = sense(captures[::max(1, len(captures) // most)], folder)
    raw, clean = folder / "raw.argus", folder / "clean.argus"
    raw.write_bytes(b"".join(parts))
    run("ra", "-X", "-r", raw, "-w", clean, status=None)
    raw.unlink()
    return clean


def settled(path, output, *words):
    """The records of a file that a filter selects, as programs of 3.0.8 write them: they make
    records anew, which changes them at first, and no more after some rounds."""
    clean = output.with_suffix(".clean")
    run("ra", "-X", "-r", path, "-w", clean, *words, status=None)
    for _ in range(4):
        output.unlink(missing_ok=True)
        call([original("rasort"), "-X", "-m", "trans", "-r", clean, "-w", output])
        if output.read_bytes() == clean.read_bytes():
            break
        clean.write_bytes(output.read_bytes())
    clean.unlink()
    return output
