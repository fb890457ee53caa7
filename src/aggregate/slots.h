/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * Slots: the bare hash table of the clusters, from 32-bit hashes to 32-bit references (above 0).
 * Whoever looks something up compares the keys of the candidates. Open addressing with linear
 * probing, at most three quarters full; a slot keeps its hash, so that growing and removing never
 * touch the keys.
 */
struct slot {
    uint32_t hash, ref; /* ref 0: free */
};

struct slots {
    struct slot *array;
    size_t size, used; /* size is a power of two, or 0 */
};

void slots_release(struct slots *slots);

/* Makes room for one more; false when there is no memory. */
bool slots_reserve(struct slots *slots) MUST_USE;

/* Into the room that slots_reserve made. */
void slots_add(struct slots *slots, uint32_t hash, uint32_t ref);

/* Takes out an entry that is there. */
void slots_remove(struct slots *slots, uint32_t hash, uint32_t ref);

/*
 * The candidates for a hash, one after the other: start with *at = slots_home(slots, hash). Ends
 * with 0.
 */
static inline size_t slots_home(const struct slots *slots, uint32_t hash)
{
    return hash & (slots->size - 1);
}

static inline uint32_t slots_next(const struct slots *slots, uint32_t hash, size_t *at)
{
    while (slots->size && slots->array[*at].ref) {
        const struct slot *slot = &slots->array[*at];
        *at = (*at + 1) & (slots->size - 1);
        if (slot->hash == hash)
            return slot->ref;
    }
    return 0;
}

static inline size_t slots_bytes(const struct slots *slots)
{
    return slots->size * sizeof(*slots->array);
}
