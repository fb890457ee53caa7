# SPDX-License-Identifier: Apache-2.0
"""racluster -f: thousands of rules beside ten."""
import random

KINDS = (
    "dst host {host}",
    "src net {client}/{bits} and dst port {port}",
    "tcp and dst port {port} and src host {client}",
    "net {host}/{bits} and udp",
    "host {client} and (port {port} or 443) and pkts gt {packets}",
)


def make_rules(path, count):
    """Rules of many kinds, about the hosts of the trace."""
    numbers = random.Random(1)
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            text = KINDS[i % len(KINDS)].format(
                host=f"198.18.{numbers.randrange(256)}.{numbers.randrange(256)}",
                client=f"10.0.{numbers.randrange(64)}.{numbers.randrange(256)}",
                bits=numbers.randrange(20, 33), port=numbers.randrange(1, 65536),
                packets=numbers.randrange(20))
            out.write(f'filter="{text}" model="saddr daddr proto dport" label="rule {i}"\n')
    return path


def bench_rules(options, folder, table, count, records):
    """`table` is the class of tables, `count` the number of records."""
    merged = folder / "merged.argus"
    lines = table("racluster -f: the first rule that matches", count, "records", options.runs)
    for rules in (10, 10_000):
        path = make_rules(folder / f"rules-{rules}", rules)
        lines.add(f"{rules:,} rules", ["sh", "-c", f"rm -f {merged}; exec {options.bin}/racluster "
                                       f"-X -f {path} -r {records} -w {merged}"])
