/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/chunks.h"

/*
 * What a store and the stores of its partitions may take together. Chunks count for as long as
 * the process has them, in use or not; everything else is counted by who takes it.
 */
struct memory {
    struct chunks chunks;
    size_t other_bytes; /* slots, large entries, buffers of streams */
    size_t limit_bytes, peak_bytes;
};

/* In use, free chunks left out. */
static inline size_t memory_used(const struct memory *memory)
{
    const struct chunks *chunks = &memory->chunks;
    return chunks->bytes - (chunks->free_count - chunks->cold) * chunks->chunk_bytes +
           memory->other_bytes;
}

/* True if another chunk and so many other bytes still fit, without giving chunks back. */
static inline bool memory_fits(const struct memory *memory, size_t bytes)
{
    return memory->chunks.bytes + chunks_cost(&memory->chunks) + memory->other_bytes + bytes <=
           memory->limit_bytes;
}

/* As memory_fits, and gives free chunks back to the system if that helps. */
bool memory_make_fit(struct memory *memory, size_t bytes);
void memory_note_peak(struct memory *memory);
