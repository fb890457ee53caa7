# SPDX-License-Identifier: Apache-2.0
"""Both ends of a stream of records, for tests: servers and clients as simple as can be, and
programs that go on while a test talks with them. All of it on loopback, on ports that are free."""
import contextlib
import os
import random
import socket
import subprocess
import threading
import time

from .programs import BIN, NO_RC_FILES, SANITIZER

HEAD_SIZE = 128
PATIENCE = 20


RESERVED = []  # sockets that tell other tests, of whoever, which ports are ours until we end


def free_port():
    """A port that nobody listens on, for programs that cannot choose one themselves. It is none of
    those that the system gives to connections: somebody else's would be in the way of ours. Nor is
    it one that another test was given, and whose program is still to listen there."""
    while True:
        port = random.SystemRandom().randrange(15000, 32000)
        with contextlib.closing(socket.socket()) as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            mark = socket.socket(socket.AF_UNIX)
            mark.bind(f"\0panoptes-test-port-{port}")
            RESERVED.append(mark)
            return port


def wait_for(condition, what, patience=PATIENCE):
    """Waits until condition() holds, and gives what it gave."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {patience} s: {what}")


def is_listening(port):
    """Does somebody listen there? A connection to find out might be taken for a client."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError), open(table, encoding="ascii") as lines:
            for line in list(lines)[1:]:
                local, _, state = line.split()[1:4]
                if state == "0A" and int(local.split(":")[1], 16) == port:
                    return True
    return False


def split_records(data):
    """The records of a stream or file as bytes, its head first; half a one at the end is not."""
    out = [data[:HEAD_SIZE]] if len(data) >= HEAD_SIZE else []
    at = HEAD_SIZE
    while at + 4 <= len(data):
        size = 4 * int.from_bytes(data[at + 2:at + 4], "big")
        if not size or at + size > len(data):
            break
        out.append(data[at:at + size])
        at += size
    return out


class Server:
    """Serves each connection with handler(connection), one after the other, in a thread."""

    def __init__(self, *handlers):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.name = f"127.0.0.1:{self.port}"
        self.handlers = handlers
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        for handler in self.handlers:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(PATIENCE)
                with contextlib.suppress(OSError):
                    handler(connection)

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Program:
    """One of our programs, or a foreign one, that goes on while the test does. What it says goes to
    files in `folder`. Leaving the `with` block ends it."""

    def __init__(self, folder, *command, name=None):
        self.command = [str(word) for word in command]
        if "/" not in self.command[0]:
            self.command[0] = str(BIN / self.command[0])
        name = name or os.path.basename(self.command[0])
        count = len(os.listdir(folder))
        self.out_path, self.err_path = (folder / f"{name}.{count}.{e}" for e in ("out", "err"))
        environment = {**os.environ, **NO_RC_FILES, "LC_ALL": "C", "TZ": "UTC"}
        if not self.command[0].startswith(str(BIN)):
            environment.pop("MALLOC_PERTURB_", None)
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, env=environment)

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def wait(self, status=0, patience=PATIENCE):
        """Waits for its end, which must have this status (None: any but a crash)."""
        try:
            got = self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running: {self}") from None
        if SANITIZER.search(self.err) or (status is not None and got != status) or got < -15:
            raise AssertionError(f"status {got}, not {status}: {self}")
        return self

    def stop(self, status=0):
        self.process.terminate()
        return self.wait(status)

    def __str__(self):
        return f"{' '.join(self.command)}\n{self.out[-1500:]}\n{self.err[-1500:]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_running():
            self.process.kill()
            self.process.wait()
