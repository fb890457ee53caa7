/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_table.h"

#include "cmd/log.h"
#include "cmd/serving.h"

static const struct option_spec input_options[] = {
    {OPT_READ, 'r', "read", OPTION_LIST, "file",
     "Read capture files: pcap, pcapng or ERF, plain or compressed, told by their content. - is "
     "standard input. Any number of files is read as one capture with one flow table."},
    {OPT_READ_DIRECTORY, 'R', "read-directory", OPTION_LIST_OR_FLAG, "directory",
     "Read all files in the directories and below. Without a directory the option is accepted and "
     "changes nothing, as in Argus, where it asks for response times."},
    {OPT_FILE_ORDER, 0, "file-order", OPTION_WORD, "time|name|given",
     "The order in which files are read: by the time of their first packet (the default), by "
     "name, or as given. With name and given, a file that begins before the one before it ended "
     "is an error."},
    {OPT_MERGE, 0, "merge", OPTION_FLAG, NULL,
     "Merge files that overlap in time packet by packet."},
    {OPT_TSH, 't', "tsh", OPTION_FLAG, NULL,
     "The files have time sequence headers (TSH), which nothing in them tells."},
    {OPT_FOLLOW, 'f', "follow", OPTION_FLAG, NULL,
     "Wait at the end of the file for what is appended to it, until a signal comes. There can be "
     "one such file."},
    {OPT_REPLAY, 'T', "replay", OPTION_WORD, "factor",
     "Take the packets at so many times the speed at which they were captured."},
    {OPT_WAIT_CLIENTS, 0, "wait-clients", OPTION_WORD, "n",
     "With -P and files: read them when so many clients are there, and no faster than clients take "
     "the records."},
    {OPT_TUNNELS, 0, "tunnels", OPTION_WORD, "list",
     "The tunnels to look into: none, all, or some of gre,ipip,vxlan,geneve,gtp,teredo. The "
     "default is all but teredo."},
    {OPT_COUNT, 'N', "packets", OPTION_WORD, "[skip-]end",
     "Read only so many packets, or skip some and read up to the packet of a number: -N 2-5 takes "
     "the third, fourth and fifth. Packets that the packet filter rejects are not counted."},
    {OPT_NO_OPTIMIZER, 'O', "no-optimizer", OPTION_FLAG, NULL,
     "Compile the packet filter without libpcap's optimizer."},
    {OPT_PRINT_FILTER, 'b', "print-filter", OPTION_FLAG, NULL,
     "Print the packet filter as compiled for Ethernet, and read nothing."},
    {0},
};

static const struct option_spec live_options[] = {
    {OPT_INTERFACE, 'i', "interface", OPTION_LIST, "interface[/id]",
     "Listen at an interface, or at any; all that are up, as one, are all. Words after one -i, and "
     "bond:eth0,eth1 or dup:eth0,eth1, are interfaces with one flow table; each -i, and each of "
     "ind:eth0,eth1, has its own. The id takes the place of that of -e. Without -i and files it is "
     "the first interface that is up. With files, -i does not count."},
    {OPT_NOT_PROMISCUOUS, 'p', "no-promiscuous", OPTION_FLAG, NULL,
     "See only what the interfaces would take anyway."},
    {OPT_SNAPLEN, 's', "snaplen", OPTION_WORD, "bytes",
     "How much of each packet is looked at: 256 bytes, and what -U asks for. Counts are of whole "
     "packets, however long."},
    {OPT_WHOLE_PACKETS, 'C', "whole-packets", OPTION_FLAG, NULL, "Look at whole packets."},
    {OPT_BUFFER, 0, "buffer", OPTION_WORD, "size",
     "The kernel's buffer for each interface: 16M. It is part of --memory."},
    {OPT_DAEMON, 'd', "daemon", OPTION_FLAG, NULL,
     "Go on in the background once all is open. Said again, stay in the foreground."},
    {OPT_USER_ID, 'u', "user", OPTION_WORD, "user",
     "Become this user once the interfaces are open; files are written as that user."},
    {OPT_GROUP_ID, 'g', "group", OPTION_WORD, "group", "Become a member of this group alone."},
    {OPT_ROOT_FOLDER, 'c', "chroot", OPTION_WORD, "directory",
     "Make this the root directory before files are written."},
    {OPT_EVENT, 0, "event", OPTION_WORD, "source",
     "Write event records, too, with what a program prints or what is in a file, at intervals: "
     "prog:/usr/bin/uptime:30s, file:/proc/vmstat:1m:compress. The option may be repeated."},
    {0},
};

static const struct option_spec output_options[] = {
    {OPT_WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
     "Append the flow records to a file; - is standard output. To argus-udp://host[:port], or just "
     "udp://, they are sent, each as a datagram; the port is 561 if not given. A second word is a "
     "filter on records, in the language of ra(1). The option may be repeated."},
    {OPT_INDEX, 0, "index", OPTION_WORD, "directory",
     "Index the captures on the way, so that rapcap(1) finds the packets of each record. Files "
     "that the index has already are passed over; see raindex(1)."},
    {OPT_MANAGEMENT, 'M', "management-interval", OPTION_WORD, "time",
     "Write a management record with the counts since the one before every so often, by the time "
     "of the packets. Without it files have one at the beginning and one at the end, and "
     "interfaces one a minute, by the clock."},
    {OPT_SOURCE_ID, 'e', "source-id", OPTION_WORD, "id",
     "Who says what the records say: an IPv4 address, a host name, a number, or up to four "
     "characters in double quotes."},
    {OPT_COPY, 0, "copy", OPTION_WORD, "file",
     "Write the packets that pass the packet filter to a pcap file, too."},
    {OPT_COPY_LOSSES, 0, "copy-losses", OPTION_FLAG, NULL,
     "Of these, only those that are in no flow record."},
    {OPT_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
     "Say in which order files are read, where they overlap or leave gaps, and at the end how "
     "every packet was accounted for."},
    {OPT_QUIET, 'q', "quiet", OPTION_FLAG, NULL, "Show no progress."},
    {0},
};

static const struct option_spec flow_options[] = {
    {OPT_STATUS, 'S', "status-interval", OPTION_WORD, "time",
     "How much of a long flow one record tells: 5 (seconds, the default), 0.5, 300ms, 5m, 1h."},
    {OPT_FLOW_KEY, 0, "flow-key", OPTION_WORD, "words",
     "What a flow is: CLASSIC_5_TUPLE (addresses, protocol, ports; the default), LAYER_3_MATRIX "
     "(all between two IP addresses) or LAYER_2_MATRIX (all between two Ethernet addresses), and "
     "headers that tell flows apart: +VLAN, +LOCAL_MPLS, +COMPLETE_MPLS, +LAYER_2. See "
     "argus.conf(5)."},
    {OPT_FLOW_TYPE, 0, "flow-type", OPTION_WORD, "type",
     "Whether the two directions are one flow: Bidirectional (the default) or Unidirectional."},
    {OPT_APP_BYTES, 'A', "app-bytes", OPTION_FLAG, NULL, "Count application bytes."},
    {OPT_JITTER, 'J', "jitter", OPTION_FLAG, NULL, "Measure the time between packets."},
    {OPT_MAC, 'm', "mac", OPTION_FLAG, NULL, "Record link layer addresses."},
    {OPT_SIZES, 'Z', "packet-sizes", OPTION_FLAG, NULL,
     "Record the smallest and largest packet of each side."},
    {OPT_USER, 'U', "user-data", OPTION_WORD, "bytes",
     "Keep the first bytes of user data of each side and record (at most 65535)."},
    {OPT_TIMES, 0, "bidirectional-timestamps", OPTION_FLAG, NULL,
     "Record start and end of each side, not only of the flow."},
    {OPT_START_RECORDS, 0, "start-records", OPTION_FLAG, NULL,
     "Write a record of the first packet of each flow at once."},
    {OPT_HALF_OPEN, 0, "half-open", OPTION_WORD, "compact|whole",
     "How a flow of one packet that nobody has answered is kept: whole, as all others are (the "
     "default), or compact, until something answers: in 64 bytes, not 256. That takes a fifth more "
     "time. The records are the same, unless --memory has flows cut, which then are fewer."},
    {OPT_TRACK_DUPLICATES, 0, "track-duplicates", OPTION_FLAG, NULL,
     "Tell TCP segments that were captured twice, by their IP identification, from those that were "
     "sent twice."},
    {OPT_KEYSTROKES, 0, "keystrokes", OPTION_WORD, "no|tcp|ssh",
     "Count the keystrokes of somebody who types into a terminal far away: small segments, each "
     "answered by a small one. With ssh, only where all segments are as long as those of SSH. It "
     "takes memory for every flow."},
    {OPT_KEYSTROKE_LIMITS, 0, "keystroke-limits", OPTION_WORD, "list",
     "What keystrokes look like, where it is not as usual: DC_MIN=48;DC_MAX=128;IC_MIN=50000 and "
     "others, see argus.conf(5)."},
    {OPT_IDLE_TCP, 0, "idle-tcp", OPTION_WORD, "time",
     "How long a TCP flow is remembered after its last record: 60 (seconds, the default). What "
     "comes later is a new flow."},
    {OPT_IDLE_ICMP, 0, "idle-icmp", OPTION_WORD, "time", "The same of ICMP: 5."},
    {OPT_IDLE_IP, 0, "idle-ip", OPTION_WORD, "time", "The same of other protocols over IP: 30."},
    {OPT_IDLE_FRAGMENT, 0, "idle-fragment", OPTION_WORD, "time",
     "The same of fragments without their first: 30."},
    {OPT_IDLE_ARP, 0, "idle-arp", OPTION_WORD, "time", "The same of ARP: 5."},
    {OPT_IDLE_OTHER, 0, "idle-other", OPTION_WORD, "time", "The same of all others: 30."},
    {0},
};

static const struct option_spec general_options[] = {
    {OPT_MEMORY, 0, "memory", OPTION_WORD, "size",
     "The most memory to use: 64M, 2G. At the limit the flows silent longest are written out "
     "early, marked as continued; no packet is lost from the count. The default is half of the "
     "machine's memory or of the control group's, whichever is less."},
    {OPT_THREADS, 0, "threads", OPTION_WORD, "n",
     "Use so many threads; the result is the same. If not given: as many as processors. One reads "
     "and decodes, a second meters and writes; of three, two meter, each the flows of one half of "
     "all pairs of hosts. More than these are not used."},
    {OPT_METRICS, 0, "metrics", OPTION_WORD, "[address:]port",
     "Serve the counters to Prometheus, as http://address:port/metrics; with a port alone, to this "
     "machine's own programs."},
    {OPT_COMPAT, 0, "compat", OPTION_WORD, "3.0.8",
     "Decide as argus 3.0.8 does where this sensor knows better, for comparison."},
    {OPT_CONFIGURATION, 'F', "configuration", OPTION_WORD, "file",
     "Read options from a file of variables, see argus.conf(5). What is said later counts."},
    {OPT_DEBUG, 'D', "debug", OPTION_WORD, "level", "Any level above 0 is -v."},
    {OPT_CLEAR, 'X', "clear", OPTION_FLAG, NULL, "Forget all options before this one."},
    {0},
};

static const struct option_spec unsupported_options[] = {
    {0},
};

static const struct option_group groups[] = {
    {"Input", input_options},     {"Live capture", live_options},
    {"Output", output_options},   {"Flows", flow_options},
    {"General", general_options}, {"Not in this version", unsupported_options},
};

const struct option_table argus_options_table = {
    .summary = "Turn captured packets into bidirectional flow records.",
    .usage = (const char *const[]){"-r file ... [options] [- packet filter]",
                                   "-R directory ... [options] [- packet filter]",
                                   "-i interface ... [options] [- packet filter]", NULL},
    .groups = (const struct option_group *const[]){&groups[0], &groups[1], &groups[2],
                                                   &serving_options, &groups[3], &groups[4],
                                                   &log_options, &groups[5], NULL},
    .examples =
        (const struct option_example[]){
            {"argus -r *.pcap -w flows.argus -v",
             "One capture in many files becomes one file of flow records; the last line accounts "
             "for every packet."},
            {"mergecap -w - *.pcap | argus -r - -w - | ra -r - -n",
             "The same through pipes, printed."},
            {"argus -S 1m -m -w smtp.argus -R captures - tcp port 25",
             "Only SMTP, a record a minute of each flow, with MAC addresses."},
            {"argus -i eth0 -w /var/log/argus/eth0.argus -u argus -d",
             "Watch an interface from the background, as a user without rights."},
            {"argus -i eth0 -P 561 -B 192.0.2.1",
             "Serve the records to other machines, who may read them with ra -S."},
            {0},
        },
};
