/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/options.h"
#include "base/quantity.h"
#include "cmd/answer.h"
#include "cmd/memory_default.h"
#include "packet/tunnel.h"

enum argus_option {
    OPT_READ = 1,
    OPT_READ_DIRECTORY,
    OPT_WRITE,
    OPT_FILE_ORDER,
    OPT_MERGE,
    OPT_STATUS,
    OPT_APP_BYTES,
    OPT_JITTER,
    OPT_MAC,
    OPT_USER,
    OPT_SIZES,
    OPT_TIMES,
    OPT_MEMORY,
    OPT_TUNNELS,
    OPT_COUNT,
    OPT_PRINT_FILTER,
    OPT_COMPAT,
    OPT_CLEAR,
    OPT_INDEX,
    OPT_VERBOSE,
    OPT_QUIET,
};

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
    {OPT_TUNNELS, 0, "tunnels", OPTION_WORD, "list",
     "The tunnels to look into: none, all, or some of gre,ipip,vxlan,geneve,gtp,teredo. The "
     "default is all but teredo."},
    {OPT_COUNT, 'N', "packets", OPTION_WORD, "[skip-]end",
     "Read only so many packets, or skip some and read up to the packet of a number: -N 2-5 takes "
     "the third, fourth and fifth. Packets that the packet filter rejects are not counted."},
    {OPT_PRINT_FILTER, 'b', "print-filter", OPTION_FLAG, NULL,
     "Print the packet filter as compiled for Ethernet, and read nothing."},
    {0},
};

static const struct option_spec output_options[] = {
    {OPT_WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
     "Append the flow records to a file; - is standard output. A second word is a filter on "
     "records, in the language of ra(1). The option may be repeated."},
    {OPT_INDEX, 0, "index", OPTION_WORD, "directory",
     "Index the captures on the way, so that rapcap(1) finds the packets of each record. Files "
     "that the index has already are passed over; see raindex(1)."},
    {OPT_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
     "Say in which order files are read, where they overlap or leave gaps, and at the end how "
     "every packet was accounted for."},
    {OPT_QUIET, 'q', "quiet", OPTION_FLAG, NULL, "Show no progress."},
    {0},
};

static const struct option_spec flow_options[] = {
    {OPT_STATUS, 'S', "status-interval", OPTION_WORD, "time",
     "How much of a long flow one record tells: 5 (seconds, the default), 0.5, 300ms, 5m, 1h."},
    {OPT_APP_BYTES, 'A', "app-bytes", OPTION_FLAG, NULL, "Count application bytes."},
    {OPT_JITTER, 'J', "jitter", OPTION_FLAG, NULL, "Measure the time between packets."},
    {OPT_MAC, 'm', "mac", OPTION_FLAG, NULL, "Record link layer addresses."},
    {OPT_SIZES, 'Z', "packet-sizes", OPTION_FLAG, NULL,
     "Record the smallest and largest packet of each side."},
    {OPT_USER, 'U', "user-data", OPTION_WORD, "bytes",
     "Keep the first bytes of user data of each side and record (at most 65535)."},
    {OPT_TIMES, 0, "bidirectional-timestamps", OPTION_FLAG, NULL,
     "Record start and end of each side, not only of the flow."},
    {0},
};

static const struct option_spec general_options[] = {
    {OPT_MEMORY, 0, "memory", OPTION_WORD, "size",
     "The most memory to use: 64M, 2G. At the limit the flows silent longest are written out "
     "early, marked as continued; no packet is lost from the count. The default is half of the "
     "machine's memory or of the control group's, whichever is less."},
    {OPT_COMPAT, 0, "compat", OPTION_WORD, "3.0.8",
     "Decide as argus 3.0.8 does where this sensor knows better, for comparison."},
    {OPT_CLEAR, 'X', "clear", OPTION_FLAG, NULL, "Forget all options before this one."},
    {0},
};

static const struct option_spec unsupported_options[] = {
    {0, 'B', NULL, OPTION_UNSUPPORTED, "address", "Address to listen on."},
    {0, 'c', NULL, OPTION_UNSUPPORTED, "directory", "Change the root directory."},
    {0, 'C', NULL, OPTION_UNSUPPORTED, NULL, "Capture control traffic in full."},
    {0, 'd', NULL, OPTION_UNSUPPORTED, NULL, "Run as a daemon."},
    {0, 'D', NULL, OPTION_UNSUPPORTED, "level", "Debug level."},
    {0, 'e', NULL, OPTION_UNSUPPORTED, "id", "Source identifier."},
    {0, 'f', NULL, OPTION_UNSUPPORTED, NULL, "Wait for more at the end of a file."},
    {0, 'F', NULL, OPTION_UNSUPPORTED, "file", "Read a configuration file."},
    {0, 'g', NULL, OPTION_UNSUPPORTED, "group", "Change the group."},
    {0, 'i', NULL, OPTION_UNSUPPORTED, "interface", "Capture from an interface."},
    {0, 'M', NULL, OPTION_UNSUPPORTED, "seconds", "Interval of management records."},
    {0, 'O', NULL, OPTION_UNSUPPORTED, NULL, "Do not optimise the packet filter."},
    {0, 'p', NULL, OPTION_UNSUPPORTED, NULL, "Do not set interfaces to promiscuous mode."},
    {0, 'P', NULL, OPTION_UNSUPPORTED, "port", "Serve records on a port."},
    {0, 's', NULL, OPTION_UNSUPPORTED, "bytes", "Snap length of live capture."},
    {0, 't', NULL, OPTION_UNSUPPORTED, NULL, "Read TSH files."},
    {0, 'T', NULL, OPTION_UNSUPPORTED, "factor", "Replay at a multiple of real time."},
    {0, 'u', NULL, OPTION_UNSUPPORTED, "user", "Change the user."},
    {0},
};

static const struct option_group groups[] = {
    {"Input", input_options},
    {"Output", output_options},
    {"Flows", flow_options},
    {"General", general_options},
    {"Not in this version", unsupported_options},
};

static const struct option_table table = {
    .summary = "Turn captured packets into bidirectional flow records.",
    .usage = (const char *const[]){"-r file ... [options] [- packet filter]",
                                   "-R directory ... [options] [- packet filter]", NULL},
    .groups = (const struct option_group *const[]){&groups[0], &groups[1], &groups[2], &groups[3],
                                                   &groups[4], NULL},
    .examples =
        (const struct option_example[]){
            {"argus -r *.pcap -w flows.argus -v",
             "One capture in many files becomes one file of flow records; the last line accounts "
             "for every packet."},
            {"mergecap -w - *.pcap | argus -r - -w - | ra -r - -n",
             "The same through pipes, printed."},
            {"argus -S 1m -m -w smtp.argus -R captures - tcp port 25",
             "Only SMTP, a record a minute of each flow, with MAC addresses."},
            {0},
        },
};

static void set_defaults(struct argus_options *options)
{
    *options = (struct argus_options){
        .order = SERIES_BY_TIME,
        .most_packets = UINT64_MAX,
        .memory_bytes = memory_default(),
        .meter = meter_defaults,
        .decode = {.tunnels = TUNNEL_DEFAULT},
    };
}

static void add_output(struct argus_options *options, const struct option_arg *arg)
{
    options->outputs = mem_grow(options->outputs, &options->output_capacity,
                                options->output_count + 1, sizeof(*options->outputs));
    options->outputs[options->output_count++] = (struct argus_output_spec){
        .path = mem_strdup(arg->word),
        .filter = arg->second ? mem_strdup(arg->second) : NULL,
    };
}

static int set_order(struct argus_options *options, const char *word, struct error *err)
{
    static const char *const names[] = {
        [SERIES_BY_TIME] = "time", [SERIES_BY_NAME] = "name", [SERIES_AS_GIVEN] = "given"};
    options->order_given = true;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(word, names[i])) {
            options->order = (enum series_order)i;
            return 0;
        }
    return error_set(err, "--file-order: '%s' is none of time, name, given", word);
}

static int set_compat(struct argus_options *options, const char *word, struct error *err)
{
    if (strcmp(word, "3.0.8"))
        return error_set(err, "--compat: only 3.0.8 is known, not '%s'", word);
    options->meter.quirks = options->decode.quirks = QUIRKS_ALL_308;
    options->decode.tunnels = TUNNEL_308;
    return 0;
}

static int set_user_bytes(struct argus_options *options, const char *word, struct error *err)
{
    uint64_t bytes;
    if (quantity_count(word, UINT16_MAX, &bytes, err))
        return error_prefix(err, "-U");
    options->meter.user_bytes = (uint16_t)bytes;
    return 0;
}

/* "5", or "2-5": the first two are skipped. */
static int set_packets(struct argus_options *options, const char *word, struct error *err)
{
    const char *dash = strchr(word, '-');
    char skip[24] = "0";
    if (dash && (size_t)(dash - word) >= sizeof(skip))
        return error_set(err, "-N: '%s' is no range of packets", word);
    if (dash)
        snprintf(skip, sizeof(skip), "%.*s", (int)(dash - word), word);
    if (quantity_count(skip, UINT64_MAX, &options->skip_packets, err) ||
        quantity_count(dash ? dash + 1 : word, UINT64_MAX, &options->most_packets, err))
        return error_prefix(err, "-N");
    if (options->most_packets < options->skip_packets)
        return error_set(err, "-N: '%s' ends before it begins", word);
    return 0;
}

static int set_memory(struct argus_options *options, const char *word, struct error *err)
{
    const uint64_t least = UINT64_C(64) << 20;
    if (quantity_size(word, &options->memory_bytes, err))
        return error_prefix(err, "--memory");
    if (options->memory_bytes < least)
        return error_set(err, "--memory: at least 64M is needed, not %s", word);
    return 0;
}

/* Options with a value. */
static int take_value(struct argus_options *options, int event, const struct option_arg *arg,
                      struct error *err)
{
    switch (event) {
    case OPT_READ:
        paths_add(&options->inputs, arg->word);
        return 0;
    case OPT_READ_DIRECTORY:
        return arg->word ? paths_collect(&options->inputs, arg->word, err) : 0;
    case OPT_WRITE:
        add_output(options, arg);
        return 0;
    case OPT_FILE_ORDER:
        return set_order(options, arg->word, err);
    case OPT_STATUS:
        if (quantity_duration(arg->word, &options->meter.status_interval, err))
            return error_prefix(err, "-S");
        return 0;
    case OPT_USER:
        return set_user_bytes(options, arg->word, err);
    case OPT_COUNT:
        return set_packets(options, arg->word, err);
    case OPT_MEMORY:
        return set_memory(options, arg->word, err);
    case OPT_INDEX:
        free(options->index);
        options->index = mem_strdup(arg->word);
        return 0;
    case OPT_TUNNELS:
        if (tunnels_parse(arg->word, &options->decode.tunnels, err))
            return error_prefix(err, "--tunnels");
        return 0;
    case OPT_COMPAT:
        return set_compat(options, arg->word, err);
    default: /* OPTIONS_FILTER */
        free(options->packet_filter);
        options->packet_filter = mem_strdup(arg->word);
        return 0;
    }
}

static int take(struct argus_options *options, int event, const struct option_arg *arg,
                struct error *err)
{
    switch (event) {
    case OPT_MERGE:
        options->merge = true;
        return 0;
    case OPT_PRINT_FILTER:
        options->print_filter = true;
        return 0;
    case OPT_APP_BYTES:
        options->meter.app_bytes = true;
        return 0;
    case OPT_JITTER:
        options->meter.jitter = true;
        return 0;
    case OPT_MAC:
        options->meter.mac_addresses = true;
        return 0;
    case OPT_SIZES:
        options->meter.packet_sizes = true;
        return 0;
    case OPT_TIMES:
        options->meter.bidirectional_times = true;
        return 0;
    case OPT_VERBOSE:
        options->verbose = true;
        return 0;
    case OPT_QUIET:
        options->quiet = true;
        return 0;
    case OPT_CLEAR:
        argus_options_release(options);
        set_defaults(options);
        return 0;
    default:
        return take_value(options, event, arg, err);
    }
}

/*
 * An eighth of the memory is for the index. Files that are merged can be open together: it is not
 * known how many, so each gets a small part, and what does not fit there goes to the disk.
 */
static void share_memory(struct argus_options *options)
{
    const uint64_t most = UINT64_C(128) << 20;
    uint64_t share = options->memory_bytes / 8;
    options->index_bytes = share < most ? share : most;
    options->memory_bytes -= options->index_bytes;
    if (options->merge)
        options->index_bytes /= 8;
}

int argus_options_parse(struct argus_options *ret, int argc, char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = ARGUS_OPTIONS_RUN;
    set_defaults(ret);
    options_init(&options, &table, argc, argv);
    while (!result && (event = options_next(&options, &arg, err)) != OPTIONS_END) {
        if (event == OPTIONS_ERROR)
            result = -1;
        else if ((result = answer(&table, event, err)) != 0)
            result = result == ANSWERED ? ARGUS_OPTIONS_DONE : -1;
        else
            result = take(ret, event, &arg, err);
    }
    options_release(&options);
    if (result)
        return result;
    if (ret->print_filter)
        return ARGUS_OPTIONS_RUN;
    if (!ret->inputs.count)
        return error_set(err, "nothing to read: name capture files with -r (see --help)");
    if (ret->index)
        share_memory(ret);
    if (quirk_is(ret->meter.quirks, QUIRK_TABLE_PER_FILE) && !ret->order_given)
        ret->order = SERIES_BY_NAME;
    return ARGUS_OPTIONS_RUN;
}

void argus_options_release(struct argus_options *options)
{
    for (size_t i = 0; i < options->output_count; i++) {
        free(options->outputs[i].path);
        free(options->outputs[i].filter);
    }
    paths_release(&options->inputs);
    free(options->outputs);
    free(options->packet_filter);
    free(options->index);
    *options = (struct argus_options){0};
}
