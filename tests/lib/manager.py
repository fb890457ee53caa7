# SPDX-License-Identifier: Apache-2.0
"""A service manager, as sd_notify(3) knows it: programs that it starts tell it how they fare."""
import contextlib
import os
import socket
import time

from . import streams


class Manager:
    """Listens; `environment` is for the programs. A name that begins with @ is an abstract one."""

    def __init__(self, name, watchdog=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + str(name)[1:] if str(name).startswith("@") else str(name))
        if not str(name).startswith("@"):
            os.chmod(name, 0o777)
        self.environment = {"NOTIFY_SOCKET": str(name)}
        if watchdog:
            self.environment["WATCHDOG_USEC"] = str(int(watchdog * 1e6))
        self.told = []  # pairs of time and message

    def messages(self):
        """All that was ever told, each message as a dict of its lines."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text = self.socket.recv(65536, socket.MSG_DONTWAIT).decode()
                self.told.append(dict(line.split("=", 1) for line in text.split("\n")))
        return self.told

    def count(self, name):
        return sum(name in message for message in self.messages())

    def wait_for(self, name, more_than=0):
        """Waits until there is such a message, or one more than there were."""
        streams.wait_for(lambda: self.count(name) > more_than, f"{name} is told")
        return next(m for m in reversed(self.told) if name in m)

    def is_silent(self, name, seconds):
        """True if nothing of that name comes in so many seconds."""
        before = self.count(name)
        time.sleep(seconds)
        return self.count(name) == before

    @contextlib.contextmanager
    def asks(self):
        """Programs that are started in here have the variables."""
        saved = dict(os.environ)
        os.environ.update(self.environment)
        try:
            yield self
        finally:
            os.environ.clear()
            os.environ.update(saved)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
