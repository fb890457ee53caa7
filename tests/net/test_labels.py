#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""radium labels records, as ralabel of argus 3.0.8 does."""
import pathlib
import signal
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.packets import (ETHER_ARP, Capture, arp, echo, ether, ip4, ip6, raw, tcp,  # noqa: E402
                         udp)
from lib.programs import call, generate, original, require, run, sense  # noqa: E402
from lib.streams import Program, Server  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "argus", "radium")
cases = Cases("radium labels records")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)

(folder / "addresses").write_text('10.0.0.2 "server"\n10.0.0.0/8 "inside"\n192.0.2.0/24 "docs"\n'
                                  '10.1.0.0/16\n')
(folder / "ports").write_text("# name port/protocol\nhttp 80/tcp www\ndomain 53/udp\n"
                              "domain 53/tcp\nfour 4444/sctp\n")
(folder / "flows").write_text('# rules\nfilter="tcp and port 80" label="web" cont\n'
                              'filter="tcp" label="any-tcp"\n\nfilter="udp" label="u"\n'
                              'filter="arp" label="neighbours"\n')
CONF = folder / "labels.conf"
CONF.write_text("".join(f"RALABEL_{kind}=yes\nRALABEL_{kind}_FILE=\"{folder}/{name}\"\n" for
                        kind, name in (("IANA_ADDRESS", "addresses"), ("IANA_PORT", "ports"),
                                       ("ARGUS_FLOW", "flows"))))


def made_by_hand():
    capture = Capture()
    frames = [ip4(a, b, tcp(p, q, "S")) for a, b, p, q in (
        ("10.0.0.1", "10.0.0.2", 1000, 80), ("10.0.0.2", "192.0.2.1", 1001, 80),
        ("192.0.2.1", "10.9.9.9", 80, 2000), ("1.2.3.4", "4.5.6.7", 1002, 22))]
    frames += [ip4("10.0.0.1", "8.8.8.8", udp(p, q, 10)) for p, q in
               ((5000, 53), (53, 53), (80, 81))]
    frames += [ip4("10.0.0.1", "10.0.0.3", echo(8)),
               ip4("10.0.0.1", "10.1.0.2", raw(132, bytes([0, 80, 0, 80]) + bytes(24)))]
    for i, frame in enumerate(frames):
        capture.add(i, ether(frame))
    capture.add(20, ether(arp(1, "10.0.0.1", "10.0.0.2"), ethertype=ETHER_ARP))
    return sense(capture.write(folder / "hand.pcap"), folder / "hand.argus")


HAND = made_by_hand()
COLUMNS = ("-L", "-1", "-c", "|", "-s", "proto", "saddr", "sport", "daddr", "dport", "label")


def labelled(path, *options):
    """What radium makes of a file."""
    out = folder / f"{path.name}.labelled"
    out.unlink(missing_ok=True)
    run("radium", "-X", "-r", path, "-w", out, *options)
    return out


def printed(path, *words):
    return run("ra", "-X", "-n", "-r", path, *COLUMNS, *words).out.splitlines()


@cases.add()
def as_ralabel_of_308():
    if not original("ralabel"):
        raise Skip("ralabel of 3.0.8 is not installed (Debian: argus-client)")
    many = sense(generate(folder / "many.pcap", "--packets", "5000", "--seed", "4"),
                 folder / "many.argus")
    for path in (HAND, many):
        theirs = folder / f"{path.name}.308"
        call([original("ralabel"), "-X", "-f", CONF, "-r", path, "-w", theirs])
        ours = labelled(path, "--labels", CONF)
        words = ("-", "not man and not net ::/0")  # of which it knows no addresses and ports
        wanted, got = printed(theirs, *words), printed(ours, *words)
        equal(len(got), len(wanted))
        for one, other in zip(got, wanted):
            equal(one, other)
        assert sum("addr=" in line for line in wanted) > 5, wanted


@cases.add()
def nothing_else_changes():
    """What gets no label is written as the bytes that came in."""
    plain = printed(HAND)
    out = printed(labelled(HAND, "--labels", CONF))
    equal([line.rsplit("|", 1)[0] for line in out], [line.rsplit("|", 1)[0] for line in plain])
    empty = folder / "empty.conf"
    empty.write_text("# nothing\nRALABEL_IANA_ADDRESS=no\nRALABEL_BIND_NAME=no\n")
    one, other = labelled(HAND, "--labels", empty).read_bytes(), labelled(HAND).read_bytes()
    equal(len(one), len(other))


@cases.add()
def ipv6_too():
    capture = Capture()
    capture.add(0, ether(ip6("fd00::1", "fd01::2", udp(5, 53))))
    path = sense(capture.write(folder / "six.pcap"), folder / "six.argus")
    (folder / "six").write_text('fd00::/8 "ours"\nfd00::/16 "lab"\n')
    conf = folder / "six.conf"
    conf.write_text(f"RALABEL_IANA_ADDRESS=yes\nRALABEL_IANA_ADDRESS_FILE={folder}/six\n")
    lines = printed(labelled(path, "--labels", conf))
    assert any(line.endswith("saddr=ours,lab:daddr=ours") for line in lines), lines


@cases.add()
def filters_see_labels():
    """Those of files and of clients do; SIGHUP reads new ones."""
    conf, out = folder / "radium.conf", folder / "web.argus"
    port = streams.free_port()
    data = HAND.read_bytes()

    ready = threading.Semaphore(0)

    def hold(connection):
        connection.sendall(data[:128])
        while True:
            ready.acquire()
            connection.sendall(data[128:])

    with Server(hold) as server:
        conf.write_text(f'RADIUM_ARGUS_SERVER={server.name}\nRADIUM_ACCESS_PORT={port}\n'
                        f'RADIUM_CLASSIFIER_FILE={CONF}\n'
                        f'RADIUM_OUTPUT_FILE={out} "label web"\n')
        with Program(folder, "radium", "-f", conf) as radium:
            streams.wait_for(lambda: streams.is_listening(port), "radium listens")
            with Program(folder, "ra", "-X", "-n", "-S", f"127.0.0.1:{port}", *COLUMNS, "-",
                         "label", "docs") as ra:
                streams.wait_for(lambda: "connected" in radium.err, "the client is there")
                ready.release()
                streams.wait_for(lambda: len(ra.out.splitlines()) == 2, "its records")
                equal(len(printed(out, "-", "not man")), 3)
                (folder / "flows").write_text('filter="tcp and port 22" label="web"\n')
                radium.process.send_signal(signal.SIGHUP)
                streams.wait_for(lambda: "read again" in radium.err, "it is read again")
                ready.release()
                streams.wait_for(lambda: len(ra.out.splitlines()) == 4, "its records again")
                streams.wait_for(lambda: len(printed(out, "-", "not man")) == 4, "one more")
                radium.stop()


@cases.add()
def wrong_files():
    wrong = folder / "wrong.conf"
    for text, wanted in (
            ("RALABEL_IANA_ADDRESS=yes\n", "RALABEL_IANA_ADDRESS needs RALABEL_IANA_ADDRESS_FILE"),
            ("RALABEL_GEOIP_ASN=yes\n", "line 1: RALABEL_GEOIP_ASN: 'yes' is not supported"),
            ("RALABEL_COLOUR=1\n", "line 1: the variable RALABEL_COLOUR is not known"),
            ("nonsense\n", "line 1: NAME=value is expected"),
            (f"RALABEL_ARGUS_FLOW=yes\nRALABEL_ARGUS_FLOW_FILE={folder}/rule\n",
             "rule: line 2, column 13"),
            ("RALABEL_IANA_PORT=yes\nRALABEL_IANA_PORT_FILE=/nowhere\n", "/nowhere")):
        wrong.write_text(text)
        (folder / "rule").write_text('filter="tcp" label="x"\nfilter="tcp prot" label="y"\n')
        result = run("radium", "-X", "-r", HAND, "-w", folder / "none", "--labels", wrong, status=1)
        assert wanted in result.err and str(wrong) in result.err, result
    equal((folder / "none").exists(), False)


cases.run()
