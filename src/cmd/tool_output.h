/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cmd/tool_settings.h"
#include "record/record.h"

/*
 * The output of a record tool: lines on standard output, or argus files, each with a filter of its
 * own.
 */
struct tool_sink;

struct tool_output {
    struct printer *printer; /* NULL: nothing is printed */
    struct host_cache *hosts;
    struct vendor_names *vendors;
    struct output *lines;
    struct tool_sink *sinks;
    size_t sink_count;
    struct sink *replacing; /* of -M replace: in place of an input file */
    struct sink *rejected;  /* NULL: forgotten */
    bool print_man, print_events;
};

/* An error if the file that is to be written is read, too: that may never end. */
int tool_output_refuse_input(const struct paths *inputs, const char *path,
                             struct error *err) MUST_USE;

int tool_output_init(struct tool_output *output, const struct tool_settings *settings,
                     struct error *err) MUST_USE;

/* The management record that new files begin with. */
void tool_output_set_head(struct tool_output *output, const struct record *mar);

/*
 * For -M replace: what comes now goes to a file that is to replace this one, and does so at
 * tool_output_end_replacing, if is_good.
 */
int tool_output_replace(struct tool_output *output, const char *path, const struct record *mar,
                        struct error *err) MUST_USE;
int tool_output_end_replacing(struct tool_output *output, bool is_good, struct error *err) MUST_USE;

/* 0, OUTPUT_CLOSED when a reader went away, or -1. */
int tool_output_take(struct tool_output *output, const struct record *r,
                     struct error *err) MUST_USE;
/* What was printed and written so far goes out now. 0, OUTPUT_CLOSED or -1. */
int tool_output_flush(struct tool_output *output, struct error *err) MUST_USE;

int tool_output_reject(struct tool_output *output, const struct record *r,
                       struct error *err) MUST_USE;

/* Writes what is left and frees everything, whatever happens; the first error is returned. */
int tool_output_close(struct tool_output *output, struct error *err) MUST_USE;
