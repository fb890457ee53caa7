/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * Pieces: memory for very many small objects of various sizes, without a header for each: the
 * owner remembers the size. Sizes are rounded up to multiples of 16 bytes; a piece that was given
 * back is used again for the same rounded size only. Memory goes back to the system all at once.
 * Zeros are an empty collection.
 */
enum { PIECES_STEP = 16, PIECES_SMALL_MAX = 4096, PIECES_CLASSES = PIECES_SMALL_MAX / PIECES_STEP };

struct pieces {
    void *free[PIECES_CLASSES + 1]; /* by rounded size / 16; each holds the address of the next */
    char *chunk, *chunk_end;        /* memory that was never given out */
    void **chunks;                  /* all that came from the system */
    size_t chunk_count, chunk_capacity;
    size_t bytes; /* from the system, pieces above PIECES_SMALL_MAX included */
};

void pieces_release(struct pieces *pieces);

/* 16-byte aligned, of unspecified content; NULL when there is no memory. */
void *pieces_take(struct pieces *pieces, size_t size) MUST_USE;
void pieces_give(struct pieces *pieces, void *piece, size_t size);

/* Large pieces must be given back before the collection is released; small ones need not. */
static inline bool pieces_is_large(size_t size)
{
    return size > PIECES_SMALL_MAX;
}

/* What a piece of `size` bytes really has room for. */
static inline size_t pieces_room(size_t size)
{
    return (size + PIECES_STEP - 1) / PIECES_STEP * PIECES_STEP;
}
