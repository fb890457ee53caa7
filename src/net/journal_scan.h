/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/event.h"
#include "net/journal.h"
#include "net/journal_file.h"
#include "net/protocol.h"

/* Where the sources of a spool stand; and finding it out from the last file of one. */

struct journal_source {
    char name[JOURNAL_SOURCE_MOST];
    struct protocol_place place; /* of its next record */
};

struct journal_sources {
    struct journal_source *list;
    size_t count, capacity;
};

/* The index of the source of this name, which is added if it is new. */
size_t journal_sources_find(struct journal_sources *sources, const char *name);
void journal_sources_release(struct journal_sources *sources);

/* Streams that the spool had before, and where they ended: the last few. */
enum { JOURNAL_STREAMS = 32 };
struct journal_streams {
    struct protocol_place list[JOURNAL_STREAMS];
    size_t count;
};

void journal_streams_add(struct journal_streams *streams, const struct protocol_place *end);
bool journal_streams_find(const struct journal_streams *streams, uint64_t stream,
                          uint64_t *ret_end);

/* Files that have the records, too. */
struct journal_outputs {
    struct journal_output *list;
    size_t count, capacity;
};

/* Takes the place of what was known of its path. */
void journal_outputs_put(struct journal_outputs *outputs, const struct journal_output *output);
void journal_outputs_release(struct journal_outputs *outputs);

/* The mark of one. */
size_t journal_output_put(uint8_t bytes[JOURNAL_MARK_MOST], const struct journal_output *output);

/*
 * Where a file is no part of a spool, that is told with `note`. What comes behind is found again at
 * the next mark with a position; without one the file is as if it ended there.
 */
struct journal_scan {
    struct journal_sources *sources; /* all three are brought up to date */
    struct journal_streams *streams;
    struct journal_outputs *outputs;
    void (*note)(void *arg, const struct event *event); /* NULL: it is not told */
    void *arg;

    char boot[40];
    uint64_t stream;
    uint64_t next; /* position behind the last whole record */
    uint64_t end;  /* of the file's bytes that are whole */
    bool is_closed;
    bool is_damaged; /* what is behind the end is not half a record, as one that is killed leaves */
};

int journal_scan(struct journal_scan *scan, const char *path, struct error *err) MUST_USE;
