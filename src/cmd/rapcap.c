/* SPDX-License-Identifier: Apache-2.0 */
/* rapcap: from flow records back to their packets. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/message.h"
#include "capture/pcap_writer.h"
#include "cmd/flow_text.h"
#include "cmd/index_tool.h"
#include "cmd/rapcap_list.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"
#include "index/place.h"

enum rapcap_option {
    OPT_INDEX = TOOL_OWN,
    OPT_CAPTURES,
    OPT_FLOW,
    OPT_WRITE,
    OPT_PCAPNG,
    OPT_COMMENTS,
    OPT_LIST,
    OPT_CSV,
    OPT_JSON,
    OPT_ERRORS,
    OPT_VERBOSE,
};

static const struct option_group rapcap_options = {
    "Packets",
    (const struct option_spec[]){
        {OPT_INDEX, 0, "index", OPTION_WORD, "directory",
         "The index of the captures (raindex(1))."},
        {OPT_CAPTURES, 0, "captures", OPTION_LIST, "directory ...",
         "Where the captures are now, if they have moved since they were indexed. They may have "
         "other names."},
        {OPT_FLOW, 0, "flow", OPTION_WORD, "flow",
         "Look for this flow, without records: 'tcp 10.0.0.1:1234 10.0.0.2:25'. Either end may "
         "stand first; without ports, all flows between the two. With -t, the packets within that "
         "time. The option may be repeated."},
        {OPT_WRITE, 'w', "write", OPTION_WORD, "file",
         "Write the packets to this file, in place of what it was; - is standard output, and the "
         "default."},
        {OPT_PCAPNG, 0, "pcapng", OPTION_FLAG, NULL,
         "Write pcapng, which can have packets of several link types; the default is pcap. Both "
         "keep nanoseconds."},
        {OPT_COMMENTS, 0, "comments", OPTION_FLAG, NULL,
         "With --pcapng: a comment at each packet says which record and flow it is of."},
        {OPT_LIST, 0, "list", OPTION_FLAG, NULL,
         "Print where the packets are instead: number of the record in the input, flow, number of "
         "the packet in its file as Wireshark counts frames, offset, time and file."},
        {OPT_CSV, 0, "csv", OPTION_FLAG, NULL, "The same as comma separated values (RFC 4180)."},
        {OPT_JSON, 0, "json", OPTION_FLAG, NULL, "The same as JSON, an object a line."},
        {OPT_ERRORS, 0, "with-icmp", OPTION_FLAG, NULL,
         "Take ICMP errors about the flows, too, within the times of their records."},
        {OPT_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
         "Say at the end how many records, packets and files there were."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Finds the packets of flow records in indexed captures.",
    .usage = (const char *const[]){"--index directory -r file ... [options] [- filter]",
                                   "--index directory --flow flow [-t range] [options]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &rapcap_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rapcap --index idx -r flows.argus -w mail.pcap - tcp and dst port 25",
             "The packets of all mail connections."},
            {"rapcap --index idx --flow 'tcp 10.0.0.1:1234 10.0.0.2:25' | tcpdump -r -",
             "Shows the packets of one flow."},
            {"rapcap --index idx -r flows.argus --list - host 10.0.0.1",
             "Says in which files, and where in them, the packets of a host are."},
            {0},
        },
};

struct rapcap {
    char *folder, *output;
    struct place place;
    struct wants wants;
    enum rapcap_list list;
    bool pcapng, comments, with_errors, verbose;
    uint64_t keyless; /* records that no packet can be found by */
    uint32_t *found;  /* packets of each want */
    uint64_t packets;
    bool is_partial;
};

/* --- options ---------------------------------------------------------------------------------- */

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static int add_flow(struct rapcap *x, const char *text, struct error *err)
{
    struct want want;
    if (flow_parse(text, &want, err))
        return -1;
    wants_add(&x->wants, &want);
    return 0;
}

static int take_flag(struct rapcap *x, int event)
{
    switch (event) {
    case OPT_PCAPNG:
        x->pcapng = true;
        return 0;
    case OPT_COMMENTS:
        x->comments = true;
        return 0;
    case OPT_LIST:
        x->list = x->list ? x->list : LIST_TEXT;
        return 0;
    case OPT_CSV:
        x->list = LIST_CSV;
        return 0;
    case OPT_JSON:
        x->list = LIST_JSON;
        return 0;
    case OPT_ERRORS:
        x->with_errors = true;
        return 0;
    case OPT_VERBOSE:
        x->verbose = true;
        return 0;
    default:
        return TOOL_UNKNOWN;
    }
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct rapcap *x = self;
    switch (event) {
    case OPT_INDEX:
        set_text(&x->folder, arg->word);
        return 0;
    case OPT_CAPTURES:
        return place_add_folder(&x->place, arg->word, err);
    case OPT_FLOW:
        return add_flow(x, arg->word, err);
    case OPT_WRITE:
        set_text(&x->output, arg->word);
        return 0;
    default:
        return take_flag(x, event);
    }
}

static void begin(struct rapcap *x)
{
    *x = (struct rapcap){0};
    place_init(&x->place);
    wants_init(&x->wants);
}

static void release(struct rapcap *x)
{
    place_release(&x->place);
    wants_release(&x->wants);
    free(x->folder);
    free(x->output);
    free(x->found);
}

static void clear(void *self)
{
    release(self);
    begin(self);
}

static bool needs_input(void *self)
{
    return ((struct rapcap *)self)->wants.count == 1; /* no flow was named */
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .needs_input = needs_input};

static int check_options(const struct rapcap *x, struct error *err)
{
    if (!x->folder)
        return error_set(err, "where is the index? name its directory with --index (see --help)");
    if (x->list && (x->output || x->pcapng))
        return error_set(err, "a list is printed: -w and --pcapng do not go with it");
    if (x->comments && !x->pcapng)
        return error_set(err, "--comments goes with --pcapng: pcap has no room for them");
    return 0;
}

/*
 * -t tells the times of records. Flows that were named without records have all times, and then
 * their packets are those within the range.
 */
static int bound_named_flows(struct rapcap *x, const struct tool_settings *settings,
                             struct error *err)
{
    const struct time_range *range = &settings->time_range;
    if (!settings->has_time_range || x->wants.count == 1)
        return 0;
    if (range->negated || range->wild || range->relation == TIME_AROUND)
        return error_set(err, "-t: with --flow only a range from one time to another makes sense");
    wants_bound(&x->wants, range->first, range->last);
    return 0;
}

/* --- output ----------------------------------------------------------------------------------- */

static char *find_capture(void *arg, const char *path, const struct capture_id *id,
                          struct error *err)
{
    return place_find(&((struct rapcap *)arg)->place, path, id, err);
}

static void note_trouble(void *arg, const struct error *err)
{
    message_error(err);
    ((struct rapcap *)arg)->is_partial = true;
}

static bool is_same_frame(const struct found *a, const struct found *b)
{
    return a->file == b->file && a->number == b->number;
}

static int write_packet(const struct rapcap *x, struct finder *finder, struct pcap_writer *writer,
                        const struct found *found, struct error *err)
{
    struct frame frame;
    char comment[FLOW_TEXT_SIZE + 64], flow[FLOW_TEXT_SIZE];
    const struct want *want = &x->wants.list[found->want];
    if (finder_read(finder, found, &frame, err))
        return -1;
    if (x->comments) {
        flow_text(flow, &want->identity);
        snprintf(comment, sizeof(comment), "record %" PRIu64 ": %s", want->number, flow);
    }
    return pcap_writer_frame(writer, &frame, x->comments ? comment : NULL, err);
}

static int deliver(struct rapcap *x, struct finder *finder, struct pcap_writer *writer,
                   const struct found *list, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        bool is_again = i && is_same_frame(&list[i - 1], &list[i]);
        x->found[list[i].want] += list[i].reason != FOUND_ERROR;
        x->packets += !is_again;
        if (x->list) {
            rapcap_list_line(x->list, finder, &list[i], &x->wants.list[list[i].want]);
        } else if (!is_again) {
            int result = write_packet(x, finder, writer, &list[i], err);
            if (result)
                return result;
        }
    }
    return x->list && ferror(stdout) ? error_errno(err, "standard output") : 0;
}

static int find_all(struct rapcap *x, struct finder *finder, struct pcap_writer *writer,
                    struct error *err)
{
    const struct found *list;
    size_t count;
    int result;
    while (!(result = finder_next(finder, &list, &count, err))) {
        result = deliver(x, finder, writer, list, count, err);
        if (result)
            return result;
    }
    return result == FINDER_END ? 0 : result;
}

/* What records count, and was not there, must not go unnoticed. */
static void report_missing(struct rapcap *x)
{
    uint64_t records = 0, packets = 0;
    for (uint32_t i = 1; i < x->wants.count; i++) {
        const struct want *want = &x->wants.list[i];
        if (want->is_wide || x->found[i] >= want->packets)
            continue;
        records++;
        packets += want->packets - x->found[i];
    }
    if (records)
        message("%" PRIu64 " packets of %" PRIu64 " records are in no indexed capture", packets,
                records);
    if (x->keyless)
        message("%" PRIu64 " records have no key that packets could be found by", x->keyless);
    x->is_partial |= records || x->keyless;
}

static void report_counts(const struct rapcap *x, const struct finder *finder)
{
    struct finder_counts counts;
    finder_get_counts(finder, &counts);
    message("%u records, %" PRIu64 " packets; looked into %" PRIu64 " segments, %" PRIu64
            " captures, %" PRIu64 " chunks of 64 KiB",
            x->wants.count - 1, x->packets, counts.segments, counts.captures, counts.chunks);
}

static int find(struct rapcap *x, const struct catalog *catalog, struct error *err)
{
    struct pcap_writer *writer = NULL;
    const struct finder_options options = {x->with_errors, find_capture, note_trouble, x};
    if (!x->list && pcap_writer_open(&writer, x->output ? x->output : "-", x->pcapng, err))
        return -1;
    wants_close(&x->wants);
    x->found = mem_zalloc(x->wants.count * sizeof(*x->found));
    struct finder *finder = finder_new(catalog, &x->wants, &options);
    rapcap_list_head(x->list);
    int result = find_all(x, finder, writer, err);
    if (!result)
        report_missing(x);
    if (!result && x->verbose)
        report_counts(x, finder);
    finder_free(finder);
    if (result)
        pcap_writer_abandon(writer);
    else if (writer)
        result = pcap_writer_close(writer, err);
    return result;
}

static int run(struct rapcap *x, struct error *err)
{
    struct catalog catalog;
    if (catalog_read(&catalog, x->folder, err))
        return -1;
    int result = find(x, &catalog, err);
    catalog_release(&catalog);
    return result;
}

int main(int argc, char **argv)
{
    struct rapcap x;
    struct tool tool;
    struct record *r;
    struct error err;
    signal(SIGPIPE, SIG_IGN);
    message_init("rapcap");
    begin(&x);
    uint64_t number = 0;
    bool is_ready = tool_begin(&tool, &program, &x, argc, argv);
    if (is_ready && (check_options(&x, &err) || bound_named_flows(&x, &tool.settings, &err))) {
        tool_fail(&tool, &err);
    } else if (is_ready) {
        while (tool_next(&tool, &r)) {
            number = tool.totals.management + tool.totals.flows;
            if (record_is_flow(r) && !wants_add_record(&x.wants, r, number))
                x.keyless++;
        }
        if (!tool.has_failed && run(&x, &err) < 0)
            tool_fail(&tool, &err);
    }
    int status = tool_end(&tool);
    bool has_failed =
        tool.was_answered || tool.has_failed || tool.input.is_damaged || tool.input.is_missing;
    if (!has_failed)
        status = x.is_partial ? INDEX_EXIT_PARTIAL : x.packets ? EXIT_SUCCESS : EXIT_FAILURE;
    release(&x);
    return status;
}
