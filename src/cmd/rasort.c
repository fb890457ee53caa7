/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"
#include "sort/sorter.h"

enum { OPT_KEY = TOOL_OWN, OPT_REVERSE };

static const struct option_group rasort_options = {
    "Order",
    (const struct option_spec[]){
        {OPT_KEY, 'm', "key", OPTION_LIST, "field ...",
         "Sort by these fields, those that are equal in the first by the second, and so on. Any "
         "field will do (panoptes-fields(7)); addresses may have a mask: saddr/16. If not given: "
         "stime. Times, addresses, ports, sequence numbers and times to live go up; counters and "
         "all other numbers go down."},
        {OPT_REVERSE, 'v', "reverse", OPTION_FLAG, NULL,
         "The other way round; records that are equal stay in their order."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "replace: sort each file by itself, and put the result in its place. TZ=zone: print times "
         "of that time zone."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Sorts flow records.",
    .usage =
        (const char *const[]){"[options] [-m field ...] -r file ... [- filter]",
                              "-M replace [-m field ...] -r file ... | -R directory ...", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &rasort_options,
                                                   &tool_memory_options, &tool_thread_options,
                                                   &tool_print_options, &tool_write_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rasort -r *.argus -w sorted.argus", "Sorts records of many files by time."},
            {"rasort -m bytes -r flows.argus -N o10 -s saddr daddr bytes",
             "The ten flows with the most bytes."},
            {"rasort -m saddr/24 dport stime -r flows.argus",
             "Sorts by network, service and time."},
            {"rasort -M replace -R archive", "Sorts each file of an archive by time."},
            {0},
        },
};

struct rasort {
    struct sort_order order;
    struct tool_limits limits;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct rasort *settings = self;
    switch (event) {
    case OPT_KEY:
        return sort_order_add(&settings->order, arg->word, err) ? error_prefix(err, "-m") : 0;
    case OPT_REVERSE:
        settings->order.is_reversed = true;
        return 0;
    default:
        return tool_limits_take(&settings->limits, event, arg, err);
    }
}

static void clear(void *self)
{
    struct rasort *settings = self;
    sort_order_release(&settings->order);
    *settings = (struct rasort){0};
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .replaces = true};

static int complete(struct rasort *settings, struct error *err)
{
    if (!settings->order.count && sort_order_add(&settings->order, "stime", err))
        return -1;
    return tool_limits_complete(&settings->limits, SORTER_MEMORY_LEAST, err);
}

/* Gives the records of the sorter out; management records have no place in an order. */
static int sort(struct tool *tool, struct sorter *sorter, struct error *err)
{
    struct record *r;
    int result = 0;
    while (tool_next(tool, &r))
        if (r->type != RECORD_MAR && sorter_add(sorter, r, err))
            return -1;
    if (tool->is_closed)
        return 0;
    if (sorter_finish(sorter, err))
        return -1;
    while (!tool->is_closed && !(result = sorter_next(sorter, &r, err)))
        tool_emit(tool, r);
    return result < 0 ? -1 : 0;
}

static void sort_files(struct tool *tool, const struct rasort *settings)
{
    struct error err;
    do {
        struct sorter *sorter = sorter_new(&(struct sorter_options){
            .order = &settings->order,
            .memory_bytes = settings->limits.memory_bytes,
            .folder = settings->limits.folder,
            .threads = settings->limits.threads,
        });
        if (sort(tool, sorter, &err))
            tool_fail(tool, &err);
        sorter_free(sorter);
    } while (tool_next_file(tool));
}

int rasort_main(int argc, char **argv)
{
    struct tool tool;
    struct error err;
    struct rasort settings = {0};
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        if (complete(&settings, &err))
            tool_fail(&tool, &err);
        else
            sort_files(&tool, &settings);
    }
    sort_order_release(&settings.order);
    return tool_end(&tool);
}
