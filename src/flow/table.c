/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/table.h"

#include "base/check.h"
#include "base/mem.h"

enum { BITS_FIRST = 9, BITS_MOST = 31 };

static uint64_t slot_count(const struct flow_table *table)
{
    return UINT64_C(1) << (32 - table->shift);
}

size_t flow_table_bytes(const struct flow_table *table)
{
    return slot_count(table) * sizeof(struct flow_slot);
}

/* Linear probing stays short up to seven eighths when the hash is good; 3/4 leaves some slack. */
static bool is_full(const struct flow_table *table)
{
    uint64_t slots = slot_count(table);
    return table->count + 1 > slots - slots / 4;
}

bool flow_table_init(struct flow_table *table, const struct flow_pools *pools)
{
    *table = (struct flow_table){.pools = pools, .shift = 32 - BITS_FIRST};
    table->slots = mem_try_map(flow_table_bytes(table));
    return table->slots;
}

void flow_table_release(struct flow_table *table)
{
    mem_unmap(table->slots, flow_table_bytes(table));
    table->slots = NULL;
}

void flow_table_clear(struct flow_table *table)
{
    memset(table->slots, 0, flow_table_bytes(table));
    table->count = 0;
}

size_t flow_table_growth(const struct flow_table *table)
{
    return is_full(table) ? 2 * flow_table_bytes(table) : 0;
}

static void slot_put(struct flow_table *table, struct flow_slot slot)
{
    uint32_t mask = UINT32_MAX >> table->shift;
    uint32_t at = flow_table_home(table, slot.tag);
    while (table->slots[at].ref)
        at = (at + 1) & mask;
    table->slots[at] = slot;
}

bool flow_table_reserve(struct flow_table *table)
{
    if (likely(!is_full(table)))
        return true;
    if (table->shift == 32 - BITS_MOST)
        return false;
    struct flow_table bigger = *table;
    bigger.shift--;
    bigger.slots = mem_try_map(flow_table_bytes(&bigger));
    if (!bigger.slots)
        return false;
    size_t count = slot_count(table);
    for (size_t i = 0; i < count; i++)
        if (table->slots[i].ref)
            slot_put(&bigger, table->slots[i]);
    flow_table_release(table);
    *table = bigger;
    return true;
}

uint32_t flow_table_find(const struct flow_table *table, uint32_t tag, const struct flow_key *key)
{
    uint32_t mask = UINT32_MAX >> table->shift;
    for (uint32_t at = flow_table_home(table, tag);; at = (at + 1) & mask) {
        struct flow_slot slot = table->slots[at];
        if (!slot.ref)
            return 0;
        if (slot.tag == tag && flow_has_key(table->pools, slot.ref, key))
            return slot.ref;
    }
}

void flow_table_add(struct flow_table *table, uint32_t tag, uint32_t ref)
{
    check(ref);
    slot_put(table, (struct flow_slot){.tag = tag, .ref = ref});
    table->count++;
}

/* The slot of an entry that is there. */
static uint32_t slot_of(const struct flow_table *table, uint32_t tag, uint32_t ref)
{
    uint32_t mask = UINT32_MAX >> table->shift;
    uint32_t at = flow_table_home(table, tag);
    while (table->slots[at].ref != ref) {
        check(table->slots[at].ref);
        at = (at + 1) & mask;
    }
    return at;
}

void flow_table_replace(struct flow_table *table, uint32_t tag, uint32_t ref, uint32_t other)
{
    check(other);
    table->slots[slot_of(table, tag, ref)].ref = other;
}

void flow_table_remove(struct flow_table *table, uint32_t tag, uint32_t ref)
{
    uint32_t mask = UINT32_MAX >> table->shift;
    uint32_t hole = slot_of(table, tag, ref);
    /* Each follower moves into the hole unless that would put it before its home. */
    for (uint32_t at = (hole + 1) & mask; table->slots[at].ref; at = (at + 1) & mask) {
        uint32_t home = flow_table_home(table, table->slots[at].tag);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        table->slots[hole] = table->slots[at];
        hole = at;
    }
    table->slots[hole].ref = 0;
    table->count--;
}
