/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "aggregate/cluster.h"
#include "base/clock.h"
#include "base/message.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"

enum { OPT_KEY = TOOL_OWN };

static const struct option_group racluster_options = {
    "Clusters",
    (const struct option_spec[]){
        {OPT_KEY, 'm', "key", OPTION_LIST, "key ...",
         "Merge records that agree in these fields: srcid, proto, saddr, daddr (each with /length "
         "or /mask for networks), sport, dport, smac, dmac, soui, doui, svlan, dvlan, stos, dtos, "
         "sttl, dttl, inode and others; matrix, macmatrix: both addresses, whatever the direction; "
         "addr, port, mac: each record counts for both of its ends; all: all of them; none: merge "
         "nothing. If not given: srcid, proto, saddr, daddr, sport and dport."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "correct: merge the two directions of a flow that was recorded as two; nocorrect: do not "
         "(the default); nopreserve: addresses, ports and protocols outside the key become zero; "
         "rmon: each record counts for both of its ends; uni: each direction is a record of its "
         "own; ind: each input file by itself; replace: put what comes of each file in its place; "
         "norep: do not count the records merged; TZ=zone: print times of that time zone."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Merges flow records that belong together.",
    .usage = (const char *const[]){"[options] [-m key ...] -r file ... [- filter]", NULL},
    .groups =
        (const struct option_group *const[]){&tool_input_options, &racluster_options,
                                             &tool_memory_options, &tool_thread_options,
                                             &tool_verbose_options, &tool_print_options,
                                             &tool_write_options, &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"racluster -r *.argus -w flows.argus",
             "Merges the status records of each flow into one."},
            {"racluster -r flows.argus -m saddr/24 dport -s saddr dport trans bytes - tcp",
             "Counts flows and bytes by network of the client and by service."},
            {"racluster -r flows.argus -m matrix -n",
             "One line for each pair of hosts that talked to each other."},
            {0},
        },
};

struct racluster {
    struct key_model key;
    bool correct, no_report, bare, both_ends, one_way, by_file;
    struct tool_limits limits;
};

/* --- options ---------------------------------------------------------------------------------- */

static int set_mode(struct racluster *settings, const char *word)
{
    const struct {
        const char *word;
        bool *flag, value;
    } modes[] = {
        {"correct", &settings->correct, true}, {"nocorrect", &settings->correct, false},
        {"preserve", &settings->bare, false},  {"nopreserve", &settings->bare, true},
        {"norep", &settings->no_report, true}, {"rmon", &settings->both_ends, true},
        {"uni", &settings->one_way, true},     {"ind", &settings->by_file, true},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (!strcmp(word, modes[i].word)) {
            *modes[i].flag = modes[i].value;
            return 0;
        }
    }
    return TOOL_UNKNOWN;
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct racluster *settings = self;
    switch (event) {
    case OPT_KEY:
        return key_model_add(&settings->key, arg->word, err);
    case TOOL_MODE:
        return set_mode(settings, arg->word);
    default:
        return tool_limits_take(&settings->limits, event, arg, err);
    }
}

static void clear(void *self)
{
    *(struct racluster *)self = (struct racluster){0};
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .replaces = true};

/* What the machine, the environment and the other options say about what was not given. */
static int complete(struct racluster *settings, struct error *err)
{
    if (tool_limits_complete(&settings->limits, CLUSTERS_MEMORY_LEAST, err))
        return -1;
    struct key_model *key = &settings->key;
    if (settings->both_ends && !key->count && key_model_add(key, "srcid,proto,saddr,sport", err))
        return -1;
    if (key->count)
        key_model_finish(key);
    else if (!key->is_none)
        key_model_default(key);
    key->is_both_ends |= settings->both_ends;
    key->is_bare = settings->bare;
    return 0;
}

/* Nobody who makes flows should be able to choose keys that collide. */
static uint64_t random_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = (uint64_t)(uintptr_t)&seed;
    return seed;
}

/* --- records ---------------------------------------------------------------------------------- */

struct run {
    struct tool *tool;
    const struct racluster *settings;
    struct cluster_model model;
    struct clusters *clusters;
    struct record copy;
    struct clusters_status total;
};

static void emit(const struct run *run, struct record *r)
{
    if (run->settings->no_report) {
        record_touch(r);
        r->agr = (struct record_agr){0};
        /* Lines say 0; in a file the record is one that was never merged. */
        if (run->tool->output.printer)
            r->blocks |= BLOCK_AGR;
        else
            r->blocks &= ~(uint32_t)BLOCK_AGR;
    }
    tool_emit(run->tool, r);
}

static struct clusters *new_clusters(const struct run *run)
{
    return clusters_new(&(struct cluster_options){
        .models = &run->model,
        .model_count = 1,
        .seed = random_seed(),
        .memory_bytes = run->settings->limits.memory_bytes,
        .folder = run->settings->limits.folder,
        .threads = run->settings->limits.threads,
    });
}

static void add(struct run *run, struct record *r)
{
    struct error err;
    if (run->settings->key.is_none)
        emit(run, r);
    else if (!run->tool->is_closed && clusters_add(run->clusters, 0, r, &err))
        tool_fail(run->tool, &err);
}

/* For its source and, reversed, for its target. */
static void add_ends(struct run *run, struct record *r)
{
    if (run->settings->key.is_both_ends) {
        struct record reversed = *r;
        key_turn(&reversed);
        add(run, r);
        add(run, &reversed);
    } else {
        add(run, r);
    }
}

/* Each direction that has packets by itself. */
static void add_record(struct run *run, struct record *r)
{
    const bool split = run->settings->one_way && record_has(r, BLOCK_METRIC) &&
                       r->metric.packets[SRC] && r->metric.packets[DST];
    if (!split) {
        if (run->settings->one_way && record_has(r, BLOCK_METRIC) && r->metric.packets[DST])
            key_turn(r);
        add_ends(run, r);
        return;
    }
    run->copy = *r;
    record_keep_side(&run->copy, SRC);
    add_ends(run, &run->copy);
    run->copy = *r;
    record_keep_side(&run->copy, DST);
    key_turn(&run->copy);
    add_ends(run, &run->copy);
}

/* Clusters come out, and make room for those of the next file. */
static void finish(struct run *run)
{
    struct record *r;
    struct error err;
    struct tool *tool = run->tool;
    if (!tool->is_closed && clusters_finish(run->clusters, &err))
        tool_fail(tool, &err);
    int result = 0;
    while (!tool->is_closed && !(result = clusters_next(run->clusters, &r, &err)))
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
    struct clusters_status status = clusters_status(run->clusters);
    add_status(run, &status);
    clusters_free(run->clusters);
    run->clusters = NULL;
}

static void report(const struct run *run)
{
    const struct clusters_status *total = &run->total;
    message("records: %" PRIu64 " in, %" PRIu64 " out; memory for clusters: %zu KiB at most; "
            "temporary files: %" PRIu64 " KiB written, %u passes; threads: %u",
            total->records, total->given, total->peak_bytes >> 10, total->spilled_bytes >> 10,
            total->passes, total->threads);
}

static void collect(struct run *run)
{
    struct record *r;
    run->tool->input.by_file |= run->settings->by_file;
    do {
        run->clusters = new_clusters(run);
        while (tool_next(run->tool, &r))
            if (record_is_flow(r))
                add_record(run, r);
        end_clusters(run);
    } while (tool_next_file(run->tool));
}

int racluster_main(int argc, char **argv)
{
    struct tool tool;
    struct error err;
    struct racluster settings = {0};
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        if (complete(&settings, &err)) {
            tool_fail(&tool, &err);
        } else {
            struct run run = {
                .tool = &tool,
                .settings = &settings,
                .model = {.key = &settings.key, .correct = settings.correct},
            };
            collect(&run);
            if (tool.settings.verbose)
                report(&run);
        }
    }
    return tool_end(&tool);
}
