#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Access rules: who is served, by address and certificate, and what each may see."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib import streams  # noqa: E402
from lib.certificates import Certificates, available  # noqa: E402
from lib.programs import call, generate, original, require, run, sense  # noqa: E402
from lib.streams import Program  # noqa: E402
from lib.tap import Cases, Skip, equal  # noqa: E402

require("ra", "argus", "radium")
cases = Cases("access rules")
scratch = tempfile.TemporaryDirectory()
folder = pathlib.Path(scratch.name)
CAPTURE = generate(folder / "a.pcap", "--packets", "5000", "--seed", "3")
FILE = sense(CAPTURE, folder / "a.argus")
made = Certificates(folder)
if available():
    made.authority("ours")
    made.certificate("localhost", "ours")
    made.certificate("store", "ours", "DNS:store.example.org")
    made.certificate("desk.example.org", "ours")
    made.certificate("other", "ours", "DNS:other.net")


def rules(text):
    path = folder / f"rules.{len(list(folder.iterdir()))}"
    path.write_text(text)
    return path


def printed(*words):
    return run("ra", "-X", "-n", "-r", FILE, "-L", "-1", "-", "not man", *words).out


class Serving(Program):
    """A sensor, or radium, that plays when one client was there."""

    def __init__(self, program, text, *options):
        self.port = streams.free_port()
        self.name = f"127.0.0.1:{self.port}"
        source = CAPTURE if program == "argus" else FILE
        super().__init__(folder, program, "-X", *(["-q"] if program == "argus" else []), "-r",
                         source, "-P", self.port, "--wait-clients", "1", "--access", rules(text),
                         *options)
        streams.wait_for(lambda: streams.is_listening(self.port) or not self.is_running(),
                         "it listens")


@cases.add()
def no_more_than_the_rule_says():
    """Whatever is asked for, and by whichever program."""
    for program in ("argus", "radium"):
        for asked, seen in (([], ["udp"]), (["udp or tcp"], ["udp"]),
                            (["dst port 53"], ["udp and dst port 53"]), (["tcp"], ["none"])):
            wanted = "" if seen == ["none"] else printed("and", *seen)
            with Serving(program, 'deny 10.0.0.0/8\nallow 127.0.0.0/8 filter "udp"\nallow any\n') \
                    as server:
                got = run("ra", "-X", "-n", "-S", server.name, "-L", "-1", "-",
                          *(asked or ["ip or arp"]), "and not man",
                          status=0 if wanted else 1).out
                server.wait(0)
            equal(got, wanted, f"{program} {asked}")


@cases.add()
def clients_of_308():
    if not original("ra"):
        raise Skip("ra of 3.0.8 is not installed (Debian: argus-client)")
    wanted = call([original("ra"), "-X", "-n", "-r", FILE, "-L", "-1", "-", "udp"]).out
    for words in ([], ["-", "udp or tcp"]):
        with Serving("radium", 'allow 127.0.0.1 filter "udp"\n') as server, \
                Program(folder, original("ra"), "-X", "-n", "-S", server.name, "-L", "-1",
                        *words) as ra:
            streams.wait_for(lambda ra=ra: "".join(
                line for line in ra.out.splitlines(True) if " man " not in line) == wanted,
                "its records")
    with Serving("radium", "deny 127.0.0.1\nallow any\n") as server:
        with Program(folder, original("ra"), "-X", "-n", "-S", server.name) as ra:
            streams.wait_for(lambda: "remote access denied" in ra.err, "it is refused")
            equal(ra.out, "")
        equal(server.err.count("refused: "), 1)


@cases.add()
def nobody_whom_no_rule_allows():
    with Serving("argus", "allow 192.0.2.0/24\n") as server:
        for _ in range(3):
            result = run("ra", "-X", "-S", server.name, status=1)
            assert "refuses access" in result.err, result
            equal(result.out, "")
        equal(server.err.count("refused"), 1)


@cases.add()
def names_of_certificates():
    if not available():
        raise Skip("the program openssl is not installed, which makes certificates")
    text = ('allow cert store.example.org filter "udp"\n'
            "allow 127.0.0.0/8 cert .example.org\n"
            "deny any\n")
    secure = made.options("localhost")
    for program in ("argus", "radium"):
        for client, wanted in (("store", printed("and udp")), ("desk.example.org", printed())):
            with Serving(program, text, *secure) as server:
                name = f"argus-tls://localhost:{server.port}"
                result = run("ra", "-X", "-S", name, *made.options("other"), status=1)
                assert "refuses access" in result.err, result
                equal(result.out, "")
                got = run("ra", "-X", "-n", "-L", "-1", "-S", name, *made.options(client),
                          "-", "local not man").out
                server.wait(0)
            equal(got, wanted, client)
            line = 1 if client == "store" else 2
            assert f"connected, by line {line} of the access rules" in server.err, server.err
            equal(server.err.count("line 3 of the access rules denies it"), 1)


@cases.add()
def wrong_files():
    for text, wanted in (
            ("allow any\nallow 10.0.0.0/40\n", "line 2, column 7: '10.0.0.0/40' is no network"),
            ("allow any filter 'prot 5'\n", "line 1, column 19"),
            ("", "there is no rule"),
            ("allow cert x\n", "rules about certificates need --tls-cert")):
        path = rules(text)
        for program, source in (("argus", CAPTURE), ("radium", FILE)):
            result = run(program, "-X", "-r", source, "-P", "1", "--wait-clients", "1", "--access",
                         path, status=1)
            assert f"{program}: " in result.err and wanted in result.err, result
            assert str(path) in result.err, result
    run("radium", "-X", "-r", FILE, "-P", "1", "--access", folder / "not there", status=1)


cases.run()
