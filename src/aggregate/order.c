/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/order.h"

#include <stdlib.h>

#include "base/bytes.h"

bool order_needs_key(const struct order *order, const struct entry *entry)
{
    return entry->kind != ENTRY_EARLY && order->models[entry->model].key->sort_count > 0;
}

uint32_t order_major(const struct entry *entry)
{
    return entry->kind == ENTRY_EARLY ? 0 : 1 + (uint32_t)entry->model;
}

uint64_t order_minor(const struct order *order, const struct entry *entry)
{
    if (!order_needs_key(order, entry))
        return entry->number;
    uint8_t first[8] = {0};
    memcpy(first, entry->bytes, entry->sort_size < 8 ? entry->sort_size : 8);
    return load_be64(first);
}

int order_compare(const struct order *order, const struct entry *a, const struct entry *b)
{
    uint32_t major_a = order_major(a), major_b = order_major(b);
    if (major_a != major_b)
        return major_a < major_b ? -1 : 1;
    if (order_needs_key(order, a)) {
        size_t shorter = a->sort_size < b->sort_size ? a->sort_size : b->sort_size;
        int result = memcmp(a->bytes, b->bytes, shorter);
        if (result)
            return result;
    }
    return a->number < b->number ? -1 : a->number > b->number;
}

/* --- a table ---------------------------------------------------------------------------------- */

static int compare_slots(const void *left, const void *right, void *self)
{
    const struct order *order = self;
    const struct slot *a = left, *b = right;
    if (order->model_count == 1 && a->word != b->word)
        return a->word < b->word ? -1 : 1;
    return order_compare(order, a->entry, b->entry);
}

/* Moves the entries to the front; returns the largest word. */
static uint64_t compact(const struct order *order, struct table *table)
{
    size_t count = 0;
    uint64_t most = 0;
    for (size_t i = 0; i < table->size; i++) {
        enum { AHEAD = 8 };
        if (i + AHEAD < table->size)
            __builtin_prefetch(table->slots[i + AHEAD].entry);
        struct entry *entry = table->slots[i].entry;
        if (!entry)
            continue;
        uint64_t word = order_minor(order, entry);
        most = word > most ? word : most;
        table->slots[count++] = (struct slot){entry, word};
    }
    return most;
}

/* Radix sort, from the lowest digit up (Knuth, The Art of Computer Programming, vol. 3, 5.2.5). */
static bool sort_by_word(struct slot *slots, size_t count, uint64_t most)
{
    enum { BITS = 11, CELLS = 1 << BITS };
    size_t bytes = count * sizeof(*slots);
    struct slot *other = malloc(bytes), *from = slots, *to = other;
    if (!other)
        return false;
    for (unsigned shift = 0; shift < 64 && most >> shift; shift += BITS) {
        size_t begin[CELLS + 1] = {0};
        for (size_t i = 0; i < count; i++)
            begin[1 + (from[i].word >> shift & (CELLS - 1))]++;
        for (size_t i = 0; i < CELLS; i++)
            begin[i + 1] += begin[i];
        for (size_t i = 0; i < count; i++)
            to[begin[from[i].word >> shift & (CELLS - 1)]++] = from[i];
        struct slot *swap = from;
        from = to;
        to = swap;
    }
    if (from != slots)
        memcpy(slots, from, bytes);
    free(other);
    return true;
}

bool order_table(const struct order *order, struct table *table)
{
    uint64_t most = compact(order, table);
    if (!table->used)
        return true;
    if (order->model_count == 1 && !order->models[0].key->sort_count)
        return sort_by_word(table->slots, table->used, most);
    qsort_r(table->slots, table->used, sizeof(*table->slots), compare_slots, (void *)order);
    return true;
}
