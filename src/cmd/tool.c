/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/output.h"
#include "cmd/answer.h"
#include "cmd/tool_options.h"
#include "cmd/tool_rc.h"
#include "cmd/tool_remote.h"
#include "filter/filter.h"
#include "record/services.h"
#include "record/source.h"

/* Nobody takes what would still come, so a server is not waited for, which may be silent for long.
 */
static void close_all(struct tool *tool)
{
    tool->is_over = tool->is_closed = true;
    if (tool->input.reader)
        reader_abandon(tool->input.reader);
}

void tool_fail(struct tool *tool, const struct error *err)
{
    message_error(err);
    tool->has_failed = true;
    close_all(tool);
}

/* A reader that went away has all that it wanted. */
void tool_look_at(struct tool *tool, int result, const struct error *err)
{
    if (result < 0)
        tool_fail(tool, err);
    else if (result == OUTPUT_CLOSED)
        close_all(tool);
}

/* --- beginning -------------------------------------------------------------------------------- */

static int take_option(struct tool *tool, const struct tool_program *program, void *self, int event,
                       const struct option_arg *arg, struct error *err)
{
    if (event == TOOL_RC_FILE)
        return tool_rc_read(&tool->settings, arg->word, err);
    if (event == TOOL_CLEAR && program->clear)
        program->clear(self);
    /* Of modes, the tool's own go first: it may have another way to do what is common to others. */
    bool is_mode = event == TOOL_MODE;
    if (is_mode && program->replaces && !strcmp(arg->word, "replace")) {
        tool->settings.replace = true;
        return 0;
    }
    int result = is_mode && program->take ? program->take(self, event, arg, err) : TOOL_UNKNOWN;
    if (result == TOOL_UNKNOWN)
        result = tool_settings_take(&tool->settings, event, arg, err);
    if (result == TOOL_UNKNOWN && !is_mode && program->take)
        result = program->take(self, event, arg, err);
    if (result == TOOL_UNKNOWN)
        return error_set(err, "-M: the mode '%s' is not known, or not supported by this version",
                         arg->word);
    return result;
}

static int parse(struct tool *tool, const struct tool_program *program, void *self, int argc,
                 char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = 0;
    if (tool_rc_read_default(&tool->settings, argc, argv, err))
        return -1;
    tool_settings_end_defaults(&tool->settings);
    options_init(&options, program->options, argc, argv);
    while (!result && !tool->was_answered &&
           (event = options_next(&options, &arg, err)) != OPTIONS_END) {
        int answered = answer(program->options, event, err);
        tool->was_answered = answered == ANSWERED;
        if (event == OPTIONS_ERROR)
            result = -1;
        else if (answered)
            result = answered < 0 ? -1 : 0;
        else
            result = take_option(tool, program, self, event, &arg, err);
    }
    options_release(&options);
    return result;
}

static int use_standard_input(struct tool *tool, struct error *err)
{
    if (tool->settings.inputs_cleared)
        return error_set(err, "no input files: -X forgets what stands before it");
    if (isatty(STDIN_FILENO))
        return error_set(err, "no input files: name them with -r (see --help)");
    paths_add(&tool->settings.inputs, "-");
    return 0;
}

/* A server that start-up files name is one for command lines that name no input. */
static void choose_remotes(struct tool_settings *settings)
{
    bool named = settings->inputs.count || settings->remote_count > settings->remote_default;
    if (!named || !settings->remote_default)
        return;
    settings->remote_count -= settings->remote_default;
    memmove(settings->remotes, settings->remotes + settings->remote_default,
            settings->remote_count * sizeof(*settings->remotes));
    settings->remote_default = 0;
}

/* -M replace is for whole files, and must not lose records that nobody meant to lose. */
static int check_replace(const struct tool_settings *settings, struct error *err)
{
    if (settings->outputs.count)
        return error_set(err, "-M replace writes to the files that are read: -w makes no sense");
    if (settings->remote_count)
        return error_set(err, "-M replace needs files: remote sources cannot be replaced");
    if (settings->input_limit.last != UINT64_MAX || settings->output_limit.last != UINT64_MAX ||
        settings->input_limit.first > 1 || settings->output_limit.first > 1)
        return error_set(err, "-M replace would lose the records that -N leaves out");
    for (size_t i = 0; i < settings->inputs.count; i++) {
        const struct path *path = &settings->inputs.list[i];
        if (!strcmp(path->name, "-"))
            return error_set(err, "-M replace needs files: standard input cannot be replaced");
        if (path->first || path->last != UINT64_MAX)
            return error_set(err, "-M replace is for whole files, not for a part of %s",
                             path->name);
    }
    return 0;
}

/* What the libraries leave to programs: the time zone, and the names of services. */
static int set_place(struct tool_settings *settings, struct error *err)
{
    if (tool_settings_use_zone(settings, err))
        return -1;
    /* A machine without a list of services has no names for ports; that is no reason to stop. */
    if (service_names_load(&settings->services, "/etc/services", NULL))
        settings->services = NULL;
    settings->orientation.services = settings->direction.services ? settings->services : NULL;
    settings->orientation.well_known = settings->direction.well_known;
    settings->orientation.registered = settings->direction.registered;
    return 0;
}

static void print_filter(const struct filter *filter)
{
    char *text = filter ? filter_text(filter) : NULL;
    if (text)
        puts(text);
    free(text);
}

static void print_fields(void)
{
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &field_table[i];
        if (field->json)
            printf("%s\t%s\t%u\t%s\t%s\t%s\n", field->name, field->title, field->width,
                   field_type(field), field->json, field->help);
    }
}

static void print_schema(void)
{
    char *text = printer_json_schema();
    fputs(text, stdout);
    free(text);
}

/* What has come so far is seen while the next record is waited for. */
static void show_output(void *arg)
{
    struct tool *tool = arg;
    struct error err;
    tool_look_at(tool, tool_output_flush(&tool->output, &err), &err);
}

static int set_up(struct tool *tool, const struct tool_program *program, void *self,
                  struct error *err)
{
    struct tool_settings *settings = &tool->settings;
    if (set_place(&tool->settings, err))
        return -1;
    if (settings->only_schema || settings->only_fields) {
        if (settings->only_schema)
            print_schema();
        else
            print_fields();
        tool->was_answered = true;
        return 0;
    }
    enum filter_place place = FILTER_ANYWHERE;
    const char *filter = settings->filter ? settings->filter : settings->default_filter;
    if (filter)
        filter = filter_place(filter, &place);
    if (filter && tool_settings_filter(settings, &tool->filter, filter, err))
        return -1;
    if (program->prepare && program->prepare(self, settings, err))
        return -1;
    if (settings->only_compile) {
        print_filter(tool->filter);
        tool->was_answered = true;
        return 0;
    }
    bool needs_input = !program->needs_input || program->needs_input(self);
    choose_remotes(&tool->settings);
    if (needs_input && !settings->inputs.count && !settings->remote_count &&
        use_standard_input(tool, err))
        return -1;
    if (settings->replace && check_replace(settings, err))
        return -1;
    if (tool_output_init(&tool->output, settings, err) ||
        tool_stages_new(&tool->stages, settings, err))
        return -1;
    bool lines_on_terminal = tool->output.lines && isatty(STDOUT_FILENO);
    tool_input_init(&tool->input, &settings->inputs, !lines_on_terminal);
    tool->input.by_file = tool->input.is_replacing = settings->replace;
    tool->input.wait_most = program->wait_most;
    tool->is_running = true;
    if (!settings->remote_count)
        return 0;
    tool->input.before_wait = show_output;
    tool->input.wait_arg = tool;
    struct reader *reader = tool_remote_open(settings, filter, place, &tool->input, err);
    if (reader)
        tool_input_add_remote(&tool->input, reader);
    return reader ? 0 : -1;
}

bool tool_begin(struct tool *tool, const struct tool_program *program, void *self, int argc,
                char **argv)
{
    struct error err;
    *tool = (struct tool){0};
    tool_settings_init(&tool->settings);
    int result = parse(tool, program, self, argc, argv, &err);
    tool->settings.writes = program->writes;
    if (!result && !tool->was_answered)
        result = set_up(tool, program, self, &err);
    if (result)
        tool_fail(tool, &err);
    return tool->is_running;
}

/* --- records ---------------------------------------------------------------------------------- */

static void count_read(struct tool *tool, const struct record *r)
{
    if (r->type == RECORD_MAR)
        tool->totals.management++;
    else
        tool->totals.flows++;
}

static void count_used(struct tool *tool, const struct record *r)
{
    tool->totals.used++;
    if (r->type == RECORD_MAR || !record_has(r, BLOCK_METRIC))
        return;
    tool->totals.packets += r->metric.packets[SRC] + r->metric.packets[DST];
    tool->totals.bytes += r->metric.bytes[SRC] + r->metric.bytes[DST];
}

static bool is_selected(struct tool *tool, const struct record *r)
{
    if (!tool->filter || filter_match(tool->filter, r))
        return true;
    tool_reject(tool, r);
    return false;
}

/* Nobody sees management records and events that are neither printed nor written. */
static bool is_wanted(const struct tool *tool, const struct record *r)
{
    const struct tool_settings *settings = &tool->settings;
    if (settings->outputs.count > 0 || settings->writes)
        return true;
    if (r->type == RECORD_EVENT)
        return settings->print_events;
    return r->type != RECORD_MAR || settings->print_man || tool->keeps_management;
}

/* The management record that begins a file is not counted by -N. */
static bool is_head(const struct tool *tool, const struct record *r)
{
    return r->type == RECORD_MAR && tool->input.is_first;
}

/* Numbers the record; true if the limit includes it. *over is set when nothing after it is. */
static bool is_within(const struct tool_limit *limit, uint64_t *number, bool *over)
{
    if (++*number >= limit->last)
        *over = true;
    return *number >= limit->first && *number <= limit->last;
}

static bool is_head_within(const struct tool_limit *limit)
{
    return limit->first <= 1 && limit->last > 0;
}

static bool is_used(struct tool *tool, const struct record *r)
{
    const struct tool_limit *limit = &tool->settings.input_limit;
    if (!is_selected(tool, r))
        return false;
    if (is_head(tool, r) || !is_wanted(tool, r))
        return is_head_within(limit);
    return is_within(limit, &tool->totals.selected, &tool->is_over);
}

/* The first record of a file: its head is what the file that replaces it begins with. */
static void begin_file(struct tool *tool)
{
    struct error err;
    const struct record *head = tool->input.head;
    if (tool->totals.management + tool->totals.flows == 0)
        tool_output_set_head(&tool->output, head);
    if (tool->settings.replace &&
        tool_output_replace(&tool->output, tool->input.path->name, head, &err))
        tool_fail(tool, &err);
}

bool tool_next_file(struct tool *tool)
{
    struct error err;
    bool is_good = !tool->is_closed && tool->input.is_damaged == tool->was_damaged;
    if (tool->output.replacing && !tool->is_closed && !is_good)
        message("%s: damaged, and not replaced", tool->input.path->name);
    tool_look_at(tool, tool_output_end_replacing(&tool->output, is_good, &err), &err);
    if (!tool->input.by_file || tool->is_over || !tool_input_next_file(&tool->input))
        return false;
    tool->was_damaged = tool->input.is_damaged;
    return true;
}

/* True if there is one; it has passed the stages and the filter. */
static bool next_used(struct tool *tool, struct record **ret)
{
    while (!tool->is_over && tool_input_next(&tool->input, ret)) {
        if (tool->input.is_first)
            begin_file(tool);
        count_read(tool, *ret);
        if (!tool_stages_pass(tool->stages, *ret) || !is_used(tool, *ret))
            continue;
        count_used(tool, *ret);
        if (is_wanted(tool, *ret))
            return true;
    }
    return false;
}

bool tool_next(struct tool *tool, struct record **ret)
{
    if (tool->pending) {
        *ret = tool->pending;
        tool->pending = NULL;
        return true;
    }
    if (!next_used(tool, ret))
        return false;
    tool->pending = tool_stages_split(tool->stages, *ret);
    return true;
}

bool tool_admit(struct tool *tool, const struct record *r)
{
    const struct tool_limit *limit = &tool->settings.output_limit;
    bool within = is_head(tool, r) ? is_head_within(limit)
                                   : is_within(limit, &tool->emitted, &tool->is_closed);
    tool->is_over |= tool->is_closed;
    return within;
}

void tool_emit(struct tool *tool, const struct record *r)
{
    struct error err;
    if (tool_admit(tool, r))
        tool_look_at(tool, tool_output_take(&tool->output, r, &err), &err);
}

void tool_reject(struct tool *tool, const struct record *r)
{
    struct error err;
    tool_look_at(tool, tool_output_reject(&tool->output, r, &err), &err);
}

/* --- ending ----------------------------------------------------------------------------------- */

static void print_totals(const struct tool_totals *totals)
{
    printf(" Totalrecords %-8" PRIu64 "  TotalManRecords %-8" PRIu64 "  TotalFarRecords %-8" PRIu64
           " TotalPkts %-8" PRIu64 " TotalBytes %-8" PRIu64 "\n",
           totals->used, totals->management, totals->flows, totals->packets, totals->bytes);
}

static int status_of(const struct tool *tool)
{
    if (tool->input.is_missing)
        return 2;
    if (tool->has_failed || tool->input.is_damaged)
        return 1;
    bool was_polled = tool->settings.only_polls && tool->is_running;
    return tool->was_answered || was_polled || tool->totals.used > 0 ? 0 : 1;
}

int tool_end(struct tool *tool)
{
    struct error err;
    tool_look_at(tool, tool_output_close(&tool->output, &err), &err);
    if (tool->is_running)
        tool_input_release(&tool->input);
    if (tool->is_running && tool->settings.totals)
        print_totals(&tool->totals);
    if (fflush(stdout) && errno != EPIPE) {
        error_errno(&err, "standard output");
        tool_fail(tool, &err);
    }
    int status = status_of(tool);
    filter_free(tool->filter);
    tool_stages_free(tool->stages);
    tool_settings_release(&tool->settings);
    return status;
}
