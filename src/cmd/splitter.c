/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/splitter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/output.h"
#include "base/quantity.h"
#include "cmd/random_seed.h"
#include "cmd/tool_options.h"
#include "filter/filter.h"
#include "split/name.h"
#include "split/outputs.h"
#include "split/parts.h"
#include "split/series.h"

const struct option_group splitter_options = {
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
        {SPLITTER_LETTERS, 'a', "suffix-length", OPTION_WORD, "n",
         "How many letters follow the name; 2 if not given."},
        {TOOL_REJECTED, 'E', "write-rejected", OPTION_WORD, "file",
         "Append the records that the filter rejects to this file."},
        {0},
    },
};

/* What one -w says. */
struct target {
    struct name *name;         /* NULL: standard output */
    struct filter *filter;     /* NULL: everything */
    struct series_set *series; /* NULL: names are by time */
};

struct splitter {
    struct tool *tool;
    struct split_modes *modes;
    struct filter *begins; /* of -M flow */
    struct target *targets;
    size_t target_count;
    struct outputs *outputs;
    struct parts parts;
    struct pending *pending; /* NULL: nobody asks */
    uint64_t count;          /* records taken */
    bool is_at_head;         /* the record is the one that new files begin with: counted alone */
};

/* --- options ---------------------------------------------------------------------------------- */

void splitter_settings_init(struct splitter_settings *ret)
{
    enum { LETTERS_DEFAULT = 2 };
    split_modes_init(&ret->modes);
    ret->letters = LETTERS_DEFAULT;
}

int splitter_settings_take(struct splitter_settings *settings, int event,
                           const struct option_arg *arg, struct error *err)
{
    uint64_t letters;
    if (event == TOOL_MODE)
        return split_modes_take(&settings->modes, arg->word, err);
    if (event != SPLITTER_LETTERS)
        return TOOL_UNKNOWN;
    if (quantity_count(arg->word, SERIES_LETTERS_MOST, &letters, err))
        return error_prefix(err, "-a");
    settings->letters = (unsigned)letters;
    return letters ? 0 : error_set(err, "-a: at least one letter is needed");
}

/* --- where records go ------------------------------------------------------------------------- */

static int add_target(struct splitter *splitter, const struct output_spec *spec, unsigned letters,
                      struct error *err)
{
    struct target *target = &splitter->targets[splitter->target_count++];
    struct print_options options = splitter->tool->settings.print;
    const bool is_timed = splitter->modes->kind == SPLIT_TIME;
    options.services = splitter->tool->settings.services;
    if (spec->filter &&
        tool_settings_filter(&splitter->tool->settings, &target->filter, spec->filter, err))
        return error_prefix(err, "filter of -w %s", spec->path);
    if (!strcmp(spec->path, "-"))
        return 0;
    if (!is_timed)
        target->series = series_set_new(letters, random_seed());
    return name_new(&target->name, spec->path, is_timed, &options, err) ? error_prefix(err, "-w")
                                                                        : 0;
}

static int add_targets(struct splitter *splitter, unsigned letters, struct error *err)
{
    static char default_name[] = "x";
    const struct tool_settings *settings = &splitter->tool->settings;
    const struct output_spec otherwise = {.path = default_name};
    const bool is_given = settings->outputs.count > 0;
    const size_t count = is_given ? settings->outputs.count : 1;
    splitter->targets = mem_zalloc(count * sizeof(*splitter->targets));
    for (size_t i = 0; i < count; i++)
        if (add_target(splitter, is_given ? &settings->outputs.specs[i] : &otherwise, letters, err))
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

static bool is_next_file(const struct splitter *splitter, const struct series *series,
                         const struct record *r)
{
    if (!series->is_begun)
        return false;
    switch (splitter->modes->kind) {
    case SPLIT_COUNT:
        return series->records >= splitter->modes->limit;
    case SPLIT_SIZE:
        return series->size >= splitter->modes->limit;
    default:
        return filter_match(splitter->begins, r);
    }
}

/* A run that goes on where another one ended begins with the first file that is not full. */
static void pass_full_files(const struct splitter *splitter, const struct target *target,
                            struct series *series)
{
    struct stat status;
    while (!stat(series_path(target->series, series), &status) && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_size >= splitter->modes->limit)
        series_advance(series);
}

static int write_to_series(struct splitter *splitter, struct target *target, const struct record *r,
                           struct error *err)
{
    static const struct bin all_time = {INT64_MIN, INT64_MAX};
    struct series *series;
    const nsec_t time = r->type == RECORD_MAR ? r->mar.now : record_start(r);
    if (series_find(target->series, name_make(target->name, r, time), &series, err))
        return -1;
    if (is_next_file(splitter, series, r)) {
        if (splitter->pending)
            pending_complete(splitter->pending, series_path(target->series, series));
        series_advance(series);
    }
    if (splitter->modes->kind == SPLIT_SIZE && !series->size)
        pass_full_files(splitter, target, series);
    series->is_begun = true;
    series->records++;
    if (splitter->is_at_head)
        return 0;
    const char *path = series_path(target->series, series);
    if (splitter->pending)
        pending_add(splitter->pending, path, all_time, target);
    return outputs_write(splitter->outputs, path, r, &series->size, err);
}

static int write_parts(struct splitter *splitter, struct target *target, struct record *r,
                       struct error *err)
{
    struct bin bin;
    struct record *part;
    int result = 0;
    parts_begin(&splitter->parts, &splitter->modes->bins, r, !splitter->modes->is_whole);
    while (!result && (part = parts_next(&splitter->parts, &bin))) {
        const char *path = target->name ? name_make(target->name, part, bin.start) : "-";
        result = outputs_write(splitter->outputs, path, part, NULL, err);
        if (splitter->pending && target->name)
            pending_add(splitter->pending, path, bin, target);
    }
    return result;
}

static int write_record(struct splitter *splitter, struct record *r, struct error *err)
{
    int result = 0;
    for (size_t i = 0; !result && i < splitter->target_count; i++) {
        struct target *target = &splitter->targets[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        if (target->series)
            result = write_to_series(splitter, target, r, err);
        else if (splitter->is_at_head)
            continue;
        else if (splitter->modes->kind == SPLIT_TIME)
            result = write_parts(splitter, target, r, err);
        else
            result = outputs_write(splitter->outputs, "-", r, NULL, err);
    }
    return result;
}

void splitter_add(struct splitter *splitter, struct record *r)
{
    struct tool *tool = splitter->tool;
    struct error err;
    if (!splitter->count || tool->input.is_first)
        outputs_set_head(splitter->outputs, tool->input.head);
    splitter->is_at_head = !splitter->count++ && tool->input.is_first;
    if (tool_admit(tool, r))
        tool_look_at(tool, write_record(splitter, r, &err), &err);
}

/* --- files ------------------------------------------------------------------------------------ */

bool splitter_writes_files(const struct splitter *splitter)
{
    for (size_t i = 0; i < splitter->target_count; i++)
        if (splitter->targets[i].name)
            return true;
    return false;
}

bool splitter_goes_on(const struct splitter *splitter, const struct pending_file *file, nsec_t time,
                      struct bin *ret)
{
    const struct target *target = file->owner;
    if (target->series || time < file->bin.end)
        return false;
    *ret = bins_find(&splitter->modes->bins, time);
    return name_is_same(target->name, file->bin.start, ret->start);
}

int splitter_finish(struct splitter *splitter, const char *path, struct error *err)
{
    return outputs_finish(splitter->outputs, path, err);
}

void splitter_flush(struct splitter *splitter)
{
    struct error err;
    tool_look_at(splitter->tool, outputs_flush(splitter->outputs, &err), &err);
}

/* --- the whole -------------------------------------------------------------------------------- */

int splitter_open(struct splitter **ret, struct tool *tool, struct splitter_settings *settings,
                  struct pending *pending, struct error *err)
{
    struct splitter *splitter = mem_zalloc(sizeof(*splitter));
    const struct split_modes *modes = &settings->modes;
    *ret = splitter;
    splitter->tool = tool;
    splitter->modes = &settings->modes;
    splitter->pending = pending;
    if (split_modes_complete(modes, err))
        return -1;
    if (modes->expression &&
        tool_settings_filter(&tool->settings, &splitter->begins, modes->expression, err))
        return error_prefix(err, "-M flow");
    if (add_targets(splitter, settings->letters, err))
        return -1;
    splitter->outputs = outputs_new(open_files_most(), random_seed());
    for (size_t i = 0; i < tool->settings.inputs.count; i++)
        outputs_refuse(splitter->outputs, tool->settings.inputs.list[i].name);
    return 0;
}

void splitter_close(struct splitter *splitter)
{
    struct error err;
    if (!splitter)
        return;
    const bool has_failed = splitter->tool->has_failed;
    int result = splitter->outputs ? outputs_close(splitter->outputs, &err) : 0;
    if (!has_failed)
        tool_look_at(splitter->tool, result, &err);
    for (size_t i = 0; i < splitter->target_count; i++) {
        name_free(splitter->targets[i].name);
        filter_free(splitter->targets[i].filter);
        series_set_free(splitter->targets[i].series);
    }
    free(splitter->targets);
    filter_free(splitter->begins);
    free(splitter);
}
