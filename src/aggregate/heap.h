/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/order.h"
#include "base/error.h"

/*
 * Merges what is in order each by itself (tables, runs in temporary files, the outputs of other
 * threads) into one sequence in order. A heap of sources, the one with the first entry on top.
 */
struct heap_source {
    /* Sets source->entry to the next entry, valid until the next call, or NULL at the end. */
    int (*advance)(struct heap_source *source, struct error *err);
    void *self;
    size_t at; /* for advance */
    const struct entry *entry;
    uint64_t minor;
    uint32_t major;
};

struct heap {
    struct order order;
    struct heap_source *sources;
    size_t count, capacity;
    bool has_given; /* the entry on top was given to the caller */
};

void heap_release(struct heap *heap);

/* Adds a source, and asks for its first entry. */
int heap_add(struct heap *heap, const struct heap_source *source, struct error *err) MUST_USE;

/* The next entry, valid until the next call: 0, HEAP_END or -1. */
enum { HEAP_END = 1 };
int heap_next(struct heap *heap, const struct entry **ret, struct error *err) MUST_USE;
