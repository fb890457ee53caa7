/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cmd/binner.h"
#include "cmd/clustering.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

enum { OPT_ORDER = CLUSTERING_END, OPT_HOLD, OPT_REVERSE };

static const struct option_group rabins_options = {
    "Bins",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "time n[smhdwMy]: bins of this length; without it all is one bin. Records are cut at the "
         "edges of bins, and their parts share what they count. nomodify: do not cut them: each "
         "counts in the bin of its start. hard: what comes of a bin begins and ends with it; soft: "
         "with its packets (the default). zero: a bin without records has one that has nothing but "
         "its time. nomerge: merge nothing, as -m none. preserve: keep addresses, ports and "
         "protocols outside the key, as racluster does; they become zero otherwise. correct, "
         "nocorrect, rmon, uni, norep: as with racluster. Modes of ra, too."},
        {CLUSTERING_KEY, 'm', "key", OPTION_LIST, "key ...", CLUSTERING_KEY_HELP},
        {CLUSTERING_RULES, 'f', "rules", OPTION_WORD, "file",
         "Merge by the rules of this file (racluster.conf(5))."},
        {OPT_ORDER, 'P', "order", OPTION_LIST, "field ...",
         "Sort the records of each bin by these fields, as rasort does; if not given: stime."},
        {OPT_REVERSE, 'v', "reverse", OPTION_FLAG, NULL, "Sort them the other way round."},
        {OPT_HOLD, 'B', "hold", OPTION_WORD, "time",
         "Of what comes through a pipe or from a server, give each bin out as soon as a record is "
         "so much later than its end (5, 300ms, 1m), instead of all of them in the end. A record "
         "that comes later than that makes its bin come once more."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Merges flow records by time bins.",
    .usage = (const char *const[]){"[options] -M time n [-m key ...] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &rabins_options,
                                                   &tool_memory_options, &tool_thread_options,
                                                   &tool_print_options, &tool_write_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rabins -r flows.argus -M hard zero time 1m -m proto -s stime proto pkts bytes",
             "Packets and bytes of each protocol in each minute."},
            {"rabins -r flows.argus -M time 1h -m saddr -P bytes -s stime saddr bytes",
             "Who sent most, hour by hour."},
            {"argus -i eth0 -S 1 -w - | rabins -M hard time 5s -B 5 -m none -r -",
             "What was seen in the last five seconds, every five seconds."},
            {0},
        },
};

struct rabins {
    struct clustering clustering;
    struct sort_order order;
    struct binning binning;
    bool awaits_length; /* the word behind "time" comes next */
};

/* --- options ---------------------------------------------------------------------------------- */

static int set_length(struct rabins *settings, const char *word, struct error *err)
{
    settings->awaits_length = false;
    settings->binning.has_bins = true;
    return bins_parse(&settings->binning.bins, word, err) ? error_prefix(err, "-M time") : 0;
}

static int set_mode(struct rabins *settings, const struct option_arg *arg, struct error *err)
{
    const char *word = arg->word;
    struct binning *binning = &settings->binning;
    if (settings->awaits_length)
        return set_length(settings, word, err);
    if (!strcmp(word, "time"))
        settings->awaits_length = true;
    else if (!strcmp(word, "nomodify"))
        binning->is_whole = true;
    else if (!strcmp(word, "hard") || !strcmp(word, "soft"))
        binning->is_hard = word[0] == 'h';
    else if (!strcmp(word, "zero"))
        binning->is_zero = true;
    else if (!strcmp(word, "nomerge"))
        return key_model_add(&settings->clustering.key, "none", err);
    else if (!strcmp(word, "count") || !strcmp(word, "size"))
        return error_set(err, "-M %s: bins are of time; rasplit divides by %s", word, word);
    else
        return clustering_take(&settings->clustering, TOOL_MODE, arg, err);
    return 0;
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct rabins *settings = self;
    switch (event) {
    case TOOL_MODE:
        return set_mode(settings, arg, err);
    case OPT_ORDER:
        return sort_order_add(&settings->order, arg->word, err) ? error_prefix(err, "-P") : 0;
    case OPT_REVERSE:
        settings->order.is_reversed = true;
        return 0;
    case OPT_HOLD:
        settings->binning.is_live = true;
        return quantity_duration(arg->word, &settings->binning.hold_ns, err)
                   ? error_prefix(err, "-B")
                   : 0;
    default:
        return clustering_take(&settings->clustering, event, arg, err);
    }
}

static void clear(void *self)
{
    struct rabins *settings = self;
    sort_order_release(&settings->order);
    *settings = (struct rabins){.clustering.bare = true};
}

static int prepare(void *self, struct tool_settings *tool, struct error *err)
{
    struct rabins *settings = self;
    struct binning *binning = &settings->binning;
    if (settings->awaits_length)
        return error_set(err, "-M time: a length is missing");
    if (!binning->has_bins && (binning->is_hard || binning->is_zero || binning->is_live))
        return error_set(err, "%s: there are no bins without -M time",
                         binning->is_live   ? "-B"
                         : binning->is_hard ? "-M hard"
                                            : "-M zero");
    if (binning->is_hard && binning->is_whole)
        return error_set(err, "-M hard changes the times of records, -M nomodify does not");
    if (!settings->order.count && sort_order_add(&settings->order, "stime", err))
        return -1;
    if (!binning->has_bins)
        bins_all(&binning->bins);
    binning->has_marks = tool->bin_marks && binning->has_bins;
    binning->clustering = &settings->clustering;
    binning->order = &settings->order;
    return clustering_prepare(&settings->clustering, tool, BINNER_MEMORY_LEAST, err);
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .prepare = prepare};

/* --- records ---------------------------------------------------------------------------------- */

/* What has come out is seen while more is waited for. */
static void show(void *self)
{
    struct tool *tool = self;
    struct error err;
    tool_look_at(tool, tool_output_flush(&tool->output, &err), &err);
}

/* True if records come as they are made. Of files, all is there, and -B changes nothing. */
static bool is_live(const struct tool_settings *settings)
{
    struct stat status;
    for (size_t i = 0; i < settings->inputs.count; i++) {
        const char *name = settings->inputs.list[i].name;
        int result = strcmp(name, "-") != 0 ? stat(name, &status) : fstat(STDIN_FILENO, &status);
        if (!result && !S_ISREG(status.st_mode))
            return true;
    }
    return settings->remote_count > 0;
}

static void collect(struct tool *tool, struct binning *binning)
{
    struct record *r;
    struct error err;
    int result = 0;
    binning->is_live &= is_live(&tool->settings);
    struct binner *binner = binner_new(binning, tool);
    tool->input.before_wait = show;
    tool->input.wait_arg = tool;
    while (!result && tool_next(tool, &r))
        if (record_is_flow(r))
            result = binner_add(binner, r, &err);
    if (!result && !tool->is_closed)
        result = binner_finish(binner, &err);
    if (result)
        tool_fail(tool, &err);
    binner_free(binner);
}

int rabins_main(int argc, char **argv)
{
    struct tool tool;
    struct rabins settings = {.clustering.bare = true};
    if (tool_begin(&tool, &program, &settings, argc, argv))
        collect(&tool, &settings.binning);
    int status = tool_end(&tool);
    sort_order_release(&settings.order);
    clustering_release(&settings.clustering);
    return status;
}
