/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Pairs: (hash of a flow, chunk) in any number, given back sorted and without repetition, in memory
 * that does not depend on how many there are. What does not fit is sorted and written to a
 * temporary file, run by run, and the runs are merged.
 */
struct pairs;

static inline uint64_t pair_of(uint32_t hash, uint32_t chunk)
{
    return (uint64_t)hash << 32 | chunk;
}

/* `memory` bytes at most are used; the temporary file, if one is needed, is made in `folder`. */
int pairs_new(struct pairs **ret, uint64_t memory, const char *folder, struct error *err) MUST_USE;
void pairs_free(struct pairs *pairs); /* NULL is fine */

/* Chunks must not become smaller from one pair to the next. */
int pairs_add(struct pairs *pairs, const uint64_t *list, size_t count, struct error *err) MUST_USE;

/* Ends the adding. */
int pairs_sort(struct pairs *pairs, struct error *err) MUST_USE;

/*
 * How many were added, repetitions included: unlike how many of those were found, this does not
 * depend on the memory.
 */
uint64_t pairs_added(const struct pairs *pairs);

/* The next pair: 0, PAIRS_END or -1. */
enum { PAIRS_END = 1 };
int pairs_next(struct pairs *pairs, uint64_t *ret, struct error *err) MUST_USE;
