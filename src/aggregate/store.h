/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/entry.h"
#include "aggregate/model.h"
#include "base/error.h"

/*
 * Store: clusters under a limit of memory, with temporary files for what does not fit. What comes
 * out, and in which order (order.h), does not depend on the limit.
 */
struct store;

struct store_options {
    const struct cluster_model *models; /* live as long as the store */
    unsigned model_count;
    uint64_t seed;        /* of the hash of keys */
    size_t limit_bytes;   /* STORE_LIMIT_LEAST or more; 0: none */
    const char *folder;   /* for temporary files */
    uint64_t spill_every; /* for tests: a partition goes to disk with every so many records */
};

enum { STORE_LIMIT_LEAST = 2 << 20 };

struct store_status {
    uint64_t clusters;        /* in memory, now */
    size_t bytes, peak_bytes; /* of memory */
    uint64_t spilled_bytes;   /* written to temporary files */
    unsigned passes;          /* over what was written, at most: 0 when all fitted */
};

struct store *store_new(const struct store_options *options) MUST_USE;
void store_free(struct store *store); /* NULL is fine */

/* Entries of kind ENTRY_ARRIVAL or ENTRY_EARLY, one after the other in these bytes. */
int store_add(struct store *store, const uint8_t *entries, size_t size, struct error *err) MUST_USE;

/*
 * A cluster that has gone out already, if nothing that could come before it is still to be found
 * in temporary files: 0 or STORE_END. It is valid until the next call.
 */
enum { STORE_END = 1 };
int store_early(struct store *store, const struct entry **ret);

/* To be called when all was added. Then store_next gives what store_early did not give: 0,
 * STORE_END or -1. An entry is valid until the next call. */
int store_finish(struct store *store, struct error *err) MUST_USE;
int store_next(struct store *store, const struct entry **ret, struct error *err) MUST_USE;

struct store_status store_status(const struct store *store);
