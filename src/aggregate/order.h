/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/entry.h"
#include "base/pool.h"

/*
 * The order in which clusters come out: by the sequence number of the last change, or by key and
 * then by that number.
 */
struct order {
    const struct pool *entries;
    uint32_t *refs;     /* a part of the order, or all of it; 0 for numbers that no entry has */
    size_t count, at;   /* in refs */
    size_t window;      /* sequence numbers that refs has room for; 0 when it holds all */
    uint64_t next, end; /* sequence numbers still to come */
};

/* Entries have the references 1 to pool->high and sequence numbers from 1 up to `last`. */
bool order_init(struct order *order, const struct pool *entries, uint64_t last) MUST_USE;
bool order_init_sorted(struct order *order, const struct pool *entries) MUST_USE;
void order_release(struct order *order);

/* The next reference, or 0. */
uint32_t order_next(struct order *order);

/* What will come that many calls later, as far as that is known; or 0. For prefetching. */
static inline uint32_t order_ahead(const struct order *order, size_t distance)
{
    return order->at + distance < order->count ? order->refs[order->at + distance] : 0;
}
