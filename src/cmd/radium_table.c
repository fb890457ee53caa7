/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/radium_options.h"

static const struct option_spec input_options[] = {
    {OPT_SOURCE, 'S', "source", OPTION_WORD, "host[:port]",
     "Read from this server, an argus or another radium; the port is 561 if not given. With "
     "argus-tls:// in front it is TLS, with the certificate of --tls-cert. The option may be "
     "repeated: records go out in the order in which they arrive. A connection that fails or ends "
     "is made again, after 0.25 s at first and 30 s at most."},
    {OPT_NO_RECONNECT, 'p', "no-reconnect", OPTION_FLAG, NULL,
     "Do not connect again to servers; end when all connections are over."},
    {OPT_READ, 'r', "read", OPTION_LIST, "file ...",
     "Read these files first, in this order; - is standard input. Without -S, radium ends behind "
     "the last one, when its clients have all."},
    {OPT_WAIT_CLIENTS, 0, "wait-clients", OPTION_WORD, "n",
     "Begin to read when so many clients are there."},
    {0},
};

static const struct option_spec output_options[] = {
    {OPT_WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
     "Append the records to a file; - is standard output. To argus-udp://host[:port] they are "
     "sent, each as a datagram. A second word is a filter for this file. The option may be "
     "repeated."},
    {OPT_LABELS, 0, "labels", OPTION_WORD, "file",
     "Label the records, as this file of variables in the form of ralabel.conf says. See LABELS."},
    {OPT_MANAGEMENT, 'M', "management-interval", OPTION_WORD, "time",
     "Write a management record of radium's own every so often: 300 (seconds) if not given."},
    {OPT_SOURCE_ID, 'e', "source-id", OPTION_WORD, "id",
     "Who speaks in radium's own management records: an IPv4 address, a host name, a number, or "
     "up to four characters in double quotes. All other records keep what they say."},
    {0},
};

static const struct option_spec general_options[] = {
    {OPT_CONFIGURATION, 'f', "configuration", OPTION_WORD, "file",
     "Read options from a file of variables, see radium.conf(5), instead of /etc/radium.conf. What "
     "is said later counts."},
    {OPT_METRICS, 0, "metrics", OPTION_WORD, "[address:]port",
     "Serve the counters to Prometheus, as http://address:port/metrics; with a port alone, to this "
     "machine's own programs."},
    {OPT_CLEAR, 'X', "clear", OPTION_FLAG, NULL,
     "Forget all options before this one, and do not read /etc/radium.conf."},
    {OPT_DAEMON, 'd', "daemon", OPTION_FLAG, NULL,
     "Go into the background once all is open, with a pid file in /var/run; given twice, do not."},
    {OPT_USER_ID, 'u', "user", OPTION_WORD, "user",
     "Be this user once the port is open; the spool and the files of -w must be theirs to write."},
    {OPT_GROUP_ID, 'g', "group", OPTION_WORD, "group", "Be of this group, likewise."},
    {OPT_ROOT_FOLDER, 'c', "chroot", OPTION_WORD, "directory",
     "Make this directory the root, likewise; all other names are then within it. Names of hosts "
     "can be looked up only if what that takes is there."},
    {OPT_NOTHING, 'D', NULL, OPTION_WORD, "level", "Accepted, and changes nothing."},
    {OPT_NOTHING, 'O', NULL, OPTION_FLAG, NULL, "Accepted, and changes nothing."},
    {0},
};

static const struct option_spec unsupported_options[] = {
    {0, 'A', NULL, OPTION_UNSUPPORTED, NULL, NULL},
    {0, 'C', NULL, OPTION_UNSUPPORTED, "[host]:port", "Read Cisco NetFlow."},
    {0, 'T', NULL, OPTION_UNSUPPORTED, "seconds", "Correct times that are off by more."},
    {0, 'U', NULL, OPTION_UNSUPPORTED, "user", "Authenticate by SASL."},
    {0},
};

static const struct option_group groups[] = {
    {"Input", input_options},
    {"Output", output_options},
    {"General", general_options},
    {"Not in this version", unsupported_options},
};

const struct option_table radium_options_table = {
    .summary = "Collects flow records from many sources, and serves them to many clients.",
    .usage =
        (const char *const[]){"-S host[:port] ... -P port [options] [- filter]",
                              "-S host[:port] ... -w file [filter] [options] [- filter]", NULL},
    .groups = (const struct option_group *const[]){&groups[0], &groups[1], &serving_options,
                                                   &groups[2], &log_options, &groups[3], NULL},
    .examples =
        (const struct option_example[]){
            {"radium -S sensor1 -S sensor2 -P 561 -B 192.0.2.1",
             "One stream of the records of two sensors, for other machines."},
            {"radium -S sensor -P 561 --spool /var/spool/radium --spool-limit 20G",
             "Whoever loses the connection goes on where it stopped, for as long as 20 GB last."},
            {"radium -S sensor -w mail.argus 'port 25' -w all.argus",
             "Writes files, and serves nobody."},
            {0},
        },
};
