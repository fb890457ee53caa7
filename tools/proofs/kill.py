# SPDX-License-Identifier: Apache-2.0
"""A sensor that is stopped at any moment has lost nothing that it read; one that is killed leaves
a file that every tool reads to its last whole record."""
import os
import random
import shutil
import signal
import subprocess
import time

from lib.programs import BIN, original
from lib.tap import equal

from .sensing import ENVIRONMENT, Account, Ended, digest, packets_in, start

MOMENTS = 12
INTERRUPTED = 3  # the status of a sensor that was stopped before the end
KILLS = 4
KILLED_WITHIN = 0.5  # seconds: long files would have every program read for minutes
# Each with its words; {} is the file. What they print, or write to "out", is compared.
TOOLS = ["ra -nn -L -1 -r {}", "ra -r {} -w -", "racluster -r {} -w -",
         "rasort -m bytes -r {} -w -", "racount -r {}", "rabins -M time 1s -r {} -w -",
         "radark -q -r {}", "rastrip -r {} -w -", "rahosts -r {}", "raports -r {}",
         "ratimerange -r {}", "rafilteraddr -f nets -r {} -w -", "rasplit -M time 1s -w out -r {}"]
ORIGINAL = ["ra -n -L -1 -r {}", "racluster -n -L -1 -r {}", "rasort -n -L -1 -r {}"]


def how_long(words, output):
    """Seconds that reading it all takes."""
    begin = time.monotonic()
    Ended(start(words, output, stdout=subprocess.DEVNULL))
    output.unlink()
    return time.monotonic() - begin


def stop_at(words, output, seconds, number):
    """Sends the signal so long after the file is there."""
    process = start(words, output, stdout=subprocess.DEVNULL)
    while not output.exists() or not output.stat().st_size:
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(process.pid, number)
    return process


def stopped(words, folder, seed):
    """SIGINT or SIGTERM at random moments of reading a trace."""
    output, rng = folder / "stopped.argus", random.Random(seed)
    output.unlink(missing_ok=True)
    whole = how_long(words, output)
    least, most = None, 0
    for moment in range(MOMENTS):
        threads = (1, 2, 3, 8)[moment % 4]
        seconds = rng.uniform(0, 0.95 * whole)
        number = rng.choice((signal.SIGINT, signal.SIGTERM))
        process = stop_at([*words, "--threads", threads], output, seconds, number)
        account = Account(Ended(process, (0, INTERRUPTED)).err)
        equal(packets_in(output), account.recorded, f"packets in records, stopped at {seconds} s")
        least = account.read if least is None else min(least, account.read)
        most = max(most, account.read)
        output.unlink()
    return f"{MOMENTS} moments, after {least:,} to {most:,} packets, all of them in records"


def whole_records(path):
    """The size of the file to the end of its last whole record, and the number of those."""
    with open(path, "rb") as file:
        data = file.read()
    at = count = 0
    while at + 4 <= len(data):
        size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
        if not size or at + size > len(data):
            break
        at, count = at + size, count + 1
    return at, count


def answer(command, path, folder):
    """SHA-256 of what a program makes of a file."""
    program, *words = command.split()
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (work / "nets").write_text("10.0.0.0/8\n", encoding="ascii")
    link = work / "in.argus"
    os.link(path, link)
    process = subprocess.Popen([program, *(word.replace("{}", link.name) for word in words)],
                               cwd=work, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={**ENVIRONMENT, "TZ": "UTC"})
    with process.stdout:
        printed = digest(process.stdout)
    assert process.wait() >= 0, f"{command}: signal {-process.returncode}"
    written = work / "out"
    return printed, digest(open(written, "rb")) if written.exists() else None


def compare(commands, killed, whole, folder):
    for command in commands:
        equal(answer(command, killed, folder), answer(command, whole, folder),
              f"what {command} makes of a killed file and of its whole records")


def killed(words, folder, seed):
    """SIGKILL at random moments; what was left behind is cut short, too."""
    output, whole = folder / "killed.argus", folder / "whole.argus"
    output.unlink(missing_ok=True)
    rng, records = random.Random(seed), []
    seconds = min(how_long(words, output), KILLED_WITHIN)
    ours = [f"{BIN}/{command.replace(' ', ' -X ', 1)}" for command in TOOLS]
    theirs = [f"{original(command.split()[0])} -X {command.split(' ', 1)[1]}"
              for command in ORIGINAL if original(command.split()[0])]
    for _ in range(KILLS):
        Ended(stop_at(words, output, rng.uniform(0, seconds), signal.SIGKILL),
              (-signal.SIGKILL, 0))
        os.truncate(output, max(0, output.stat().st_size - rng.randrange(1, 60)))
        end, count = whole_records(output)
        shutil.copyfile(output, whole)
        os.truncate(whole, end)
        compare(ours + theirs, output, whole, folder)
        records.append(count)
        output.unlink()
        whole.unlink()
    shutil.rmtree(folder / "work")
    assert max(records) > 1, "all files were empty"
    return (f"{KILLS} files of {min(records):,} to {max(records):,} records, "
            f"{len(ours)} programs, {len(theirs)} of 3.0.8")


def prove(report, traces, seed):
    report.title("Stopped and killed at random moments")
    report.check("stopped, scan", lambda: stopped(["-r", traces.scan()], traces.folder, seed))
    report.check("stopped, mixed", lambda: stopped(["-r", traces.mixed()], traces.folder, seed))
    report.check("killed, scan", lambda: killed(["-r", traces.scan()], traces.folder, seed))
