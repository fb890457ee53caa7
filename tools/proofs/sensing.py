# SPDX-License-Identifier: Apache-2.0
"""A run of the sensor: what it said, what it took, and what became of its records."""
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

from lib.programs import BIN, NO_RC_FILES, call
from lib.tap import equal

SUMMARY = re.compile(r"packets: (\d+) read = (\d+) in flow records((?: \+ \d+ [\w-]+)*)"
                     r"; (\d+) flows, (\d+) records, (\d+) cut for memory")
SOME_DAMAGED = 3
MEGABYTE = 1 << 20
ENVIRONMENT = {**os.environ, **NO_RC_FILES}


class Account:
    """The sensor's closing line."""

    def __init__(self, text):
        found = SUMMARY.search(text)
        assert found, f"no account in: {text[-300:]}"
        self.read, self.recorded = int(found[1]), int(found[2])
        self.named = sum(int(count) for count in re.findall(r"\+ (\d+)", found[3]))
        self.flows, self.records, self.cut = (int(found[i]) for i in (4, 5, 6))
        equal(self.recorded + self.named, self.read, "packets in records and under named counters")


def start(options, output, **pipes):
    """A sensor at work; `output` is a file or -."""
    command = [BIN / "argus", "-X", "-v", "-q", *options, "-w", output]
    said = tempfile.TemporaryFile()  # not a pipe, which nobody empties while records are read
    process = subprocess.Popen([str(word) for word in command], stderr=said, env=ENVIRONMENT,
                               **pipes)
    process.said = said
    return process


class Ended:
    """How a sensor ended; its standard output was read before. `peak` is in bytes."""

    def __init__(self, process, statuses=(0,)):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        with process.said as said:
            said.seek(0)
            self.err = said.read().decode("utf-8", "replace")
        assert process.returncode in statuses, f"status {process.returncode}: {self.err[-300:]}"
        self.peak = usage.ru_maxrss * 1024


def digest(stream):
    sha = hashlib.sha256()
    size = 0
    while block := stream.read(1 << 18):
        sha.update(block)
        size += len(block)
    return sha.hexdigest(), size


class Digest(Ended):
    """A sensor whose output was not kept, but its SHA-256."""

    def __init__(self, options):
        process = start(options, "-", stdout=subprocess.PIPE)
        with process.stdout:
            self.hash, self.size = digest(process.stdout)
        super().__init__(process, (0, SOME_DAMAGED))
        self.account = Account(self.err)


def packets_of_count(text):
    """Records and packets as racount prints them; its records have the management's among them."""
    words = text.splitlines()[-1].split()
    return int(words[1]), int(words[2])


def packets_in(path):
    result = call([BIN / "racount", "-X", "-r", path], timeout=600)
    equal(result.status, 0, f"status of racount: {result.err}")
    return packets_of_count(result.out)[1]


def counted_by_others(path):
    """Packets as capinfos counts them; None without capinfos."""
    if not shutil.which("capinfos"):
        return None
    result = call(["capinfos", "-c", "-M", "-T", "-r", path], timeout=600)
    return int(re.search(r"\t(\d+)\s*$", result.out)[1])
