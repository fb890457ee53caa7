# SPDX-License-Identifier: Apache-2.0
"""Records over the network, whatever happens to lines, programs and clients."""
from .away import away
from .clients import serve
from .cuts import RATE, cut
from .traces import Traces

PACKETS = 5_000_000


def empty(folder, name):
    path = folder / name
    path.mkdir()
    return path


def prove(report, traces, seed):
    packets = min(traces.packets, PACKETS)
    some = min(packets, PACKETS * 2 // 5)
    folder = traces.folder
    capture = Traces(folder, packets).scan()
    report.title("Sensor, collector and store on three hosts")
    report.check("cut and killed", cut, capture, empty(folder, "cuts"), seed, packets / RATE)
    report.check("away, a gap", away, capture, empty(folder, "gap"), seed, some, False)
    report.check("away, a spool at the sensor", away, capture, empty(folder, "spool"), seed, some,
                 True)
    report.title("Clients that stall, and that go away")
    report.check("200 clients", serve, capture, empty(folder, "clients"), seed, some)
