#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fuzzes every target of tests/fuzz for so many seconds each, from seeds made for the purpose:
#
#     tools/fuzz.sh BUILD_FOLDER SECONDS [TARGET...]
#
# What libFuzzer finds is kept in BUILD_FOLDER/found/TARGET. Where clang's fuzzer is not to be had,
# the targets are fed their seeds only, and that is said.
set -eu
build=$1
seconds=$2
shift 2
here=$(dirname "$0")

say() {
    echo "fuzz: $*"
}

has_fuzzer() {
    echo 'int LLVMFuzzerTestOneInput(const char *d, long n) { return !d && n; }' |
        clang -x c - -fsanitize=fuzzer -o /dev/null 2>/dev/null
}

set_up() {
    [ -f "$build/build.ninja" ] && return 0
    if has_fuzzer; then
        CC=clang meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined \
            -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link >/dev/null
    else
        say "clang cannot build fuzzers here; the seeds are replayed instead"
        meson setup "$build" -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
    fi
}

targets() { # names of all targets, without fuzz_ and .c
    for source in "$here"/../tests/fuzz/fuzz_*.c; do
        name=${source##*/fuzz_}
        echo "${name%.c}"
    done
}

fuzz() { # fuzz TARGET
    seeds=$build/seeds/$1
    found=$build/found/$1
    mkdir -p "$seeds" "$found"
    if [ "$kind" = replay ]; then
        "$build/tests/fuzz/replay_$1" "$seeds"
        return
    fi
    say "$1 for $seconds s"
    log=$build/found/$1.log
    if "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="$found/" "$found" "$seeds" \
        >"$log" 2>&1; then
        sed -n 's/^stat::number_of_executed_units: */    inputs tried: /p' "$log"
    else
        tail -n 40 "$log"
        say "$1 FAILED; the input is kept in $found"
        return 1
    fi
}

set_up
[ $# -gt 0 ] || set -- $(targets)
kind=replay
! has_fuzzer || kind=fuzz
ninja -C "$build" $(printf "tests/fuzz/${kind}_%s " "$@") >"$build/ninja.log" ||
    { tail -n 30 "$build/ninja.log" && exit 1; }
python3 "$here/../tests/fuzz/seeds.py" "$build/seeds"
failed=
for target in "$@"; do
    fuzz "$target" || failed="$failed $target"
done
[ -z "$failed" ] || { say "failed:$failed" && exit 1; }
