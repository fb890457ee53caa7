/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/output.h"
#include "base/quantity.h"
#include "cmd/cmd.h"
#include "cmd/random_seed.h"
#include "cmd/rasplit_modes.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"
#include "record/source.h"
#include "split/name.h"
#include "split/outputs.h"
#include "split/parts.h"
#include "split/series.h"

enum { OPT_LETTERS = TOOL_OWN };

static const struct option_group rasplit_options = {
    "Files",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "time n[smhdwMy]: a file for each time of this length; records that go on behind its end "
         "are cut, and their parts share what they count. nomodify: do not cut them: each goes to "
         "the file of its start. count n[kmg]: a new file after so many records (the default, with "
         "10000). size n[kmg]: a new file when one has so many bytes. flow expression: a new file "
         "with each record that the filter expression matches. Modes of ra, too."},
        {TOOL_WRITE, 'w', "write", OPTION_WORD_PLUS, "name [filter]",
         "What the files are called; x if not given. Conversions of strftime(3) become the start "
         "of the file's time, in local time; $field becomes that field of the record. With -M time "
         "a name without conversions gets .%Y.%m.%d.%H.%M.%S; otherwise letters follow: xaa, xab. "
         "Folders are made, and files that are there appended to. - is standard output. A second "
         "word is a filter for these files. The option may be repeated."},
        {OPT_LETTERS, 'a', "suffix-length", OPTION_WORD, "n",
         "How many letters follow the name; 2 if not given."},
        {TOOL_REJECTED, 'E', "write-rejected", OPTION_WORD, "file",
         "Append the records that the filter rejects to this file."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Divides flow records among files.",
    .usage =
        (const char *const[]){"[options] [-M mode ...] -r file ... [-w name] [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &rasplit_options,
                                                   &tool_verbose_options, &tool_print_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rasplit -r flows.argus -M time 5m -w archive/%Y/%m/%d/argus.%H.%M.%S",
             "A file for every five minutes, with what was counted in them."},
            {"argus -i eth0 -w - | rasplit -M time 1h -w 'archive/$srcid/%Y.%m.%d.%H'",
             "The same for what a sensor sees, by sensor and hour, as it goes."},
            {"rasplit -r flows.argus -M time 1d nomodify -w day",
             "day.2026.11.24.00.00.00 and so on: records whole, by the day they begin."},
            {"rasplit -r flows.argus -M size 100m -w 'by-protocol/$proto.'",
             "Files of 100 MB for each protocol."},
            {0},
        },
};

struct rasplit {
    struct split_modes modes;
    unsigned letters;
};

/* --- options ---------------------------------------------------------------------------------- */

static void clear(void *self)
{
    enum { LETTERS_DEFAULT = 2 };
    struct rasplit *settings = self;
    split_modes_init(&settings->modes);
    settings->letters = LETTERS_DEFAULT;
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct rasplit *settings = self;
    uint64_t letters;
    if (event == TOOL_MODE)
        return split_modes_take(&settings->modes, arg->word, err);
    if (event != OPT_LETTERS)
        return TOOL_UNKNOWN;
    if (quantity_count(arg->word, SERIES_LETTERS_MOST, &letters, err))
        return error_prefix(err, "-a");
    settings->letters = (unsigned)letters;
    return letters ? 0 : error_set(err, "-a: at least one letter is needed");
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .writes = true};

/* --- where records go ------------------------------------------------------------------------- */

/* What one -w says. */
struct target {
    struct name *name;         /* NULL: standard output */
    struct filter *filter;     /* NULL: everything */
    struct series_set *series; /* NULL: names are by time */
};

struct run {
    struct tool *tool;
    struct split_modes *modes;
    struct filter *begins; /* of -M flow */
    struct target *targets;
    size_t target_count;
    struct outputs *outputs;
    struct parts parts;
    bool is_at_head; /* the record is the one that new files begin with: it is counted alone */
};

static int add_target(struct run *run, const struct tool_output_spec *spec, unsigned letters,
                      struct error *err)
{
    struct target *target = &run->targets[run->target_count++];
    struct print_options options = run->tool->settings.print;
    const bool is_timed = run->modes->kind == SPLIT_TIME;
    options.services = run->tool->settings.services;
    if (spec->filter &&
        tool_settings_filter(&run->tool->settings, &target->filter, spec->filter, err))
        return error_prefix(err, "filter of -w %s", spec->path);
    if (!strcmp(spec->path, "-"))
        return 0;
    if (!is_timed)
        target->series = series_set_new(letters, random_seed());
    return name_new(&target->name, spec->path, is_timed, &options, err) ? error_prefix(err, "-w")
                                                                        : 0;
}

static int add_targets(struct run *run, unsigned letters, struct error *err)
{
    static char default_name[] = "x";
    const struct tool_settings *settings = &run->tool->settings;
    const struct tool_output_spec otherwise = {.path = default_name};
    const bool is_given = settings->output_count > 0;
    const size_t count = is_given ? settings->output_count : 1;
    run->targets = mem_zalloc(count * sizeof(*run->targets));
    for (size_t i = 0; i < count; i++)
        if (add_target(run, is_given ? &settings->outputs[i] : &otherwise, letters, err))
            return -1;
    return 0;
}

/* As many files as the system lets us have open, but for those that are needed otherwise. */
static unsigned open_files_most(void)
{
    enum { RESERVED = 32, LEAST = 4, MOST = 4096 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return LEAST;
    if (limit.rlim_cur < limit.rlim_max && limit.rlim_cur < MOST + RESERVED) {
        limit.rlim_cur = limit.rlim_max < MOST + RESERVED ? limit.rlim_max : MOST + RESERVED;
        if (setrlimit(RLIMIT_NOFILE, &limit) && getrlimit(RLIMIT_NOFILE, &limit))
            return LEAST;
    }
    if (limit.rlim_cur < RESERVED + LEAST)
        return LEAST;
    return limit.rlim_cur < MOST + RESERVED ? (unsigned)limit.rlim_cur - RESERVED : MOST;
}

/* --- records ---------------------------------------------------------------------------------- */

static bool is_next_file(const struct run *run, const struct series *series, const struct record *r)
{
    if (!series->is_begun)
        return false;
    switch (run->modes->kind) {
    case SPLIT_COUNT:
        return series->records >= run->modes->limit;
    case SPLIT_SIZE:
        return series->size >= run->modes->limit;
    default:
        return filter_match(run->begins, r);
    }
}

/* A run that goes on where another one ended begins with the first file that is not full. */
static void pass_full_files(const struct run *run, const struct target *target,
                            struct series *series)
{
    struct stat status;
    while (!stat(series_path(target->series, series), &status) && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_size >= run->modes->limit)
        series_advance(series);
}

static int write_to_series(struct run *run, struct target *target, const struct record *r,
                           struct error *err)
{
    struct series *series;
    const nsec_t time = r->type == RECORD_MAR ? r->mar.now : record_start(r);
    if (series_find(target->series, name_make(target->name, r, time), &series, err))
        return -1;
    if (is_next_file(run, series, r))
        series_advance(series);
    if (run->modes->kind == SPLIT_SIZE && !series->size)
        pass_full_files(run, target, series);
    series->is_begun = true;
    series->records++;
    if (run->is_at_head)
        return 0;
    return outputs_write(run->outputs, series_path(target->series, series), r, &series->size, err);
}

static int write_parts(struct run *run, struct target *target, struct record *r, struct error *err)
{
    struct bin bin;
    struct record *part;
    int result = 0;
    parts_begin(&run->parts, &run->modes->bins, r, !run->modes->is_whole);
    while (!result && (part = parts_next(&run->parts, &bin))) {
        const char *path = target->name ? name_make(target->name, part, bin.start) : "-";
        result = outputs_write(run->outputs, path, part, NULL, err);
    }
    return result;
}

static int write_record(struct run *run, struct record *r, struct error *err)
{
    int result = 0;
    for (size_t i = 0; !result && i < run->target_count; i++) {
        struct target *target = &run->targets[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        if (target->series)
            result = write_to_series(run, target, r, err);
        else if (run->is_at_head)
            continue;
        else if (run->modes->kind == SPLIT_TIME)
            result = write_parts(run, target, r, err);
        else
            result = outputs_write(run->outputs, "-", r, NULL, err);
    }
    return result;
}

/* Records of a sensor that is idle are to be found in their files, not in memory. */
static void flush(void *self)
{
    struct run *run = self;
    struct error err;
    tool_look_at(run->tool, outputs_flush(run->outputs, &err), &err);
}

static void split(struct run *run)
{
    struct tool *tool = run->tool;
    struct record *r;
    struct error err;
    uint64_t count = 0;
    tool->input.before_wait = flush;
    tool->input.wait_arg = run;
    while (tool_next(tool, &r)) {
        if (!count || tool->input.is_first)
            outputs_set_head(run->outputs, tool->input.head);
        run->is_at_head = !count++ && tool->input.is_first;
        if (tool_admit(tool, r))
            tool_look_at(tool, write_record(run, r, &err), &err);
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

static int begin(struct run *run, unsigned letters, struct error *err)
{
    struct tool_settings *settings = &run->tool->settings;
    const struct split_modes *modes = run->modes;
    if (split_modes_complete(modes, err))
        return -1;
    if (modes->expression && tool_settings_filter(settings, &run->begins, modes->expression, err))
        return error_prefix(err, "-M flow");
    if (add_targets(run, letters, err))
        return -1;
    run->outputs = outputs_new(open_files_most(), random_seed());
    for (size_t i = 0; i < settings->inputs.count; i++)
        outputs_refuse(run->outputs, settings->inputs.list[i].name);
    return 0;
}

/* After trouble, what is still in buffers is written as far as it goes. */
static void end(struct run *run)
{
    struct error err;
    const bool has_failed = run->tool->has_failed;
    int result = run->outputs ? outputs_close(run->outputs, &err) : 0;
    if (!has_failed)
        tool_look_at(run->tool, result, &err);
    for (size_t i = 0; i < run->target_count; i++) {
        name_free(run->targets[i].name);
        filter_free(run->targets[i].filter);
        series_set_free(run->targets[i].series);
    }
    free(run->targets);
    filter_free(run->begins);
}

int rasplit_main(int argc, char **argv)
{
    struct tool tool;
    struct error err;
    struct rasplit settings;
    clear(&settings);
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        struct run run = {.tool = &tool, .modes = &settings.modes};
        if (begin(&run, settings.letters, &err))
            tool_fail(&tool, &err);
        else
            split(&run);
        end(&run);
    }
    return tool_end(&tool);
}
