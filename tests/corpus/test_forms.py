#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All records of the corpus in every form of output, with every field, read by others' parsers.

JSON must be as its schema says, XML well-formed, CSV what the csv module reads; and all of them
must say the same as the columns do.
"""
import csv
import datetime
import io
import json
import os
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from lib.programs import corpus, require, run  # noqa: E402
from lib.tap import Cases, equal  # noqa: E402

cases = Cases("forms of output")
scratch = tempfile.TemporaryDirectory()
RECORDS = pathlib.Path(scratch.name) / "all.argus"
FIELDS, JSON_NAMES, KINDS = [], {}, {}
BY_THE_CLOCK = ("idle",)  # another value a second later


def ra(*options):
    return run("ra", "-r", RECORDS, "-n", *options).out_bytes


def rows_of_csv(*options):
    return list(csv.reader(io.StringIO(ra("--csv", *options).decode(), newline="")))


def objects(*options):
    return [json.loads(line) for line in ra("--json", *options).decode().splitlines()]


@cases.add()
def _csv_has_the_columns_of_the_text():
    comma = [f for f in FIELDS if f not in ("flgs", "dir", "suser", "duser", "label", "cid",
                                          *BY_THE_CLOCK)]
    text = ra("-c", ",", "-u", "-L", "-1", "-s", *comma).decode().splitlines()
    rows = rows_of_csv("-u", "-s", *comma)
    equal(rows[0], comma, "header")
    equal(len(rows) - 1, len(text), "records")
    for row, line in zip(rows[1:], text):
        equal(row, [cell.strip() for cell in line.split(",")], "record")


@cases.add()
def _json_is_as_the_schema_says():
    schema = json.loads(run("ra", "--json-schema").out)
    properties = schema["properties"]
    equal(sorted(properties), sorted(JSON_NAMES.values()), "properties")
    types = {"integer": int, "number": (int, float), "string": str}
    seen = set()
    for record in objects("-M", "man", "-s", *FIELDS):
        for name, value in record.items():
            kind = properties[name]
            allowed = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
            assert any(isinstance(value, types[word]) for word in allowed), \
                f"{name} is {value!r}, not {kind}"
            if kind.get("format") == "date-time":
                datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value), value
            seen.add(name)
    assert len(seen) > 80, f"only {len(seen)} properties were seen: {sorted(seen)}"


@cases.add()
def _json_says_what_columns_say():
    chosen = [f for f in FIELDS if KINDS[f] in ("integer", "seconds", "address") and
              f not in BY_THE_CLOCK]
    rows = rows_of_csv("-s", *chosen)[1:]
    for row, record in zip(rows, objects("-s", *chosen)):
        for field, cell in zip(chosen, row):
            got = record.get(JSON_NAMES[field])
            if got is None or not cell or cell == "Broadcast":
                continue
            wanted = cell if KINDS[field] == "address" else float(int(cell, 16)) \
                if cell.startswith("0x") else float(cell)
            equal(got, wanted, field)


@cases.add()
def _xml_is_well_formed():
    root = xml.etree.ElementTree.fromstring(ra("-M", "xml", "man", "-s", *FIELDS))
    equal(root.tag, "ArgusDataStream", "root")
    count = len(ra("-M", "man", "-L", "-1").splitlines())
    equal(len(root), count, "elements")
    equal({child.tag for child in root}, {"ArgusFlowRecord", "ArgusManagementRecord"}, "elements")
    names = set().union(*(child.attrib for child in root))
    assert {"StartTime", "SrcAddr", "DstPort", "Dir", "SrcMacAddr", "Pkts"} <= names, sorted(names)


@cases.add()
def _forms_have_as_many_records():
    count = len(ra("-L", "-1").splitlines())
    equal(len(objects()), count, "JSON")
    equal(len(rows_of_csv()) - 1, count, "CSV")


@cases.add()
def _community_id_in_every_form():
    text = [line.split(",")[-1] for line in
            ra("--community-id", "-c", ",", "-L", "-1").decode().splitlines()]
    equal([row[-1] for row in rows_of_csv("--community-id")[1:]], text, "CSV")
    equal([record.get("community_id", "") for record in objects("--community-id")], text, "JSON")
    root = xml.etree.ElementTree.fromstring(ra("-M", "xml", "--community-id"))
    equal([child.get("CommunityId", "") for child in root], text, "XML")
    assert sum(word.startswith("1:") for word in text) > len(text) / 2, "hardly any ids"
    other = ra("--community-id", "--community-id-seed", "1", "-c", ",", "-L", "-1").decode()
    for line, word in zip(other.splitlines(), text):
        assert not word or line.split(",")[-1] != word, "the seed changes nothing"


def main():
    require("argus", "ra")
    with scratch:
        run("argus", "-q", "-A", "-J", "-m", "-Z", "-U", "32", "-r", *corpus(), "-w", RECORDS,
            status=None)
        for line in run("ra", "--help-fields").out.splitlines():
            name, _, _, kind, json_name, _ = line.split("\t")
            FIELDS.append(name)
            KINDS[name], JSON_NAMES[name] = kind, json_name
        assert os.path.getsize(RECORDS) > 10000
        cases.run()


if __name__ == "__main__":
    main()
