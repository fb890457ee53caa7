/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "sort/item.h"

/*
 * Merge: sources that are in order each by itself become one sequence in order; of equal items
 * those of the earlier source come first. A tree of losers (Knuth, The Art of Computer Programming,
 * vol. 3, 5.4.1): a comparison for each level of the tree, and none with the item just taken.
 */
struct merge_source {
    /* Sets source->head to the next item, valid until the next call; its item is NULL at the end.
     */
    int (*advance)(struct merge_source *source, struct error *err);
    struct sort_slot head;
    struct sort_slot *at, *end;  /* for advance: what is in memory, */
    struct spill_stream *stream; /* or in a temporary file */
};

struct merge {
    struct merge_source *sources; /* owned */
    size_t count, capacity;
    size_t *losers; /* of the match at each node; losers[0] is the winner of all */
};

/* Adds a source. All are added before the first item is asked for. */
void merge_add(struct merge *merge, const struct merge_source *source);

/* The next item, valid until the next call: 0, MERGE_END or -1. */
enum { MERGE_END = 1 };
int merge_next(struct merge *merge, const struct sort_item **ret, struct error *err) MUST_USE;

void merge_release(struct merge *merge);
