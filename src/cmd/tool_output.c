/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_output.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/output.h"
#include "cmd/host_cache.h"
#include "filter/filter.h"
#include "record/print.h"
#include "record/sink.h"
#include "record/vendors.h"

struct tool_sink {
    struct sink *sink;
    struct filter *filter; /* NULL: everything */
};

int tool_output_refuse_input(const struct paths *inputs, const char *path, struct error *err)
{
    struct stat output, input;
    if (!strcmp(path, "-") || stat(path, &output) || !S_ISREG(output.st_mode))
        return 0;
    for (size_t i = 0; i < inputs->count; i++) {
        if (strcmp(inputs->list[i].name, "-") != 0 && !stat(inputs->list[i].name, &input) &&
            input.st_dev == output.st_dev && input.st_ino == output.st_ino)
            return error_set(err, "%s is both input and output", path);
    }
    return 0;
}

static int init_sinks(struct tool_output *output, const struct tool_settings *settings,
                      struct error *err)
{
    const size_t count = settings->writes ? 0 : settings->outputs.count;
    output->sinks = mem_zalloc(count * sizeof(*output->sinks));
    for (size_t i = 0; i < count; i++) {
        const struct output_spec *spec = &settings->outputs.specs[i];
        if (tool_output_refuse_input(&settings->inputs, spec->path, err))
            return -1;
        if (spec->filter &&
            tool_settings_filter(settings, &output->sinks[i].filter, spec->filter, err))
            return error_prefix(err, "filter of -w %s", spec->path);
        output->sinks[i].sink = sink_new(spec->path);
        output->sink_count++;
    }
    if (!settings->rejected_path)
        return 0;
    output->rejected = sink_new(settings->rejected_path);
    return tool_output_refuse_input(&settings->inputs, settings->rejected_path, err);
}

/* What the printer needs of this machine, besides what the user says. */
static int init_names(struct tool_output *output, const struct tool_settings *settings,
                      struct print_options *options, struct error *err)
{
    options->services = settings->services;
    options->program = message_program();
    options->now = (nsec_t)time(NULL) * NSEC_PER_SEC;
    options->range_start = settings->time_range.first;
    options->range_end = settings->time_range.last;
    if (options->numeric == PRINT_HOST_NAMES) {
        output->hosts = host_cache_new();
        options->host_name = host_cache_name;
        options->host_name_arg = output->hosts;
    }
    if (options->vendor_macs && !settings->vendors_path)
        return error_set(err, "-M oui: no vendors are known; name their file with "
                              "--ethernet-vendors");
    if (!settings->vendors_path)
        return 0;
    int result = vendor_names_load(&output->vendors, settings->vendors_path, err);
    options->vendors = output->vendors;
    return result;
}

static int init_printer(struct tool_output *output, const struct tool_settings *settings,
                        struct error *err)
{
    struct print_options options = settings->print;
    if (init_names(output, settings, &options, err))
        return -1;
    output->printer = printer_new(&options);
    for (size_t i = 0; i < settings->column_count; i++) {
        if (i == settings->column_default)
            printer_end_defaults(output->printer);
        if (printer_select(output->printer, settings->columns[i], err))
            return -1;
    }
    if (settings->community_id && printer_select(output->printer, "+cid", err))
        return -1;
    if (!settings->quiet && !settings->replace && !settings->writes && !settings->outputs.count)
        return output_open(&output->lines, "-", err);
    printer_free(output->printer); /* it has checked the columns */
    output->printer = NULL;
    return 0;
}

int tool_output_init(struct tool_output *output, const struct tool_settings *settings,
                     struct error *err)
{
    *output = (struct tool_output){
        .print_man = settings->print_man,
        .print_events = settings->print_events,
    };
    if (init_printer(output, settings, err))
        return -1;
    return init_sinks(output, settings, err);
}

void tool_output_set_head(struct tool_output *output, const struct record *mar)
{
    for (size_t i = 0; i < output->sink_count; i++)
        sink_set_head(output->sinks[i].sink, mar);
    if (output->rejected)
        sink_set_head(output->rejected, mar);
}

int tool_output_replace(struct tool_output *output, const char *path, const struct record *mar,
                        struct error *err)
{
    return sink_replace(&output->replacing, path, mar, err);
}

int tool_output_end_replacing(struct tool_output *output, bool is_good, struct error *err)
{
    struct sink *sink = output->replacing;
    output->replacing = NULL;
    if (sink && is_good)
        return sink_free(sink, err);
    sink_abandon(sink);
    return 0;
}

static bool is_printed(const struct tool_output *output, const struct record *r)
{
    switch (r->type) {
    case RECORD_MAR:
        return output->print_man;
    case RECORD_EVENT:
        return output->print_events;
    default:
        return true;
    }
}

int tool_output_take(struct tool_output *output, const struct record *r, struct error *err)
{
    if (output->replacing)
        return sink_write(output->replacing, r, err);
    for (size_t i = 0; i < output->sink_count; i++) {
        const struct tool_sink *to = &output->sinks[i];
        if (to->filter && !filter_match(to->filter, r))
            continue;
        int result = sink_write(to->sink, r, err);
        if (result)
            return result;
    }
    if (!output->printer || !is_printed(output, r))
        return 0;
    return printer_print(output->printer, r, output->lines, err);
}

int tool_output_reject(struct tool_output *output, const struct record *r, struct error *err)
{
    return output->rejected ? sink_write(output->rejected, r, err) : 0;
}

int tool_output_flush(struct tool_output *output, struct error *err)
{
    int result = 0;
    for (size_t i = 0; !result && i < output->sink_count; i++)
        result = sink_flush(output->sinks[i].sink, err);
    if (!result && output->rejected)
        result = sink_flush(output->rejected, err);
    return !result && output->lines ? output_flush(output->lines, err) : result;
}

/* Keeps the first result that says something was lost. */
static void keep_first(int *result, struct error *err, int next, const struct error *next_err)
{
    if (*result < 0 || !next)
        return;
    *result = next;
    *err = *next_err;
}

int tool_output_close(struct tool_output *output, struct error *err)
{
    int result = 0;
    struct error next;
    sink_abandon(output->replacing);
    for (size_t i = 0; i < output->sink_count; i++) {
        keep_first(&result, err, sink_free(output->sinks[i].sink, &next), &next);
        filter_free(output->sinks[i].filter);
    }
    if (output->rejected)
        keep_first(&result, err, sink_free(output->rejected, &next), &next);
    if (output->lines && output->printer)
        keep_first(&result, err, printer_end(output->printer, output->lines, &next), &next);
    if (output->lines)
        keep_first(&result, err, output_close(output->lines, &next), &next);
    printer_free(output->printer);
    host_cache_free(output->hosts);
    vendor_names_free(output->vendors);
    free(output->sinks);
    *output = (struct tool_output){0};
    return result;
}
