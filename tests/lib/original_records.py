# SPDX-License-Identifier: Apache-2.0
"""What the sensor of argus 3.0.8 makes of captures."""
from . import pool
from .programs import call, original

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
