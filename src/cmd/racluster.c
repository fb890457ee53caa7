/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/random.h>

#include "aggregate/cluster.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

enum { OPT_KEY = TOOL_OWN };

static const struct option_group racluster_options = {
    "Clusters",
    (const struct option_spec[]){
        {OPT_KEY, 'm', "key", OPTION_LIST, "key ...",
         "Merge records that agree in these fields: srcid, proto, saddr, daddr (each with /length "
         "for networks), sport, dport, smac, dmac, svlan, dvlan, stos, dtos, sttl, dttl, inode and "
         "others; matrix: both addresses, whatever the direction; none: merge nothing. If not "
         "given: srcid, proto, saddr, daddr, sport and dport."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "correct: merge the two directions of a flow that was recorded as two; nocorrect: do not "
         "(the default); norep: do not count the records merged; TZ=zone: print times of that time "
         "zone."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Merges flow records that belong together.",
    .usage = (const char *const[]){"[options] [-m key ...] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &racluster_options,
                                                   &tool_print_options, &tool_write_options,
                                                   &tool_unsupported_options, NULL},
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
    struct key_model model;
    bool correct, no_report;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct racluster *settings = self;
    if (event == OPT_KEY)
        return key_model_add(&settings->model, arg->word, err);
    if (!strcmp(arg->word, "correct") || !strcmp(arg->word, "nocorrect"))
        settings->correct = arg->word[0] == 'c';
    else if (!strcmp(arg->word, "norep"))
        settings->no_report = true;
    else if (strcmp(arg->word, "preserve") != 0)
        return TOOL_UNKNOWN;
    return 0;
}

static void clear(void *self)
{
    *(struct racluster *)self = (struct racluster){0};
}

static const struct tool_program program = {.options = &table, .take = take, .clear = clear};

/* Nobody who makes flows should be able to choose keys that collide. */
static uint64_t random_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = (uint64_t)(uintptr_t)&seed;
    return seed;
}

static void emit(struct tool *tool, const struct racluster *settings, struct record *r)
{
    if (settings->no_report) {
        record_touch(r);
        r->agr = (struct record_agr){0};
        r->blocks |= BLOCK_AGR;
    }
    tool_emit(tool, r);
}

static void collect(struct tool *tool, const struct racluster *settings, struct clusters *clusters)
{
    struct record *r;
    struct error err;
    while (tool_next(tool, &r)) {
        if (!record_is_flow(r))
            continue;
        if (settings->model.is_none)
            emit(tool, settings, r);
        else if (clusters_add(clusters, r, &err))
            tool_fail(tool, &err);
    }
}

static void emit_all(struct tool *tool, const struct racluster *settings, struct clusters *clusters)
{
    struct record *r;
    struct error err;
    if (clusters_finish(clusters, &err))
        tool_fail(tool, &err);
    while (!tool->is_closed && !clusters_next(clusters, &r))
        emit(tool, settings, r);
}

int racluster_main(int argc, char **argv)
{
    struct tool tool;
    struct racluster settings = {0};
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        if (settings.model.count)
            key_model_finish(&settings.model);
        else if (!settings.model.is_none)
            key_model_default(&settings.model);
        struct clusters *clusters = clusters_new(&(struct cluster_options){
            .model = &settings.model,
            .correct = settings.correct && settings.model.is_default,
            .seed = random_seed(),
        });
        collect(&tool, &settings, clusters);
        if (!tool.is_closed)
            emit_all(&tool, &settings, clusters);
        clusters_free(clusters);
    }
    return tool_end(&tool);
}
