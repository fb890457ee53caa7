/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/*
 * Posting: which chunks of a capture hold packets of a flow, as bytes. Numbers are variable-length:
 * seven bits a byte, the lowest first, the top bit set in all but the last (LEB128).
 *
 *     (hash, as the difference from the flow before, or from the start of the bucket) * 2 + more
 *     first chunk
 *     with more:  count of the runs behind the first, chunks of the first run - 1, then for each
 * run (chunks between it and the run before - 1) * 2 + long, and with long its chunks - 2
 *
 * Without more the flow is in one chunk. Most flows of a scan are, and take four bytes.
 */
enum { POSTING_NUMBER_MAX = 10 };

/* Returns the bytes written, at most POSTING_NUMBER_MAX. */
size_t posting_put_number(uint8_t *at, uint64_t number);

/* False, and nothing taken, if the bytes end within the number or it has more than 64 bits. */
bool posting_take_number(struct view *bytes, uint64_t *ret);

/* A run of chunks; count >= 1. */
struct posting_run {
    uint32_t chunk, count;
};

/* Bytes of chunk runs in rising order, never touching, into `at` (room for posting_most). */
size_t posting_put_runs(uint8_t *at, const struct posting_run *runs, size_t count);

static inline size_t posting_most(size_t runs)
{
    return (2 * runs + 2) * POSTING_NUMBER_MAX;
}

/*
 * Takes the runs of one flow, calling `take` for each. False if the bytes are damaged, or a chunk
 * is not below `chunks`.
 */
bool posting_take_runs(struct view *bytes, bool more, uint32_t chunks,
                       void (*take)(void *arg, struct posting_run run), void *arg);
