# SPDX-License-Identifier: Apache-2.0
"""What the sensor reads: a scan and a mix, made up to their size, and all captures there are."""
from lib.programs import CORPUS, call, tool
from lib.tap import Skip

SNAPLEN = "96"


def make(path, command):
    """The trace at this path, unless it was made before."""
    if path.exists():
        return path
    part = path.with_suffix(".part")
    result = call([*command, part] if command[0].name == "generate" else
                  [*command[:-1], part, *command[-1]], timeout=600)
    assert result.status == 0, str(result)
    part.rename(path)
    return path


def captures():
    """All captures of the corpus."""
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    if not files:
        raise Skip(f"no captures in {CORPUS}; set PANOPTES_CORPUS to a folder of some")
    return files


class Traces:
    """Traces by name; each is made when it is first asked for."""

    def __init__(self, folder, packets):
        self.folder, self.packets = folder, packets

    def scan(self):
        return make(self.folder / f"scan-{self.packets}.pcap",
                    [tool("generate"), "--mix", "scan", "--rate", "100000", "--snaplen", SNAPLEN,
                     "--packets", self.packets])

    def mixed(self):
        return make(self.folder / f"mixed-{self.packets}.pcap",
                    [tool("replicate"), "--rate", "100000", "--snaplen", SNAPLEN,
                     "--packets", self.packets, captures()])

    def inputs(self):
        """(name, function that gives the sensor's words for it)."""
        return [("scan", lambda: ["-r", self.scan()]),
                ("mixed", lambda: ["-r", self.mixed()]),
                ("corpus", lambda: ["--merge", "-r", *captures()])]
