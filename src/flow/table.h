/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "flow/half.h"

/*
 * Flow table: key -> reference to a flow of either size.
 *
 * Open addressing with linear probing and backward-shift deletion (Knuth, TAOCP 3, 6.4, algorithm
 * R): no tombstones, so a long run stays as fast as a new one. A slot is eight bytes: the
 * tag of the key, of which the top bits are the home position, and the reference. Growing moves
 * slots without touching a single flow.
 */
struct flow_table {
    struct flow_slot *slots;
    const struct flow_pools *pools;
    uint32_t shift; /* of a tag, to its home */
    uint32_t count; /* entries */
};

struct flow_slot {
    uint32_t tag; /* of the key: half of its hash */
    uint32_t ref; /* 0: free */
};

bool flow_table_init(struct flow_table *table, const struct flow_pools *pools) MUST_USE;
void flow_table_release(struct flow_table *table);
void flow_table_clear(struct flow_table *table);

/* Makes room for one more entry; false when memory can't be had. May move all slots. */
bool flow_table_reserve(struct flow_table *table) MUST_USE;

/* What flow_table_reserve would allocate now: 0 when there is room. */
size_t flow_table_growth(const struct flow_table *table);
size_t flow_table_bytes(const struct flow_table *table);

/* The entry of the key, or 0. */
uint32_t flow_table_find(const struct flow_table *table, uint32_t tag, const struct flow_key *key);

/* Adds an entry that is not there; room was reserved. */
void flow_table_add(struct flow_table *table, uint32_t tag, uint32_t ref);

/* The entry `ref`, which is there, is `other` from now on. */
void flow_table_replace(struct flow_table *table, uint32_t tag, uint32_t ref, uint32_t other);

/* Takes out an entry that is there. */
void flow_table_remove(struct flow_table *table, uint32_t tag, uint32_t ref);

static inline uint32_t flow_table_home(const struct flow_table *table, uint32_t tag)
{
    return tag >> table->shift;
}

/*
 * Looking a key up in steps, so that those of a batch wait for memory together: first the slot is
 * asked for; then the flow that it leads to, which in all likelihood is the one; then that flow may
 * be looked at.
 */
static inline void flow_table_prefetch_slot(const struct flow_table *table, uint32_t tag)
{
    __builtin_prefetch(&table->slots[flow_table_home(table, tag)]);
}

/* The first entry with the tag, whose key is most likely the one, or 0 if there is none. */
static inline uint32_t flow_table_guess(const struct flow_table *table, uint32_t tag)
{
    uint32_t mask = UINT32_MAX >> table->shift;
    uint32_t at = flow_table_home(table, tag);
    while (table->slots[at].ref && table->slots[at].tag != tag)
        at = (at + 1) & mask;
    return table->slots[at].ref;
}
