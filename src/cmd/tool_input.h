/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/paths.h"
#include "record/record.h"

/*
 * The input of a record tool: the records of all its files, one file after the other. A file that
 * can't be opened or is damaged is reported, and the next one is read. Then the records of remote
 * sources, in the order in which they arrive.
 */
struct tool_input {
    const struct paths *paths;
    size_t next; /* path */
    struct source *source;
    const struct path *path;   /* that is open */
    struct reader *reader;     /* of remote sources, read after the files; NULL: none */
    uint64_t number;           /* of the record given last, in its file; from 1 */
    bool is_first;             /* the record given last begins its file or stream */
    const struct record *head; /* of that file or stream; of streams, the one begun last */
    struct record *remote_head;
    bool by_file;      /* set by the tool: it asks for each next file (tool_input_next_file) */
    bool is_replacing; /* set by the tool: compressed files are reported and left out */
    bool is_missing;   /* a file could not be opened */
    bool is_damaged;   /* a file is damaged, or no argus data; a remote source failed */
    void (*before_wait)(
        void *arg); /* set by the tool: called before it waits for a pipe or server */
    void *wait_arg;
    nsec_t wait_most;    /* set by the tool: before_wait is called again after so long; 0: never */
    uint64_t skipped;    /* files found in directories that are no argus data */
    uint64_t done_bytes; /* of the files before this one, as stored */
    uint32_t until_update; /* records until the progress is shown again */
};

void tool_input_init(struct tool_input *input, const struct paths *paths, bool shows_progress);
void tool_input_add_remote(struct tool_input *input, struct reader *reader); /* taken */
void tool_input_release(struct tool_input *input);

/* Opens the next file that can be read; false when there are no more. */
bool tool_input_next_file(struct tool_input *input);

/* False at the end of the last file, or of each if that is wanted. The record is valid until the
 * next call. */
bool tool_input_next(struct tool_input *input, struct record **ret);
