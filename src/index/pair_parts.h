/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Pair parts: pairs (pairs.h) in memory, divided by the top bits of their hashes as they come. Each
 * part is a chain of small blocks, so that no memory is touched but what pairs are in, and is
 * sorted by itself, in the processor's cache. One behind the other, sorted parts are all pairs
 * sorted.
 */
enum { PAIR_PARTS = 256 };

struct pair_part {
    uint32_t first, last; /* blocks */
    uint32_t filled;      /* pairs in the last one */
    uint32_t count;       /* of all pairs */
};

struct pair_parts {
    uint64_t *blocks;
    uint32_t block_count, block_capacity;
    uint64_t *sorted, *spare; /* room for the pairs of the part in hand */
    size_t part_most;
    struct pair_part parts[PAIR_PARTS];
};

/* In memory of the caller's, whose content does not matter; 2^16 words at least. */
void pair_parts_init(struct pair_parts *p, uint64_t *memory, size_t words);
void pair_parts_clear(struct pair_parts *p);

/* Adds the first of these pairs for which there is room; returns how many they are. */
size_t pair_parts_add(struct pair_parts *p, const uint64_t *pairs, size_t count);

/*
 * The pairs of a part, sorted and each once; *ret is valid until the next call. They are there in
 * this form from then on, which pair_parts_get gives again. Pairs of equal hashes must have been
 * added in the order of their chunks.
 */
size_t pair_parts_sort(struct pair_parts *p, unsigned part, const uint64_t **ret);
size_t pair_parts_get(struct pair_parts *p, unsigned part, const uint64_t **ret);
