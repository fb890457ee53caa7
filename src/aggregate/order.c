/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

/*
 * Sequence numbers are unique and dense, so they need no sorting: entries are laid into an array
 * by their number. The array covers a window of the numbers at a time; all windows together look
 * at each entry WINDOWS times at most, and the array costs half a byte for each record read.
 */
enum { WINDOW_LEAST = 1 << 20, WINDOWS = 8 };

static struct entry *entry_at(const struct order *order, size_t ref)
{
    return pool_at(order->entries, (uint32_t)ref);
}

bool order_init(struct order *order, const struct pool *entries, uint64_t last)
{
    size_t window = (size_t)(last / WINDOWS + 1);
    *order = (struct order){
        .entries = entries,
        .window = window < WINDOW_LEAST ? WINDOW_LEAST : window,
        .next = 1,
        .end = last + 1,
    };
    order->refs = mem_try_map(order->window * sizeof(*order->refs));
    return order->refs;
}

void order_release(struct order *order)
{
    mem_unmap(order->refs, (order->window ? order->window : order->count) * sizeof(*order->refs));
    *order = (struct order){0};
}

static void fill_window(struct order *order)
{
    memset(order->refs, 0, order->window * sizeof(*order->refs));
    for (uint32_t ref = 1; ref <= order->entries->high; ref++) {
        uint64_t place = entry_at(order, ref)->updated - order->next;
        if (place < order->window)
            order->refs[place] = ref;
    }
    order->next += order->window;
    order->count = order->window;
    order->at = 0;
}

uint32_t order_next(struct order *order)
{
    for (;;) {
        while (order->at < order->count) {
            uint32_t ref = order->refs[order->at++];
            if (ref)
                return ref;
        }
        if (!order->window || order->next >= order->end)
            return 0;
        fill_window(order);
    }
}

/* --- by key ----------------------------------------------------------------------------------- */

static int compare_keys(const void *left, const void *right, void *entries)
{
    const struct entry *a = pool_at(entries, *(const uint32_t *)left);
    const struct entry *b = pool_at(entries, *(const uint32_t *)right);
    size_t shorter = a->sort_size < b->sort_size ? a->sort_size : b->sort_size;
    int result = memcmp(a->piece, b->piece, shorter);
    if (result)
        return result;
    return a->updated < b->updated ? -1 : a->updated > b->updated;
}

bool order_init_sorted(struct order *order, const struct pool *entries)
{
    *order = (struct order){.entries = entries, .count = entries->high};
    if (!order->count)
        return true;
    order->refs = mem_try_map(order->count * sizeof(*order->refs));
    if (!order->refs)
        return false;
    for (uint32_t i = 0; i < order->count; i++)
        order->refs[i] = i + 1;
    qsort_r(order->refs, order->count, sizeof(*order->refs), compare_keys, (void *)entries);
    return true;
}
