/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/message.h"
#include "cmd/clustering.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

static const struct option_group racluster_options = {
    "Clusters",
    (const struct option_spec[]){
        {CLUSTERING_KEY, 'm', "key", OPTION_LIST, "key ...", CLUSTERING_KEY_HELP},
        {CLUSTERING_RULES, 'f', "rules", OPTION_WORD, "file",
         "Merge by the rules of this file (racluster.conf(5)): each record by the first one that "
         "matches it. Then -m is for the records that none matches."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "correct: merge the two directions of a flow that was recorded as two; nocorrect: do not "
         "(the default); nopreserve: addresses, ports and protocols outside the key become zero; "
         "rmon: each record counts for both of its ends; uni: each direction is a record of its "
         "own; ind: each input file by itself; replace: put what comes of each file in its place; "
         "norep: do not count the records merged; TZ=zone: print times of that time zone."},
        {0},
    },
};

static const struct option_group message_options = {
    "Messages",
    (const struct option_spec[]){
        {TOOL_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
         "Say at the end how many records came in and went out, and what memory and temporary "
         "files were used; warn where a filter joins by both and and or without parentheses."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Merges flow records that belong together.",
    .usage = (const char *const[]){"[options] [-m key ...] -r file ... [- filter]", NULL},
    .groups =
        (const struct option_group *const[]){&tool_input_options, &racluster_options,
                                             &tool_memory_options, &tool_thread_options,
                                             &message_options, &tool_print_options,
                                             &tool_write_options, &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"racluster -r *.argus -w flows.argus",
             "Merges the status records of each flow into one."},
            {"racluster -r flows.argus -m saddr/24 dport -s saddr dport trans bytes - tcp",
             "Counts flows and bytes by network of the client and by service."},
            {"racluster -r *.argus -f racluster.conf -w flows.argus",
             "Merges as the rules of a file say, each record in the way that it wants."},
            {"racluster -r flows.argus -m matrix -n",
             "One line for each pair of hosts that talked to each other."},
            {0},
        },
};

struct racluster {
    struct clustering clustering;
    bool by_file;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct racluster *settings = self;
    if (event != TOOL_MODE || strcmp(arg->word, "ind") != 0)
        return clustering_take(&settings->clustering, event, arg, err);
    settings->by_file = true;
    return 0;
}

static void clear(void *self)
{
    *(struct racluster *)self = (struct racluster){0};
}

static int prepare(void *self, struct tool_settings *tool, struct error *err)
{
    struct racluster *settings = self;
    if (clustering_prepare(&settings->clustering, tool, CLUSTERS_MEMORY_LEAST, err))
        return -1;
    tool->print.of_hosts = settings->clustering.key.is_both_ends;
    return 0;
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .prepare = prepare, .replaces = true};

/* --- records ---------------------------------------------------------------------------------- */

struct run {
    struct tool *tool;
    const struct clustering *clustering;
    struct rule_run *rules;
    struct record copy;
    struct clusters_status total;
};

static void emit(const struct run *run, struct record *r)
{
    clustering_finish(run->clustering, r, run->tool->output.printer);
    tool_emit(run->tool, r);
}

/* Into clusters; and what goes out because of that goes out. */
static void add(struct run *run, struct record *r)
{
    struct error err;
    struct record *early;
    if (run->tool->is_closed)
        return;
    if (rule_run_add(run->rules, r, &err))
        tool_fail(run->tool, &err);
    while (!run->tool->is_closed && !clusters_early(rule_run_clusters(run->rules), &early))
        emit(run, early);
}

static void add_record(struct run *run, struct record *r)
{
    const bool is_split = clustering_split(run->clustering, r, &run->copy);
    add(run, r);
    if (is_split)
        add(run, &run->copy);
}

/* Clusters come out, and make room for those of the next file. */
static void finish(struct run *run)
{
    struct record *r;
    struct error err;
    struct tool *tool = run->tool;
    struct clusters *clusters = rule_run_clusters(run->rules);
    if (!tool->is_closed && clusters_finish(clusters, &err))
        tool_fail(tool, &err);
    int result = 0;
    while (!tool->is_closed && !(result = clusters_next(clusters, &r, &err)))
        emit(run, r);
    if (!tool->is_closed && result < 0)
        tool_fail(tool, &err);
}

static void add_status(struct run *run, const struct clusters_status *one)
{
    struct clusters_status *total = &run->total;
    total->records += one->records;
    total->given += one->given;
    total->spilled_bytes += one->spilled_bytes;
    total->threads = one->threads;
    if (one->peak_bytes > total->peak_bytes)
        total->peak_bytes = one->peak_bytes;
    if (one->passes > total->passes)
        total->passes = one->passes;
}

static void end_clusters(struct run *run)
{
    finish(run);
    struct clusters_status status = clusters_status(rule_run_clusters(run->rules));
    add_status(run, &status);
    rule_run_free(run->rules);
    run->rules = NULL;
}

static void report(const struct run *run)
{
    const struct clusters_status *total = &run->total;
    const char *name = run->clustering->rules.name;
    if (name)
        message("rules: %s", name);
    message("records: %" PRIu64 " in, %" PRIu64 " out; memory for clusters: %zu KiB at most; "
            "temporary files: %" PRIu64 " KiB written, %u passes; threads: %u",
            total->records, total->given, total->peak_bytes >> 10, total->spilled_bytes >> 10,
            total->passes, total->threads);
}

static void collect(struct run *run, bool by_file)
{
    struct record *r;
    const struct tool_limits *limits = &run->clustering->limits;
    run->tool->input.by_file |= by_file;
    do {
        run->rules = clustering_run(run->clustering, limits->memory_bytes, limits->threads);
        while (tool_next(run->tool, &r))
            if (record_is_flow(r))
                add_record(run, r);
        end_clusters(run);
    } while (tool_next_file(run->tool));
}

int racluster_main(int argc, char **argv)
{
    struct tool tool;
    struct racluster settings = {0};
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        struct run run = {.tool = &tool, .clustering = &settings.clustering};
        collect(&run, settings.by_file);
        if (tool.settings.verbose)
            report(&run);
    }
    int status = tool_end(&tool);
    clustering_release(&settings.clustering);
    return status;
}
