/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/distinct.h"

#include <math.h>
#include <string.h>

enum { CAPACITY_FIRST = 16, REGISTER_BITS = 14 };

void distinct_clear(struct distinct *distinct)
{
    memset(distinct->slots, 0, distinct->capacity * sizeof(distinct->slots[0]));
    distinct->count = distinct->capacity = 0;
    distinct->is_estimated = false;
}

/* --- exactly ---------------------------------------------------------------------------------- */

/* False if it was there. */
static bool insert(struct distinct *distinct, uint64_t hash)
{
    const uint32_t mask = distinct->capacity - 1;
    uint32_t at = (uint32_t)hash & mask;
    for (; distinct->slots[at]; at = (at + 1) & mask)
        if (distinct->slots[at] == hash)
            return false;
    distinct->slots[at] = hash;
    return true;
}

static void grow(struct distinct *distinct)
{
    uint64_t old[DISTINCT_SLOTS];
    const uint32_t count = distinct->capacity;
    memcpy(old, distinct->slots, count * sizeof(old[0]));
    distinct->capacity = count ? 2 * count : CAPACITY_FIRST;
    memset(distinct->slots, 0, distinct->capacity * sizeof(old[0]));
    for (uint32_t i = 0; i < count; i++)
        if (old[i])
            insert(distinct, old[i]);
}

/* --- about ------------------------------------------------------------------------------------ */

/* The register is chosen by the upper bits; the place of the first one behind them is its value. */
static void note(struct distinct *distinct, uint64_t hash)
{
    uint8_t *at = &distinct->registers[hash >> (64 - REGISTER_BITS)];
    const uint64_t rest = hash << REGISTER_BITS | UINT64_C(1) << (REGISTER_BITS - 1);
    const uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (rank > *at)
        *at = rank;
}

static void begin_estimate(struct distinct *distinct)
{
    memset(distinct->registers, 0, sizeof(distinct->registers));
    for (uint32_t i = 0; i < distinct->capacity; i++)
        if (distinct->slots[i])
            note(distinct, distinct->slots[i]);
    distinct->is_estimated = true;
}

/* The slots are a cache of what was seen last: each has a place of its own. */
static bool replace(struct distinct *distinct, uint64_t hash)
{
    uint64_t *slot = &distinct->slots[hash % DISTINCT_SLOTS];
    const bool is_new = *slot != hash;
    *slot = hash;
    return is_new;
}

bool distinct_add(struct distinct *distinct, uint64_t hash)
{
    hash += !hash; /* 0 is an empty slot */
    if (!distinct->is_estimated) {
        if (2 * distinct->count >= distinct->capacity && distinct->capacity < DISTINCT_SLOTS)
            grow(distinct);
        if (!insert(distinct, hash))
            return false;
        if (++distinct->count <= DISTINCT_EXACT)
            return true;
        begin_estimate(distinct);
        return true;
    }
    note(distinct, hash);
    return replace(distinct, hash);
}

uint64_t distinct_count(const struct distinct *distinct)
{
    if (!distinct->is_estimated)
        return distinct->count;
    const double m = DISTINCT_REGISTERS;
    double sum = 0;
    unsigned empty = 0;
    for (unsigned i = 0; i < DISTINCT_REGISTERS; i++) {
        sum += ldexp(1, -distinct->registers[i]);
        empty += !distinct->registers[i];
    }
    double estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    if (estimate <= 2.5 * m && empty)
        estimate = m * log(m / empty);
    return (uint64_t)(estimate + 0.5);
}
