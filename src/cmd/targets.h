/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cmd/output_list.h"
#include "record/record.h"

/*
 * Targets: the files of -w, each with its filter. Files are opened by their first records.
 *
 * With a journal, which gets the same records, it is noted there how far each regular file is: when
 * it is opened, and by targets_note. So each has each record once, also after a process was killed.
 */
struct target;
struct journal;

struct targets {
    struct target *list;
    size_t count;
    struct journal *journal; /* NULL: none. Borrowed */
};

/* To be freed even when -1 is returned. */
int targets_new(struct targets *ret, const struct output_list *outputs, struct error *err) MUST_USE;

void targets_set_head(const struct targets *targets, const struct record *mar);

/* All of these: 0, OUTPUT_CLOSED or -1. */
int targets_write(const struct targets *targets, const struct record *r,
                  struct error *err) MUST_USE;
int targets_flush(const struct targets *targets, struct error *err) MUST_USE;

/* Flushes, and notes that the files have what the journal was given; it is to be flushed then. */
int targets_note(const struct targets *targets, struct error *err) MUST_USE;

/* At the start: makes of the files what they should be by what the journal noted, and has. */
int targets_recover(const struct targets *targets, struct error *err) MUST_USE;

/* Closes all files, which their next records open again. */
int targets_end(const struct targets *targets, struct error *err) MUST_USE;

/* Frees in any case; an error is the first of all. */
int targets_free(struct targets *targets, struct error *err) MUST_USE;
