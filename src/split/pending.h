/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "split/bins.h"

/*
 * Pending: the files that are being written, each with the end of what belongs in it. A file is
 * due when time has come to `hold` behind that end; then it is given once, and forgotten.
 *
 * What is written later goes to a file that is pending again, and due when `hold` has passed since
 * then: so that many late records of a file are one more turn of it, not as many turns as records.
 *
 * There are at most `most` of them, by default PENDING_MOST: with more, the next one is due early.
 * Those that are due at once are given in the order in which they came.
 */
enum { PENDING_MOST = 1 << 20 };

struct pending;

struct pending_file {
    char *path;
    const void *owner; /* whatever the caller said */
    struct bin bin;    /* the last one that belongs in it */
    bool is_late;      /* it had been due before, as far as anybody knows */
};

struct pending *pending_new(nsec_t hold, size_t most, uint64_t seed) MUST_USE;
void pending_free(struct pending *pending); /* NULL is fine */

void pending_set_time(struct pending *pending, nsec_t now);

/* Something of this bin was written to the file. */
void pending_add(struct pending *pending, const char *path, struct bin bin, const void *owner);

/* Nothing more will be written to it: it is due now, if it is pending. */
void pending_complete(struct pending *pending, const char *path);

/*
 * The next file that is due, or with `all` the next one of all, as it would be due. It is valid
 * until the next call, and no longer pending. NULL: there is none.
 */
struct pending_file *pending_next(struct pending *pending, bool all);

/* The file given last is not complete: this bin belongs in it, too. */
void pending_keep(struct pending *pending, struct bin bin);

/* When the next one is due; INT64_MAX: none is pending. */
nsec_t pending_due(const struct pending *pending);

/* How often a file was written to when it had been due already. */
uint64_t pending_late_count(const struct pending *pending);
