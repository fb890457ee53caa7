/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

#include "net/journal.h"
#include "net/journal_scan.h"

/* What journal.c, which writes, and journal_read.c have in common. */

struct segment {
    uint64_t position, stream, bytes;
    uint64_t missing; /* records behind it that were never here, as far as that is known */
};

struct journal {
    struct journal_options options;
    char *folder;
    int lock_file;  /* locked: the spool is ours */
    int descriptor; /* of the file that is written; -1: it is to be begun */
    uint64_t segment_most;
    char boot[40];
    uint64_t stream;
    struct journal_sources sources;
    struct journal_streams ended;
    struct journal_outputs outputs;
    size_t current; /* index of the source of the record added last; SIZE_MAX: none */
    uint8_t *buffer;
    size_t buffered, buffered_records;
    bool lacks_some; /* records that are to be passed over, which could not be noted yet */
    uint8_t *places; /* all marks that say where everything stands, as bytes */
    size_t places_capacity;
    uint64_t places_due; /* bytes of the file at which they are written again */

    pthread_mutex_t lock;     /* for all below, which the reader looks at */
    struct segment *segments; /* in order; the last one is written to */
    size_t count, capacity;
    uint64_t next; /* position behind what is written */
    uint64_t bytes, dropped;
};

/* The path of a file; the caller's. */
char *journal_path(const struct journal *journal, uint64_t position);
