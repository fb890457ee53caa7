/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * Chunks: blocks of memory of one size for several users, who give them back as a whole when they
 * have done. They lie in large mappings, for huge pages. What was given back stays with the
 * process, for the next one who takes a chunk, until chunks_trim.
 */
struct chunks {
    size_t chunk_bytes; /* a multiple of the page size, set by the owner; all else zeros */
    bool small_pages;   /* by the owner, too: no huge pages, of which whole ones take memory */
    void **regions;
    size_t region_count, region_capacity;
    void **free; /* given back; the first `cold` of them have no memory */
    size_t free_count, free_capacity, cold;
    char *at, *end; /* of the newest region: never given out */
    size_t bytes;   /* of memory that the chunks have, whether they are in use or not */
};

void chunks_release(struct chunks *chunks);

/* Zeroed or not; NULL when there is no memory. */
void *chunks_take(struct chunks *chunks) MUST_USE;
void chunks_give(struct chunks *chunks, void *chunk);

/* What chunks->bytes would grow by if one were taken. */
static inline size_t chunks_cost(const struct chunks *chunks)
{
    return chunks->free_count > chunks->cold ? 0 : chunks->chunk_bytes;
}

/* Gives memory of free chunks back to the system, as far as there is any, down to `bytes`. */
void chunks_trim(struct chunks *chunks, size_t bytes);
