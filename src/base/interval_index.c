/* SPDX-License-Identifier: Apache-2.0 */
#include "base/interval_index.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"

/* With fewer intervals there is nothing to branch for; no node branches by more bits. */
enum { FEW = 8, WIDTH_MOST = 20, NARROW_SHIFT = 96, NUMBER_BITS = 128 };

void interval_index_release(struct interval_index *index)
{
    free(index->narrow);
    free(index->wide);
    free(index->nodes);
    free(index->slots);
    *index = (struct interval_index){0};
}

static inline uint128 first_number(const struct interval_index *index, uint32_t at)
{
    if (index->is_narrow)
        return (uint128)index->narrow[at].first << NARROW_SHIFT;
    return (uint128)index->wide[at].high << 64 | index->wide[at].low;
}

static inline uint32_t value_of(const struct interval_index *index, uint32_t at)
{
    return index->is_narrow ? index->narrow[at].value : index->wide[at].value;
}

/* --- building --------------------------------------------------------------------------------- */

static void push(struct interval_index *index, uint128 first, uint32_t value)
{
    if (index->is_narrow) {
        index->narrow =
            mem_grow(index->narrow, &index->capacity, index->count + 1, sizeof(*index->narrow));
        index->narrow[index->count++] =
            (struct narrow_interval){(uint32_t)(first >> NARROW_SHIFT), value};
    } else {
        index->wide =
            mem_grow(index->wide, &index->capacity, index->count + 1, sizeof(*index->wide));
        index->wide[index->count++] =
            (struct wide_interval){(uint64_t)(first >> 64), (uint64_t)first, value};
    }
}

void interval_index_append(struct interval_index *index, uint128 first, uint32_t value)
{
    check(index->count || !first);
    if (index->count && first_number(index, (uint32_t)index->count - 1) == first)
        index->count--;
    if (!index->count || value_of(index, (uint32_t)index->count - 1) != value)
        push(index, first, value);
}

static unsigned leading_zeros(uint128 number)
{
    uint64_t high = (uint64_t)(number >> 64), low = (uint64_t)number;
    if (high)
        return (unsigned)__builtin_clzll(high);
    return low ? 64 + (unsigned)__builtin_clzll(low) : NUMBER_BITS;
}

static uint32_t add_node(struct interval_index *index, uint32_t first, uint32_t end)
{
    uint128 shared = first_number(index, first);
    unsigned log = 31 - (unsigned)__builtin_clz(end - first), width = log - 1;
    unsigned skip = leading_zeros(shared ^ first_number(index, end - 1));
    if (width > WIDTH_MOST)
        width = WIDTH_MOST;
    if (width > NUMBER_BITS - skip)
        width = NUMBER_BITS - skip;
    index->nodes =
        mem_grow(index->nodes, &index->node_capacity, index->node_count + 1, sizeof(*index->nodes));
    index->nodes[index->node_count] = (struct interval_node){
        .shared = shared,
        .first = first,
        .end = end,
        .slot = (uint32_t)index->slot_count,
        .skip = (uint8_t)skip,
        .width = (uint8_t)width,
    };
    index->slot_count += ((size_t)1 << width) + 1;
    index->slots =
        mem_grow(index->slots, &index->slot_capacity, index->slot_count, sizeof(*index->slots));
    return (uint32_t)index->node_count++;
}

static inline uint32_t slot_of(const struct interval_node *node, uint128 number)
{
    return (uint32_t)(number << node->skip >> (NUMBER_BITS - node->width));
}

/* Puts the node's intervals into its slots, and adds nodes for those that have many. */
static void fill_node(struct interval_index *index, uint32_t at)
{
    const struct interval_node node = index->nodes[at];
    const uint32_t slots = UINT32_C(1) << node.width;
    uint32_t next = 0;
    for (uint32_t i = node.first; i < node.end; i++)
        for (uint32_t slot = slot_of(&node, first_number(index, i)); next <= slot; next++)
            index->slots[node.slot + next] = (struct interval_slot){.first = i};
    for (; next <= slots; next++)
        index->slots[node.slot + next] = (struct interval_slot){.first = node.end};
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t first = index->slots[node.slot + i].first;
        uint32_t end = index->slots[node.slot + i + 1].first;
        if (end - first > FEW) {
            uint32_t child = add_node(index, first, end); /* moves the slots */
            index->slots[node.slot + i].node = child;
        }
    }
}

/* The first interval would share no bit with the others: it is what lies before all nodes. */
void interval_index_build(struct interval_index *index)
{
    if (index->count <= FEW)
        return;
    add_node(index, 1, (uint32_t)index->count);
    for (uint32_t i = 0; i < index->node_count; i++)
        fill_node(index, i);
}

/* --- finding ---------------------------------------------------------------------------------- */

/* The last interval from first to end that begins at or below the number, or the one before. */
static uint32_t search(const struct interval_index *index, uint32_t first, uint32_t end,
                       uint128 number)
{
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (first_number(index, middle) <= number)
            first = middle + 1;
        else
            end = middle;
    }
    return first - 1;
}

uint32_t interval_index_find(const struct interval_index *index, uint128 number)
{
    uint32_t first = 0, end = (uint32_t)index->count, at = 0;
    bool has_node = index->node_count;
    while (has_node) {
        const struct interval_node *node = &index->nodes[at];
        if (node->skip && (number ^ node->shared) >> (NUMBER_BITS - node->skip))
            return value_of(index, (number < node->shared ? node->first : node->end) - 1);
        const struct interval_slot *slot = &index->slots[node->slot + slot_of(node, number)];
        first = slot[0].first;
        end = slot[1].first;
        at = slot->node;
        has_node = at;
    }
    return value_of(index, search(index, first, end, number));
}
