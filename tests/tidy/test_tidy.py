#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the tidy test: each rule must complain about a bad tree and let a good one pass."""
import pathlib
import stat
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]
from lib.tap import Cases, equal  # noqa: E402
from tidy import complaints  # noqa: E402
from tidyrules.tree import Tree  # noqa: E402

cases = Cases("tidy")

SPDX_C = "/* SPDX-License-Identifier: Apache-2.0 */\n"
SPDX = "# SPDX-License-Identifier: Apache-2.0\n"
GOOD = {
    "tools/floors.txt": SPDX + "floor base:\nfloor packet: base\nallow print: base/good.c\n",
    "src/base/meson.build": SPDX + "lib = library('good.c', 'x.c')\n",
    "src/packet/meson.build": SPDX + "lib = library('x.c')\n",
    "src/base/good.h": SPDX_C + "#pragma once\n\nint good_number(int n);\n",
    "src/base/good.c": SPDX_C + """#include "base/good.h"

#include <stdio.h>

static const char *const NAMES[] = {"strcpy(", "exit(1)", "//"};
static const struct { int a; } TABLE[2] = {{1}, {2}};

/* Calls of system( and printf( in a comment are none. */
int good_number(int n)
{
    static const int MORE = 1;
    printf("%s\\n", NAMES[0]);
    return n + MORE + TABLE[0].a;
}
""",
    "README.md": "# Top\n\nSee [below](#the-end) and [the code](src/base/good.c).\n\n## The end\n",
}


def said_about(files, programs=None):
    """The complaints about the good tree with some files added or replaced, without paths."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**GOOD, **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name, text in (programs or {}).items():
            path = root / "build" / "bin" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return [text for _, _, text in complaints(Tree(root, root / "build" / "bin"))]


def must_complain(files, wanted, programs=None):
    said = said_about(files, programs)
    assert any(wanted in text for text in said), f"wanted '{wanted}', got {said}"
    equal(len(said), 1, f"number of complaints {said}")


def in_base(code):
    return {"src/base/x.c": SPDX_C + code}


def function_of(lines, before=""):
    return before + "int f(void)\n{\n" + "    f();\n" * (lines - 3) + "    return 1;\n}\n"


BAD = {
    "no licence line": ({"src/base/x.c": "int f(void);\n"}, "SPDX"),
    "large file": ({"tests/data/x.bin": "x" * ((1 << 20) + 1)}, "1048577 bytes"),
    "601 lines": (in_base("int f(void);\n" * 600), "601 lines"),
    "101 columns": (in_base("/* " + "x" * 95 + " */\n"), "101 columns"),
    "blanks at the end": (in_base("int f(void); \n"), "blanks at the end"),
    "tab": (in_base("\tint f(void);\n"), "a tab"),
    "no line break at the end": (in_base("int f(void);"), "no line break"),
    "mark": (in_base("/* TO" "DO: all. */\n"), "unfinished"),
    "mark in Markdown": ({"A.md": "FIX" "ME\n"}, "unfinished"),
    "broken link": ({"A.md": "[a](missing.md)\n"}, "does not exist"),
    "broken anchor": ({"A.md": "[a](README.md#nowhere)\n"}, "no such heading"),
    "function of 71 lines": (in_base(function_of(71)), "a function of 71 lines"),
    "deep nesting": (in_base("int f(void)\n{\n    {{\n    {{{\n    f();\n    }}}\n    }}\n}\n"),
                     "nested deeper"),
    "seven parameters": (in_base("int f(int a, int b, int c, int d, int e, int f, int g)\n"
                                 "{\n    return a;\n}\n"), "7 parameters"),
    "banned call": (in_base("int f(char *p)\n{\n    return atoi(p);\n}\n"), "atoi is banned"),
    "banned call in tests": ({"tests/x.c": SPDX_C + "char *f = strcpy(a, b);\n",
                              "tests/meson.build": SPDX + "e = executable('x')\n"},
                             "strcpy is banned"),
    "exit": (in_base("void f(void)\n{\n    exit(1);\n}\n"), "ends the process"),
    "print": (in_base("void f(void)\n{\n    fprintf(stderr, \"\");\n}\n"), "writes to the term"),
    "clock": (in_base("void f(void)\n{\n    t = time(NULL);\n}\n"), "asks the system"),
    "variable": (in_base("static int count;\n"), "a variable of the file"),
    "variable array": (in_base("static struct a list[4] = {{1}};\n"), "a variable of the file"),
    "variable pointer": (in_base("static const char *name = \"\";\n"), "a variable of the file"),
    "variable in header": ({"src/base/x.h": SPDX_C + "#pragma once\nextern int count;\n"},
                           "a variable of the file"),
    "static in a function": (in_base("int f(void)\n{\n    static int n = 0;\n    return n;\n}\n"),
                             "a static variable"),
    "own header not first": ({"src/base/x.h": SPDX_C + "#pragma once\n",
                              **in_base('#include <stdio.h>\n#include "base/x.h"\n')},
                             "the first include"),
    "no pragma once": ({"src/base/x.h": SPDX_C + "int f(void);\n"}, "no #pragma once"),
    "header not alone": ({"src/base/x.h": SPDX_C + "#pragma once\nsize_t f(void);\n"},
                         "does not compile alone"),
    "file in no meson.build": ({"src/base/lost.c": SPDX_C}, "in no meson.build"),
    "include upwards": ({"src/base/x.c": SPDX_C + '#include "packet/p.h"\n'}, "must not include"),
    "include from cmd": ({"src/packet/x.c": SPDX_C + '#include "cmd/p.h"\n'}, "must not include"),
    "bare include": (in_base('#include "good.h"\n'), "not the bare name"),
    "folder without floor": ({"src/attic/x.h": SPDX_C + "#pragma once\n"}, "has no floor"),
    "floors upside down": ({"tools/floors.txt": SPDX + "floor base: packet\nfloor packet:\n"
                            "allow print: base/good.c\n"}, "does not stand below"),
    "exempted file gone": ({"tools/floors.txt": GOOD["tools/floors.txt"] +
                            "allow exit: base/gone.c\n"}, "there is no src/base/gone.c"),
}
for name, (files, wanted) in BAD.items():
    cases.add_call("complains: " + name, must_complain, files, wanted)

ALLOWED = {
    "nesting of four": in_base("int f(void)\n{\n    {{\n    {{\n    f();\n    }}\n    }}\n}\n"),
    "the good tree": {},
    "file of a megabyte": {"tests/data/x.bin": "x" * (1 << 20)},
    "600 lines": in_base("int f(void);\n" * 599),
    "100 columns": in_base("/* " + "x" * 94 + " */\n"),
    "function of 70 lines": in_base(function_of(70)),
    "long function with a reason": in_base(
        function_of(90, "/* tidy: long, because it is a table. */\n")),
    "six parameters": in_base("int f(int a, int b, int c, int d, int e, int (*f)(int, int))\n"
                              "{\n    return a;\n}\n"),
    "many parameters with a reason": in_base(
        "/* tidy: many parameters, because a library calls it. */\n"
        "int f(int a, int b, int c, int d, int e, int g, int h)\n{\n    return a;\n}\n"),
    "function pointers and prototypes": in_base(
        "struct a;\nenum { B = 1 };\ntypedef int (*g)(void);\n"
        "static int (*const TABLE[])(int) = {f, g};\nint f(int *a);\n"),
    "programs may print and exit": {
        "tools/floors.txt": GOOD["tools/floors.txt"] + "floor cmd: base packet\n",
        "src/cmd/meson.build": SPDX + "e = executable('x.c')\n",
        "src/cmd/x.c": SPDX_C + '#include "packet/p.h"\nstatic int n;\n'
                       "void f(void)\n{\n    printf(\"\");\n    exit(n);\n}\n"},
    "members of those names": in_base("void f(struct a *a)\n{\n    a->time(1);\n    a.exit();\n"
                                      "    own_time(2);\n}\n"),
}
for name, files in ALLOWED.items():
    cases.add_call("allows: " + name, lambda files: equal(said_about(files), []), files)

HELP = "#!/bin/sh\necho 'usage: prog [-r]'\necho '  -r, --read FILE   reads, unlike -x'\n"
PAGE = '.\\" SPDX-License-Identifier: Apache-2.0\n.It Fl r , Fl -read Ar file\n'
MANUALS = {
    "no page": ({}, HELP, "has no manual page"),
    "option only in the page": ({"man/prog.1": PAGE + ".It Fl z\n"}, HELP, "option -z is not"),
    "option only in the help": ({"man/prog.1": PAGE}, HELP + "echo '  -q  quiet'\n",
                                "option -q of prog --help"),
}
for name, (files, program, wanted) in MANUALS.items():
    cases.add_call("complains: " + name, must_complain, files, wanted, {"prog": program})
EVENTS = '.\\" SPDX-License-Identifier: Apache-2.0\nThe events, and their fields:\n.It Cm a-b , c\n'
MAKES = "static const struct event E = {EVENT_INFO,\n    %s, s};\n"
for names, wanted in ((('"a-b"',), "there is no event c"),
                      (('"a-b"', '"c"', '"d"'), "event d is not in")):
    cases.add_call("complains: events " + " ".join(names), must_complain,
                   {"man/panoptes-service.7": EVENTS,
                    "src/base/good.c": GOOD["src/base/good.c"] +
                    "".join(MAKES % name for name in names)}, wanted)
cases.add_call("allows: page and help that agree",
               lambda: equal(said_about({"man/prog.8": PAGE}, {"prog": HELP}), []))

cases.run()
