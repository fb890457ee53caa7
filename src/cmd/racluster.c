/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "aggregate/rule_run.h"
#include "aggregate/rules.h"
#include "base/clock.h"
#include "base/message.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"

enum { OPT_KEY = TOOL_OWN, OPT_RULES };

static const struct option_group racluster_options = {
    "Clusters",
    (const struct option_spec[]){
        {OPT_KEY, 'm', "key", OPTION_LIST, "key ...",
         "Merge records that agree in these fields: srcid, proto, saddr, daddr (each with /length "
         "or /mask for networks), sport, dport, smac, dmac, soui, doui, svlan, dvlan, stos, dtos, "
         "sttl, dttl, inode and others; matrix, macmatrix: both addresses, whatever the direction; "
         "addr, port, mac: each record counts for both of its ends; all: all of them; none: merge "
         "nothing. If not given: srcid, proto, saddr, daddr, sport and dport."},
        {OPT_RULES, 'f', "rules", OPTION_WORD, "file",
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
            {"racluster -r *.argus -f racluster.conf -w flows.argus",
             "Merges as the rules of a file say, each record in the way that it wants."},
            {"racluster -r flows.argus -m matrix -n",
             "One line for each pair of hosts that talked to each other."},
            {0},
        },
};

struct racluster {
    struct key_model key;
    const char *rules_path; /* NULL: none */
    struct rules rules;
    enum rule_choice correct;
    bool no_report, bare, both_ends, one_way, by_file;
    struct tool_limits limits;
};

/* --- options ---------------------------------------------------------------------------------- */

static int set_mode(struct racluster *settings, const char *word)
{
    const struct {
        const char *word;
        bool *flag, value;
    } modes[] = {
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
    if (!strcmp(word, "correct"))
        settings->correct = RULE_YES;
    else if (!strcmp(word, "nocorrect"))
        settings->correct = RULE_NO;
    else
        return TOOL_UNKNOWN;
    return 0;
}

static int set_rules(struct racluster *settings, const char *path, struct error *err)
{
    if (settings->rules_path)
        return error_set(err, "-f: two files of rules are given: %s and %s", settings->rules_path,
                         path);
    settings->rules_path = path;
    return 0;
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct racluster *settings = self;
    switch (event) {
    case OPT_KEY:
        return key_model_add(&settings->key, arg->word, err);
    case OPT_RULES:
        return set_rules(settings, arg->word, err);
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

static void warn(const struct racluster *settings)
{
    for (size_t i = 0; i < settings->rules.count; i++) {
        const struct rule *rule = &settings->rules.list[i];
        const char *text = rule->filter ? filter_warning(rule->filter) : NULL;
        if (text)
            message("%s: line %u: filter: %s", settings->rules_path, rule->line, text);
    }
}

static int read_rules(struct racluster *settings, const struct tool_settings *tool,
                      struct error *err)
{
    const struct filter_names names = tool_settings_names(tool);
    const struct rule_options options = {
        .names = &names, .is_both_ends = settings->both_ends, .is_bare = settings->bare};
    if (rules_read(&settings->rules, settings->rules_path, &options, err))
        return -1;
    if (tool->verbose)
        warn(settings);
    return 0;
}

/* What the machine, the environment and the rules say about what was not given. */
static int prepare(void *self, const struct tool_settings *tool, struct error *err)
{
    struct racluster *settings = self;
    struct rules *rules = &settings->rules;
    if (tool_limits_complete(&settings->limits, CLUSTERS_MEMORY_LEAST, err))
        return -1;
    if (settings->rules_path && read_rules(settings, tool, err))
        return -1;
    key_model_complete(&settings->key, settings->both_ends);
    settings->key.is_bare = settings->bare;
    rules_end(rules, &settings->key);
    if (settings->correct)
        rules->correct = settings->correct;
    settings->no_report |= rules->report == RULE_NO;
    return 0;
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .prepare = prepare, .replaces = true};

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
    struct rule_run *rules;
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

static struct rule_run *new_rules(const struct racluster *settings)
{
    const struct cluster_options options = {
        .seed = random_seed(),
        .memory_bytes = settings->limits.memory_bytes,
        .folder = settings->limits.folder,
        .threads = settings->limits.threads,
    };
    return rule_run_new(&settings->rules, &options);
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

/* Each direction that has packets by itself. */
static void add_record(struct run *run, struct record *r)
{
    const bool split = run->settings->one_way && record_has(r, BLOCK_METRIC) &&
                       r->metric.packets[SRC] && r->metric.packets[DST];
    if (!split) {
        if (run->settings->one_way && record_has(r, BLOCK_METRIC) && r->metric.packets[DST])
            key_turn(r);
        add(run, r);
        return;
    }
    run->copy = *r;
    record_keep_side(&run->copy, SRC);
    add(run, &run->copy);
    run->copy = *r;
    record_keep_side(&run->copy, DST);
    key_turn(&run->copy);
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
    const char *name = run->settings->rules.name;
    if (name)
        message("rules: %s", name);
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
        run->rules = new_rules(run->settings);
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
        struct run run = {.tool = &tool, .settings = &settings};
        collect(&run);
        if (tool.settings.verbose)
            report(&run);
    }
    int status = tool_end(&tool);
    rules_release(&settings.rules);
    return status;
}
