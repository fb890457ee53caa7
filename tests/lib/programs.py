# SPDX-License-Identifier: Apache-2.0
"""Running our programs and their peers, and finding captures to run them on.

    PANOPTES_BIN     folder of our programs (default build/bin)
    PANOPTES_TOOLS   folder of our tools (default build/tools)
    PANOPTES_CORPUS  folder of real captures (default ../shared/corpus beside the source tree)
    PANOPTES_SAMPLE  use only every n-th file of the corpus (slow builds)
"""
import os
import pathlib
import re
import shutil
import subprocess

from .tap import Skip, skip_all

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PANOPTES_BIN", ROOT / "build" / "bin")).absolute()
TOOLS = pathlib.Path(os.environ.get("PANOPTES_TOOLS", ROOT / "build" / "tools")).absolute()
CORPUS = pathlib.Path(os.environ.get("PANOPTES_CORPUS", ROOT.parent / "shared" / "corpus"))
TIMEOUT = 120
# Start-up files of this machine, and of who sits at it, are none of the tests' business.
NO_RC_FILES = {"PANOPTES_RC": "", "PANOPTES_CONF": "", "PANOPTES_RADIUM_CONF": "",
               "HOME": "/nowhere", "ARGUSPATH": "", "ARGUSHOME": ""}
SANITIZED = "asan" in str(BIN)  # slow, and its memory says nothing
SANITIZER = re.compile(r"(ERROR: \w*Sanitizer|runtime error: )")


class Result:
    """How a program ended. Text is decoded leniently; `out_bytes` is exact."""

    def __init__(self, command, done):
        self.command = " ".join(command)
        self.status = done.returncode
        self.out_bytes = done.stdout
        self.out = done.stdout.decode("utf-8", "replace")
        self.err = done.stderr.decode("utf-8", "replace")

    def __str__(self):
        return f"{self.command}\nstatus {self.status}\n{self.out[-2000:]}{self.err[-2000:]}"


def call(command, stdin=None, timeout=TIMEOUT, env=None):
    """Runs a foreign command; a Result whatever its status."""
    environment = {**os.environ, **NO_RC_FILES, "LC_ALL": "C", "TZ": "UTC", **(env or {})}
    if not str(command[0]).startswith((str(BIN), str(TOOLS))):
        environment.pop("MALLOC_PERTURB_", None)  # argus 3.0.8 writes memory that it never set
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout,
                              check=False, env=environment,
                              stdin=subprocess.DEVNULL if stdin is None else None)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"still running after {timeout} s: {' '.join(command)}") from None
    return Result(command, done)


def program(name):
    """Path of one of our programs."""
    path = BIN / name
    if not path.exists():
        raise Skip(f"{path} is not built")
    return path


def tool(name):
    path = TOOLS / name
    if not path.exists():
        raise Skip(f"{path} is not built")
    return path


def run(name, *args, stdin=None, timeout=TIMEOUT, status=0):
    """Runs one of our programs; fails unless it ends with `status` (None: any but a crash)."""
    result = call([program(name), *args], stdin, timeout)
    if result.status < 0 or SANITIZER.search(result.err):
        raise AssertionError(f"crashed: {result}")
    if status is not None and result.status != status:
        raise AssertionError(f"status {status} was expected: {result}")
    return result


def require(*names):
    """Ends the test program, skipped, if one of our programs is not there."""
    for name in names:
        if not (BIN / name).exists():
            skip_all(f"{BIN / name} is not built")


def sense(capture, output, *options):
    """Runs our sensor over one capture or a list of them; the path of the record file."""
    captures = capture if isinstance(capture, (list, tuple)) else [capture]
    run("argus", "-q", "-r", *captures, *options, "-w", output)
    return output


def rows(path, fields, *options):
    """The flow records of a file as dicts of text by field name, read with our ra."""
    result = run("ra", "-X", "-r", path, "-L", "-1", "-c", ",", "-nn", "-u", "-p", "6",
                 "-s", *fields, *options, status=None)
    if result.status not in (0, 1) or (result.status == 1 and result.err):
        raise AssertionError(f"ra failed: {result}")
    return rows_of(result.out, fields)


def rows_of(text, fields):
    """Comma separated lines as dicts. `flgs` and `dir` lose their blanks."""
    out = []
    for line in text.splitlines():
        values = line.split(",")
        if len(values) != len(fields):
            raise AssertionError(f"{len(fields)} columns were expected in '{line}'")
        out.append({field: value.strip() for field, value in zip(fields, values)})
    return out


# --- the original --------------------------------------------------------------------------------

def original(name):
    """Path of a program of argus 3.0.8.2, or None."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if not path:
        return None
    said = subprocess.run([path, "-h"], capture_output=True, text=True, check=False).stdout
    said += subprocess.run([path, "-h"], capture_output=True, text=True, check=False).stderr
    return pathlib.Path(path) if "Version 3.0.8" in said else None


def require_original(*names):
    for name in names:
        if not original(name):
            skip_all(f"{name} of argus 3.0.8 is not installed (Debian: argus-server, argus-client)")


# --- captures ------------------------------------------------------------------------------------

def corpus():
    """All files of the corpus, sorted; ends the test program, skipped, when there is none."""
    files = sorted(p for p in CORPUS.glob("*") if p.is_file()) if CORPUS.is_dir() else []
    if not files:
        skip_all(f"no captures in {CORPUS}; set PANOPTES_CORPUS to a folder of some")
    return files[::int(os.environ.get("PANOPTES_SAMPLE", "1"))]


def generate(output, *options):
    """A capture of made-up traffic."""
    result = call([tool("generate"), *options, output])
    if result.status:
        raise AssertionError(f"generate failed: {result}")
    return pathlib.Path(output)
