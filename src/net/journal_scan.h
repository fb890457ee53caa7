/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/journal_file.h"
#include "net/protocol.h"

/* Where the sources of a spool stand; and finding it out from the last file of one. */

/* A name that no source has: the mark at the end of a file that was closed in good order. */
#define JOURNAL_CLOSED "\x01"

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

struct journal_scan {
    struct journal_sources *sources; /* brought up to date */
    char boot[40];
    uint64_t next; /* position behind the last whole record */
    uint64_t end;  /* of the file's bytes that are whole */
    bool is_closed;
};

int journal_scan(struct journal_scan *scan, const char *path, struct error *err) MUST_USE;
