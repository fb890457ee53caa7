# SPDX-License-Identifier: Apache-2.0
"""Rules for C: sizes, calls that are banned, hidden state, headers."""
import os
import re
import subprocess
import tempfile

from .floors import allowed
from .tree import top_level

FUNCTION_MAX = 70
NESTING_MAX = 4
PARAMETERS_MAX = 6
EXEMPTION = re.compile(r"/\* tidy: long, because \w")
MANY_PARAMETERS = re.compile(r"/\* tidy: many parameters, because \w")

BANNED = {
    "strcpy": "snprintf", "strcat": "snprintf", "sprintf": "snprintf", "vsprintf": "vsnprintf",
    "strtok": "strtok_r", "gmtime": "gmtime_r", "localtime": "localtime_r", "ctime": "strftime",
    "asctime": "strftime", "atoi": "quantity_count", "atol": "quantity_count",
    "rand": "a generator of your own with a seed", "random": "a generator with a seed",
    "system": "posix_spawn", "popen": "posix_spawn", "gets": "getline", "alloca": "mem_alloc",
    "longjmp": "a return value",
}
# What libraries leave to programs: word in floors.txt, what it looks like, what to say.
FOR_PROGRAMS = (
    ("exit", r"\b(_?exit|abort|_Exit|quick_exit)\s*\(", "ends the process"),
    ("print", r"\b(v?printf|puts|putchar|perror|f?puts)\s*\(|\bfprintf\s*\(\s*(stderr|stdout)\b",
     "writes to the terminal"),
    ("ask", r"\b(getenv|setlocale|time|clock_gettime|gettimeofday)\s*\(",
     "asks the system for time or environment"),
)


def functions(tree, path):
    """Triples of first line, last line and first line's text of each function body."""
    start = None
    for number, text in tree.code_lines(path):
        if text == "{":
            start = number
        elif text == "}" and start:
            yield start, number
            start = None


def function_length(tree):
    for path in tree.matching("*.c", "*.h"):
        lines = tree.text(path).splitlines()
        for start, end in functions(tree, path):
            length = end - start + 1
            around = "\n".join(lines[max(0, start - 6):start + 3])
            if length > FUNCTION_MAX and not EXEMPTION.search(around):
                yield path, start, f"a function of {length} lines; {FUNCTION_MAX} are allowed"


def nesting(tree):
    for path in tree.matching("*.c", "*.h"):
        lines = tree.code(path).splitlines()
        for start, end in functions(tree, path):
            depth = 0
            for number in range(start, end + 1):
                depth += lines[number - 1].count("{") - lines[number - 1].count("}")
                if depth > NESTING_MAX + 1:
                    yield path, number, f"nested deeper than {NESTING_MAX}"
                    break


def parameters(tree):
    for path in tree.matching("src/*.c", "src/*.h", "tools/*.c"):
        lines = tree.text(path).splitlines()
        for line, statement in top_level(tree.code(path)):
            found = re.search(r"\w\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", statement)
            if found and "{" in statement and "=" not in statement.split("{")[0]:
                count = re.sub(r"\([^()]*\)", "", found.group(1)).count(",") + 1
                around = "\n".join(lines[max(0, line - 6):line])
                if count > PARAMETERS_MAX and not MANY_PARAMETERS.search(around):
                    yield path, line, f"{count} parameters; {PARAMETERS_MAX} are allowed"


def banned_calls(tree):
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in tree.matching("*.c", "*.h"):
        for number, text in tree.code_lines(path):
            for name in call.findall(text):
                yield path, number, f"{name} is banned; use {BANNED[name]}"


def left_to_programs(tree):
    """Libraries do not exit, print, or read clock and environment."""
    for word, pattern, text in FOR_PROGRAMS:
        exempt = allowed(tree, word)
        for path in tree.matching("src/*.c", "src/*.h"):
            if path.startswith("src/cmd/") or path in exempt:
                continue
            for number, code in tree.code_lines(path):
                found = re.search(pattern, code)
                # A member or an own function of that name is no call of the system's.
                if found and not re.search(r"[\w.>]$", code[:found.start()]):
                    yield path, number, f"{found.group().strip()}... {text}; only programs may"


def is_variable(statement):
    """True for the definition or declaration of a variable that can change."""
    head = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", statement.split("=")[0])
    head = re.sub(r"\{\}", "", head).rstrip("; ")
    if "(" in head or head.startswith("typedef") or "{" in head:
        return False
    if re.fullmatch(r"(static |extern )?(struct|union|enum)( \w+)?", head):
        return False
    if not re.search(r"\w+[ *]+\w+(\[.*\])?$", head):
        return False
    return "const" not in head[head.rfind("*") + 1:].split()


def file_state(tree):
    """A library keeps its state in objects, so that a test can make two of them."""
    exempt = allowed(tree, "static")
    for path in tree.matching("src/*.c", "src/*.h"):
        if path.startswith("src/cmd/") or path in exempt:
            continue
        code = tree.code(path)
        for line, statement in top_level(code):
            if is_variable(statement):
                yield path, line, f"a variable of the file: '{statement[:40]}'"
        for number, text in tree.code_lines(path):
            found = re.match(r"\s+static\s+(.*)", text)
            if found and is_variable(found.group(1).split("=")[0] + ";"):
                yield path, number, "a static variable in a function"


def own_header_first(tree):
    for path in tree.matching("src/*.c"):
        header = path[:-2] + ".h"
        if header not in tree.files:
            continue
        includes = re.findall(r'^#include\s+["<](.*?)[">]', tree.text(path), re.MULTILINE)
        if not includes or includes[0] != header[len("src/"):]:
            yield path, 1, f'the first include must be "{header[len("src/"):]}"'


def pragma_once(tree):
    for path in tree.matching("*.h"):
        if "#pragma once" not in tree.text(path):
            yield path, 1, "no #pragma once"


def headers_alone(tree):
    """Each header compiles by itself: one compiler run over a file for each of them."""
    headers = tree.matching("src/*.h")
    if not headers:
        return
    with tempfile.TemporaryDirectory() as folder:
        for i, header in enumerate(headers):
            with open(os.path.join(folder, f"{i}.c"), "w", encoding="utf-8") as file:
                file.write(f'#include "{header[len("src/"):]}"\n')
        command = [os.environ.get("CC", "cc"), "-fsyntax-only", "-std=gnu11", "-D_GNU_SOURCE",
                   "-Wall", "-Werror", "-I", os.path.join(tree.root, "src")]
        command += [os.path.join(folder, f"{i}.c") for i in range(len(headers))]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            tree.advice.append(("src", 0, f"no compiler '{command[0]}': headers not compiled"))
            return
    for line in result.stderr.splitlines():
        found = re.match(r"(?:In file included from )?(.*?):(\d+):.*error: (.*)", line)
        if found:
            path = os.path.relpath(found.group(1), tree.root)
            yield path, int(found.group(2)), f"does not compile alone: {found.group(3)}"


def listed_in_meson(tree):
    """A file that no meson.build names is dead."""
    for path in tree.matching("src/*.c", "tools/*.c", "tests/*.c"):
        folder, name = os.path.split(path)
        # A build file may put 'test_' or 'fuzz_' before the names of a list.
        stem = re.sub("^(test_|fuzz_)", "", name[:-2])
        named = re.compile(rf"\b(test_|fuzz_)?{re.escape(stem)}(\.c)?\b")
        while folder:
            build = os.path.join(folder, "meson.build")
            if build in tree.files and named.search(tree.text(build)):
                break
            folder = os.path.dirname(folder)
        else:
            yield path, 1, "in no meson.build"


RULES = (function_length, nesting, parameters, banned_calls, left_to_programs, file_state,
         own_header_first, pragma_once, headers_alone, listed_in_meson)
