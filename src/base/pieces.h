/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/chunks.h"

/*
 * Pieces: memory for very many small objects of various sizes, without a header for each: the
 * owner remembers the size. Sizes are rounded up to multiples of 8 bytes; a piece that was given
 * back is used again for the same rounded size only. Memory goes back to `chunks`, which several
 * collections may share, all at once. All but that is zeros in an empty collection.
 */
enum { PIECES_STEP = 8, PIECES_SMALL_MAX = 4096, PIECES_CLASSES = PIECES_SMALL_MAX / PIECES_STEP };

struct pieces {
    struct chunks *chunks;
    void *free[PIECES_CLASSES + 1]; /* by rounded size / 8; each holds the address of the next */
    char *chunk, *chunk_end;        /* memory that was never given out */
    void **owned;                   /* all chunks */
    size_t owned_count, owned_capacity;
    size_t large_bytes; /* of pieces above PIECES_SMALL_MAX, which have memory of their own */
};

void pieces_release(struct pieces *pieces);

/* 8-byte aligned, of unspecified content; NULL when there is no memory. */
void *pieces_take(struct pieces *pieces, size_t size) MUST_USE;
void pieces_give(struct pieces *pieces, void *piece, size_t size);

/* Large pieces must be given back before the collection is released; small ones need not. */
static inline bool pieces_is_large(size_t size)
{
    return size > PIECES_SMALL_MAX;
}

/* All the memory that the collection takes. */
static inline size_t pieces_bytes(const struct pieces *pieces)
{
    return pieces->owned_count * (pieces->chunks ? pieces->chunks->chunk_bytes : 0) +
           pieces->large_bytes;
}

/* What a piece of `size` bytes really has room for. */
static inline size_t pieces_room(size_t size)
{
    return (size + PIECES_STEP - 1) / PIECES_STEP * PIECES_STEP;
}
