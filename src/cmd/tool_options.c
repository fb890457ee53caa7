/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_options.h"

const struct option_group tool_input_options = {
    "Input",
    (const struct option_spec[]){
        {TOOL_READ, 'r', "read", OPTION_LIST, "file ...",
         "Read these files in this order, plain or compressed; - is standard input, which is also "
         "read when no file is named. file::first[:last] means the records that begin at these "
         "bytes."},
        {TOOL_READ_DIRECTORY, 'R', "read-directory", OPTION_LIST, "directory ...",
         "Read all files in the directories and below, sorted by path. Files that are not argus "
         "data and names that begin with a dot are left out; links are followed."},
        {TOOL_REMOTE, 'S', "source", OPTION_WORD, "host[:port]",
         "Read from this server, an argus or radium; the port is 561 if not given. argus:// may "
         "stand in front, or argus-tls:// for TLS. The option may be repeated: records come in the "
         "order in which they arrive. Files of -r are read first. See REMOTE SOURCES of ra(1)."},
        {TOOL_RUN_TIME, 'T', "run-time", OPTION_WORD, "time",
         "Read from servers for so long: 30 (seconds), 5m, 1h."},
        {TOOL_RECONNECT, 0, "reconnect", OPTION_FLAG, NULL,
         "Connect again when a connection fails or ends, after 0.25 s at first and 30 s at most."},
        {TOOL_CERTIFICATE, 0, "tls-cert", OPTION_WORD, "file",
         "The certificate (PEM) to show to servers of argus-tls://host."},
        {TOOL_KEY_FILE, 0, "tls-key", OPTION_WORD, "file", "The key of this certificate."},
        {TOOL_AUTHORITIES, 0, "tls-ca", OPTION_WORD, "file",
         "The authorities whose certificates such servers must have, for the host as named in -S."},
        {TOOL_FILTER, 0, "filter", OPTION_WORD, "expression",
         "Use only records that match; the same as the words at the end."},
        {TOOL_NUMBER, 'N', "number", OPTION_WORD, "[io]n",
         "Use the first n records that match; a-b: those from a to b; a+n: a and n more. With o, "
         "count the records of the output instead."},
        {TOOL_CLEAR, 'X', "clear", OPTION_FLAG, NULL,
         "Forget the options before this one, and do not read the start-up files (rarc(5)), "
         "wherever it stands."},
        {TOOL_RC_FILE, 'F', "rc-file", OPTION_WORD, "file",
         "Read this file of variables (rarc(5)) as if its options stood here."},
        {TOOL_TIME_RANGE, 't', "time", OPTION_WORD, "range",
         "Use only records of this time: 2026/11/24, 2026/11/24.10-12, -1h (the last hour), "
         "10:15+5m. With c in front, the record must lie within the range, with n around it; x "
         "takes the others. See TIME RANGES."},
        {TOOL_PAYLOAD, 'e', "regex", OPTION_WORD, "[s:|d:]regex",
         "Use only records whose user data match this extended regular expression, of either side "
         "or of the one named."},
        {TOOL_COMPILE, 'b', "print-filter", OPTION_FLAG, NULL,
         "Print the filter as it was understood, and end."},
        {TOOL_NOTHING, 'O', NULL, OPTION_FLAG, NULL,
         "Accepted, and changes nothing: in Argus it turns the filter's optimiser off."},
        {TOOL_NOTHING, 'D', NULL, OPTION_WORD, "level",
         "Accepted, and changes nothing: Argus prints no more either, as Debian builds it."},
        {0},
    },
};

const struct option_group tool_verbose_options = {
    "Messages",
    (const struct option_spec[]){
        {TOOL_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
         "Warn where a filter joins by both and and or without parentheses."},
        {0},
    },
};

const struct option_group tool_memory_options = {
    "Memory",
    (const struct option_spec[]){
        {TOOL_MEMORY, 0, "memory", OPTION_WORD, "size",
         "The most memory to use for records: 64M, 2G. The rest goes to temporary files; the "
         "result is the same. If not given: half of the machine's memory or of the control "
         "group's, whichever is less."},
        {TOOL_TEMP_DIR, 0, "temp-dir", OPTION_WORD, "directory",
         "Where temporary files are made; if not given: TMPDIR, or else /tmp."},
        {0},
    },
};

const struct option_group tool_thread_options = {
    "Threads",
    (const struct option_spec[]){
        {TOOL_THREADS, 0, "threads", OPTION_WORD, "n",
         "Use so many threads; the result is the same. If not given: as many as processors."},
        {0},
    },
};

const struct option_group tool_print_options = {
    "Printing",
    (const struct option_spec[]){
        {TOOL_FIELDS, 's', "fields", OPTION_LIST, "[+[n]|-]field[:width[:format]] ...",
         "Print these columns; +field adds one, +2field at position 2, -field takes one away "
         "(each in an -s of its own). A format is a conversion of printf for numbers: %08x, %.2e."},
        {TOOL_NUMERIC, 'n', "numeric", OPTION_FLAG, NULL,
         "Print port numbers instead of names; given twice, protocol numbers, too; given three "
         "times, all names, and those of hosts."},
        {TOOL_PRECISION, 'p', "precision", OPTION_WORD, "digits",
         "Digits after the decimal point; 6 if not given."},
        {TOOL_UNIX_TIME, 'u', "unix-time", OPTION_FLAG, NULL,
         "Print times as seconds since 1970-01-01 UTC."},
        {TOOL_DELIMITER, 'c', "delimiter", OPTION_WORD, "char",
         "Separate columns by this character (\\t is a tab) instead of aligning them; by a blank "
         "if it is empty, and then ports are joined to their addresses."},
        {TOOL_HEADER, 'L', "header", OPTION_WORD, "lines",
         "Print the header every so many lines; 0: once (the default); -1: never."},
        {TOOL_STATES, 'z', NULL, OPTION_FLAG, NULL,
         "Print TCP states as the letters s S E f F C R."},
        {TOOL_FLAGS, 'Z', "tcp-flags", OPTION_WORD, "s|d|b",
         "Print the TCP flags of the source, the destination or both as the state."},
        {TOOL_BRIEF, 'H', "abbreviate", OPTION_FLAG, NULL,
         "Abbreviate large numbers: 2.364K, 1.200M."},
        {TOOL_TIME_FORMAT, 0, "time-format", OPTION_WORD, "format",
         "Print times in this format of strftime(3), with %f for the digits of the fraction."},
        {TOOL_VENDORS, 0, "ethernet-vendors", OPTION_WORD, "file",
         "Take vendors of link addresses, for soui, doui and -M oui, from this file, which has the "
         "form of Wireshark's manuf."},
        {TOOL_ZONE, 0, "tz", OPTION_WORD, "zone",
         "Print times of this time zone (UTC, Europe/Berlin) instead of the local one."},
        {TOOL_CSV, 0, "csv", OPTION_FLAG, NULL,
         "Print comma separated values (RFC 4180): a header with the names of the fields, quotes "
         "where they are needed."},
        {TOOL_JSON, 0, "json", OPTION_FLAG, NULL,
         "Print JSON, an object a line: numbers as numbers, durations in seconds, times in UTC "
         "(RFC 3339), user data as base64. What a record does not have is left out."},
        {TOOL_JSON_SCHEMA, 0, "json-schema", OPTION_FLAG, NULL,
         "Print the JSON Schema of these objects, and end."},
        {TOOL_HELP_FIELDS, 0, "help-fields", OPTION_FLAG, NULL,
         "Print all fields with tabs between name, title, width, type, JSON name and meaning, and "
         "end."},
        {TOOL_COMMUNITY_ID, 0, "community-id", OPTION_FLAG, NULL,
         "Print the Community ID of each flow as a last column; the same as -s +cid."},
        {TOOL_COMMUNITY_SEED, 0, "community-id-seed", OPTION_WORD, "number",
         "The seed of Community IDs, 0 if not given."},
        {TOOL_QUIET, 'q', "quiet", OPTION_FLAG, NULL, "Print no records."},
        {0},
    },
};

const struct option_group tool_write_options = {
    "Writing",
    (const struct option_spec[]){
        {TOOL_WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
         "Append the records to an argus file instead of printing them; - is standard output. A "
         "second word is a filter for this file. The option may be repeated."},
        {TOOL_REJECTED, 'E', "write-rejected", OPTION_WORD, "file",
         "Append the records that the filter rejects to an argus file."},
        {0},
    },
};

const struct option_group tool_unsupported_options = {
    "Not in this version",
    (const struct option_spec[]){
        {0, 'B', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'C', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'd', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'G', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'P', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'U', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, 'V', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0, '%', NULL, OPTION_UNSUPPORTED, NULL, NULL},
        {0},
    },
};
