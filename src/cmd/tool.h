/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/options.h"
#include "cmd/tool_input.h"
#include "cmd/tool_output.h"
#include "cmd/tool_settings.h"
#include "cmd/tool_stages.h"
#include "record/record.h"

/*
 * The frame of the record tools (ra, racluster, ...): what they have in common. A tool is
 *
 *     struct tool tool;
 *     struct record *r;
 *     if (tool_begin(&tool, &program, &my_settings, argc, argv)) {
 *         while (tool_next(&tool, &r))
 *             tool_emit(&tool, r);
 *     }
 *     return tool_end(&tool);
 *
 * Trouble is reported where it comes up and remembered for the exit status: 0 when a record was
 * selected, 1 when none was or something went wrong, 2 when an input file could not be opened.
 */
struct tool_program {
    const struct option_table *options;
    /*
     * Takes an option of the tool's own: 0, TOOL_UNKNOWN (of a mode) or -1. NULL: it has none.
     * `self` is the tool's settings.
     */
    int (*take)(void *self, int event, const struct option_arg *arg, struct error *err);
    void (*clear)(void *self); /* for -X; NULL: nothing to clear */
    /*
     * Once all options are known, and before any file is written: what the tool's own mean, or
     * change. NULL: there is nothing to do.
     */
    int (*prepare)(void *self, struct tool_settings *settings, struct error *err);
    bool writes;      /* it divides records among files itself: see tool_admit */
    bool replaces;    /* it has -M replace, and asks for files one by one (tool_next_file) */
    nsec_t wait_most; /* see cmd/tool_input.h; 0 for tools that need no clock */
    /* False if there is something to do without records, too; NULL: records are always read. */
    bool (*needs_input)(void *self);
};

struct tool_totals {
    uint64_t management, flows; /* records read */
    uint64_t selected;          /* by the filter, as -N counts them */
    uint64_t used;              /* selected, and within -N */
    uint64_t packets, bytes;    /* of the flows used */
};

struct tool {
    struct tool_settings settings;
    struct tool_input input;
    struct tool_output output;
    struct filter *filter;
    struct tool_stages *stages;
    struct record *pending; /* the second of two that a record has become; NULL: none */
    struct tool_totals totals;
    uint64_t emitted;
    bool is_running; /* input and output are set up */
    bool is_over;    /* no more input is wanted: limit reached, or is_closed */
    bool is_closed;  /* no more output is wanted: limit reached, reader gone, error */
    bool has_failed;
    bool keeps_management; /* set by the tool: it gets management records, printed or not */
    bool was_damaged;      /* input.is_damaged when the file that is to be replaced was opened */
    bool was_answered;     /* --help and the like: success, and no input is read */
};

/* False if there is nothing to do: after --help, or trouble. tool_end is called in any case. */
bool tool_begin(struct tool *tool, const struct tool_program *program, void *self, int argc,
                char **argv);

/*
 * The next record that the filter and -N let pass. Management records are among them only if they
 * are printed or written.
 */
bool tool_next(struct tool *tool, struct record **ret);

/*
 * For tools that treat each file by itself, because input.by_file is set (as by -M replace):
 * tool_next is false at the end of each file, and this says whether there is another.
 *
 *     do {
 *         while (tool_next(&tool, &r)) ...
 *     } while (tool_next_file(&tool));
 *
 * With -M replace the file that has been read is replaced by what was emitted since.
 */
bool tool_next_file(struct tool *tool);

/* Prints or writes it; management records are printed only when they are wanted. */
void tool_emit(struct tool *tool, const struct record *r);

/* Writes it to the file of -E, with those that the filter rejects. */
void tool_reject(struct tool *tool, const struct record *r);

/*
 * For tools that write to the outputs of the settings themselves: counts a record of the output;
 * false if -N leaves it out. What writing it gave is for tool_look_at.
 */
bool tool_admit(struct tool *tool, const struct record *r);

/* What writing gave: 0, OUTPUT_CLOSED when a reader went away, which is no failure, or -1. */
void tool_look_at(struct tool *tool, int result, const struct error *err);

/* Reports trouble that the tool itself had; input and output then are over. */
void tool_fail(struct tool *tool, const struct error *err);

/* The exit status. */
int tool_end(struct tool *tool);
