#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A tour, on generated captures or on your own:  tools/demo.sh BIN_FOLDER [CAPTURE_FOLDER]
# Prints each command before it runs it; ends with an error if one fails.
set -euo pipefail

bin=$(realpath "$1")
tools=$(realpath "$1/../tools")
pcaps=${2:+$(realpath "$2")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$bin:$PATH

say() {
    printf '\n%s\n' "$*"
}

# Captures of your own may be damaged, or have no mail: what a command says of that is shown.
run() { # run 'COMMAND'
    printf '\n  $ %s\n' "$1"
    bash -o pipefail -c "$1" 2>&1 | sed 's/^/    /' || [ -n "$pcaps" ]
}

if [ -n "$pcaps" ]; then
    say "The captures of $pcaps, read where they are."
    ln -s "$pcaps" captures
else
    say "Made-up traffic: 200,000 packets in 20 files, whose names do not sort by time."
    "$tools/generate" --packets 200000 --files 20 --shuffle-names captures
fi

say "1. All files as one capture, in the order of packet time, with one flow table. The last line
   accounts for every packet. The index notes where the packets of each flow are."
run 'argus -r captures/* -w flows.argus --index index -v'

say "2. How many flows went to TCP port 25? A long flow has several records; racluster joins them."
run "racluster -r flows.argus -L -1 -n - tcp and dst port 25 | wc -l"

say "3. The ten largest flows, by bytes:"
run 'racluster -r flows.argus -w - | rasort -m bytes -N o10 -n -L -1 -s bytes pkts dur proto \
      saddr sport daddr dport'

say "4. Joining records makes fewer of them, and loses no packet:"
run 'racount -r flows.argus'
run 'racluster -r flows.argus -w joined.argus'
run 'racount -r joined.argus'

say "5. From a flow back to its packets: of the mail connections, and where the first of them are."
run 'rapcap --index index -r flows.argus -w mail.pcap -v - tcp and dst port 25'
run 'rapcap --index index -r flows.argus --list - tcp and dst port 25 | sed -n 1,6p'

say "6. The same answers for other programs: JSON, with Community IDs."
run 'ra -r flows.argus -N 2 --json -s stime proto saddr sport daddr dport bytes cid - ip'

say "7. Who scans, what did they try, and what answered? And the flows without all that."
run 'radark -r flows.argus -L 10.0.0.0/8 | cut -c 1-150 | sed -n 1,6p'
run 'radark -q -r flows.argus -L 10.0.0.0/8 -w scans.argus -E rest.argus'
run 'racount -r scans.argus | tail -n 1'
run 'racount -r rest.argus | tail -n 1'

if [ -x /usr/bin/ra ]; then
    say "8. The file is one of Argus 3; the ra of Debian reads it as well:"
    run '/usr/bin/ra -X -r joined.argus -n -N 5'
else
    say "8. The file is one of Argus 3; with argus-client installed, its ra would read it here."
fi
say "That is all. \`ra --help\` says what else can be asked, and how."
