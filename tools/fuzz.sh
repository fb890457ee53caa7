#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Fuzzes every target of tests/fuzz, from seeds made for the purpose, as many side by side as there
# are processors:
#
#     tools/fuzz.sh BUILD_FOLDER SECONDS [TARGET...]
#
# Each has so many seconds; filters and records, which come from others most of all, four times as
# many.
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

seconds_of() { # seconds_of TARGET
    case $1 in
    filter | record) echo $((4 * seconds)) ;;
    *) echo "$seconds" ;;
    esac
}

fuzz() { # fuzz TARGET
    seeds=$build/seeds/$1
    found=$build/found/$1
    mkdir -p "$seeds" "$found"
    if [ "$kind" = replay ]; then
        "$build/tests/fuzz/replay_$1" "$seeds"
        return
    fi
    log=$build/found/$1.log
    time=$(seconds_of "$1")
    say "$1 for $time s"
    if "$build/tests/fuzz/fuzz_$1" -max_total_time="$time" -timeout=10 -rss_limit_mb=2048 \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="$found/" "$found" "$seeds" \
        >"$log" 2>&1; then
        sed -n "s/^stat::number_of_executed_units: */fuzz: $1: inputs tried: /p" "$log"
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

# A target that failed leaves a file in `failed`.
failed=$build/found/failed
rm -rf "$failed"
mkdir -p "$failed"
running=0
in_order=$(for target in "$@"; do echo "$(seconds_of "$target") $target"; done | sort -rn)
for target in $(echo "$in_order" | cut -d' ' -f2); do
    (fuzz "$target" || touch "$failed/$target") &
    running=$((running + 1))
    [ $((running % $(nproc))) -gt 0 ] || wait
done
wait
[ -z "$(ls "$failed")" ] || { say "failed: $(echo "$failed"/*)" && exit 1; }
