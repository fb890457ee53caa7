# SPDX-License-Identifier: Apache-2.0
"""The cases that every program must pass. A new program has them once it is named here."""
from lib.programs import BIN
from lib.tap import Skip, equal

# How a program is called so that it reads records and prints something.
RECORD_TOOLS = {"ra": "ra -n", "rabins": "rabins -n", "racluster": "racluster -n",
                "racount": "racount",
                "rafilteraddr": "rafilteraddr -n -f $RECORDS/all.txt",
                "radark": "radark", "rahosts": "rahosts", "raports": "raports",
                "rasort": "rasort -n", "rasplit": "rasplit -w -",
                "rastream": "rastream -w -",
                "rastrip": "rastrip -n", "ratimerange": "ratimerange"}
# What is printed of the good part of a damaged file.
GOOD_PART = {"racount": "sum   9 ", "radark": "Scanners 0, sources ",
             "raports": "10.2.0.2 tcp: (2) 25, 80",
             "ratimerange": "22:13:20", "rasplit": "\n\x01\x00\x03", "rastream": "\n\x01\x00\x03"}
PROGRAMS = [*RECORD_TOOLS, "argus"]


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"'{part}' is not in\n{text}")


def one_message(program, err, *parts):
    """Exactly one line, which begins with the program's name."""
    if err.count("\n") != 1 or not err.startswith(f"{program}: "):
        raise AssertionError(f"one line of {program} was expected, not\n{err}")
    contains(err, *parts)


# --- every program -------------------------------------------------------------------------------

def helps(run, program):
    code, out, err = run(f"{program} --help")
    equal((code, err), ("0\n", ""), "status and errors")
    contains(out, f"Usage: {program} ", "\nExamples:\n", "--version")
    long = [line for line in out.splitlines()
            if len(line) > 79 and not line.startswith("  " + program)]
    equal(long, [], "lines of more than 79 columns")


def help_is_checked(run, program):
    code, _, err = run(f"{program} --help >/dev/full")
    equal(code in ("1\n", "2\n"), True, f"failure, which status {code.strip()} is not,")
    one_message(program, err, "No space left on device")


def version(run, program):
    code, out, err = run(f"{program} --version")
    equal((code, err), ("0\n", ""), "status and errors")
    equal(out.count("\n"), 1, "number of lines")
    contains(out, program)


def unknown_option(run, program):
    code, out, err = run(f"{program} --no-such-option")
    equal((code, out), ("1\n", ""), "status and output")
    one_message(program, err, "--no-such-option", "--help")


def missing_value(run, program):
    code, out, err = run(f"{program} -r")
    equal((code, out), ("1\n", ""), "status and output")
    one_message(program, err, "-r needs a value")


def missing_file(run, program):
    code, _, err = run(f"{RECORD_TOOLS.get(program, program)} -r no-such-file")
    equal(code in ("1\n", "2\n"), True, f"failure, which status {code.strip()} is not,")
    one_message(program, err, "no-such-file", "No such file or directory")


# --- record tools --------------------------------------------------------------------------------

def expected(run, program, name="mixed.argus"):
    """What a program prints of a good file."""
    code, out, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/{name}")
    equal((code, err), ("0\n", ""), "status and errors")
    if not out:
        raise AssertionError("nothing was printed")
    return out


def missing_among_good(run, program):
    code, out, err = run(f"{RECORD_TOOLS[program]} -r no-such-file $RECORDS/mixed.argus")
    equal((code, out), ("2\n", expected(run, program)), "status and output")
    one_message(program, err, "no-such-file")


def empty_file(run, program):
    code, _, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/empty")
    equal(code, "1\n", "status")
    one_message(program, err, "records/empty")


def no_argus_data(run, program):
    code, out, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/text $RECORDS/mixed.argus")
    equal((code, out), ("1\n", expected(run, program)), "status and output")
    one_message(program, err, "records/text")


def no_flows(run, program):
    code, _, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/heads.argus")
    equal((code, err), ("0\n", ""), "status and errors")


def damaged_file(run, program):
    code, out, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/cut.argus")
    equal(code, "1\n", "status")
    one_message(program, err, "records/cut.argus")
    contains(out, GOOD_PART.get(program, "10.1.0.3"))


def nothing_selected(run, program):
    code, _, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/mixed.argus - port 9")
    equal((code, err), ("1\n", ""), "status and errors")


def wrong_filter(run, program):
    code, out, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/mixed.argus - port and")
    equal((code, out), ("1\n", ""), "status and output")
    contains(err, f"{program}: ")


def standard_input(run, program):
    wanted = ("0\n", expected(run, program), "")
    equal(run(f"{RECORD_TOOLS[program]} -r - <$RECORDS/mixed.argus"), wanted, "of -r -")
    equal(run(f"{RECORD_TOOLS[program]} <$RECORDS/mixed.argus"), wanted, "without -r")
    equal(run(f"cat $RECORDS/mixed.argus | {RECORD_TOOLS[program]} -r -"), wanted, "of a pipe")


def compressed(run, program):
    wanted = ("0\n", expected(run, program), "")
    equal(run(f"{RECORD_TOOLS[program]} -r $RECORDS/mixed.argus.gz"), wanted, "of a file")
    equal(run(f"{RECORD_TOOLS[program]} -r - <$RECORDS/mixed.argus.gz"), wanted, "of stdin")


def full_device(run, program):
    code, _, err = run(f"{RECORD_TOOLS[program]} -r $RECORDS/mixed.argus >/dev/full")
    equal(code, "1\n", "status")
    one_message(program, err, "No space left on device")


def reader_goes_away(run, program):
    command = f"{RECORD_TOOLS[program]} -r $RECORDS/mixed.argus; echo $? >&3"
    code, out, err = run(f"{{ {{ sleep 0.2; {command}; }} | true; }} 3>&1")
    equal((code, out, err), ("0\n", "0\n", ""), "status, the program's status and errors")


COMMON = (helps, help_is_checked, version, unknown_option, missing_value, missing_file)
OF_TOOLS = (missing_among_good, empty_file, no_argus_data, no_flows, damaged_file,
            nothing_selected, wrong_filter, standard_input, compressed, full_device,
            reader_goes_away)


def call(function, run, program):
    if not (BIN / program).exists():
        raise Skip(f"{BIN / program} is not built")
    function(run, program)


def cases(run):
    """Triples of name, function and arguments. `run` runs a shell line."""
    for program in PROGRAMS:
        for function in COMMON + (OF_TOOLS if program in RECORD_TOOLS else ()):
            name = f"{program} {function.__name__.replace('_', ' ')}"
            yield name, call, (function, run, program)
