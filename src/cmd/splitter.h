/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/options.h"
#include "cmd/rasplit_modes.h"
#include "cmd/tool.h"
#include "split/pending.h"

/*
 * Splitter: what rasplit and rastream have in common. Their options say how records are divided,
 * and it takes records to the files of each -w.
 */
enum { SPLITTER_LETTERS = 200 }; /* id of an option; the programs' own are below */

extern const struct option_group splitter_options;

struct splitter_settings {
    struct split_modes modes;
    unsigned letters;
};

void splitter_settings_init(struct splitter_settings *ret);

/* Takes an option: 0, TOOL_UNKNOWN (see cmd/tool_settings.h) or -1. */
int splitter_settings_take(struct splitter_settings *settings, int event,
                           const struct option_arg *arg, struct error *err) MUST_USE;

struct splitter;

/*
 * `pending` is told of all that is written, unless it is NULL: with files by time it gets their
 * bins, with others it is told when they are complete. To be closed even when -1 is returned.
 */
int splitter_open(struct splitter **ret, struct tool *tool, struct splitter_settings *settings,
                  struct pending *pending, struct error *err) MUST_USE;

/* A record that the tool gave. Trouble is the tool's. */
void splitter_add(struct splitter *splitter, struct record *r);

/* True if -w has names for files, and not only standard output. */
bool splitter_writes_files(const struct splitter *splitter);

/* True if what comes at this time goes to the pending file, too: its name has not changed. */
bool splitter_goes_on(const struct splitter *splitter, const struct pending_file *file, nsec_t time,
                      struct bin *ret);

/* The file is whole when this returns 0. */
int splitter_finish(struct splitter *splitter, const char *path, struct error *err) MUST_USE;

/* Hands what is in buffers to the system. Trouble is the tool's. */
void splitter_flush(struct splitter *splitter);

/* Writes what is left, after trouble as far as it goes, and frees everything; NULL is fine. */
void splitter_close(struct splitter *splitter);
