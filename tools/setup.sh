#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing to build, test or format Panoptes on Debian and its relatives:
#
#     tools/setup.sh [build] [test] [bench] [format] [fuzz]      (default: build)
#
# Nothing is touched when everything is there, and what gets installed is said first. As root or
# with sudo. Elsewhere than on Debian the missing tools are named, and the rest is up to you.
set -eu

# "package" is looked up with dpkg; "package:command" is there when the command is.
BUILD="gcc:gcc libc6-dev meson:meson ninja-build:ninja pkg-config:pkg-config python3:python3
    libpcap-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev liblz4-dev libssl-dev
    libmicrohttpd-dev libcmocka-dev"
# Other people's programs that the tests compare with. Without them those tests are skipped.
PEERS="argus-server argus-client tshark:capinfos tcpdump:tcpdump tcpreplay:tcpreplay iproute2:ip"
RIVALS="nfdump:nfpcapd softflowd:softflowd"
FORMAT="clang-format-14:clang-format-14"
FUZZ="clang:clang libclang-rt-14-dev"

say() {
    echo "setup: $*" >&2
}

is_there() { # is_there PACKAGE[:COMMAND]
    case $1 in
    *:*) command -v "${1#*:}" >/dev/null 2>&1 && return 0 ;;
    esac
    dpkg-query -W -f '${db:Status-Status}\n' "${1%%:*}" 2>/dev/null | grep -qx installed
}

missing_of() { # missing_of ITEM...
    for item in "$@"; do
        # The sensor lives in /usr/sbin, which is not in every user's path: dpkg knows it.
        is_there "$item" || printf '%s ' "${item%%:*}"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# A freshly installed sensor must not start to watch this machine's network.
hold_services() {
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] && return 0
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq "$@"
}

install() { # install PACKAGE...
    if ! command -v apt-get >/dev/null 2>&1; then
        say "there is no apt-get here; please install by hand what these Debian packages hold:"
        say "    $*"
        return 1
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        say "these packages are missing, and neither am I root nor is sudo there:"
        say "    apt-get install $*"
        return 1
    fi
    say "installing: $*"
    hold_services
    log=$(mktemp)
    # Lists that are old or not there make the first try fail; then, and only then, they are read.
    if ! apt_get install -y --no-install-recommends "$@" >"$log" 2>&1; then
        if ! { apt_get update && apt_get install -y --no-install-recommends "$@"; } >"$log" 2>&1
        then
            tail -n 20 "$log" >&2
            rm -f "$log"
            say "apt-get could not install them; is this machine offline?"
            return 1
        fi
    fi
    rm -f "$log"
}

needed=
peers=
for group in "${@:-build}"; do
    case $group in
    build) needed="$needed $(missing_of $BUILD)" ;;
    test) needed="$needed $(missing_of $BUILD)" && peers=$(missing_of $PEERS) ;;
    bench) needed="$needed $(missing_of $BUILD)" && peers=$(missing_of $PEERS $RIVALS) ;;
    format) needed="$needed $(missing_of $FORMAT)" ;;
    fuzz) needed="$needed $(missing_of $BUILD $FUZZ)" ;;
    *) say "unknown group '$group': build, test, bench, format or fuzz" && exit 2 ;;
    esac
done

needed=$(printf '%s\n' $needed | sort -u | tr '\n' ' ')
if [ -n "${needed# }" ]; then
    install $needed
fi
if [ -n "$peers" ] && ! install $peers; then
    say "going on without $peers: what compares with them will be skipped"
fi
