/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

/*
 * Item: a record with its sort key, as one piece of memory that goes to temporary files as it lies.
 * Slots are what is moved about: the first bytes of the key, as a number, and where the rest is.
 */
struct sort_item {
    uint64_t offset; /* of the record, in its input */
    uint32_t key_size, record_size;
    uint32_t form;   /* enum pack_form */
    uint32_t unused; /* so that no byte of it is unset */
    uint8_t bytes[]; /* the key, and then the record */
};

enum { SORT_ITEM_ALIGN = 8 };

struct sort_slot {
    uint64_t word;
    const struct sort_item *item;
};

static inline size_t sort_item_size(const struct sort_item *item)
{
    size_t size = sizeof(*item) + item->key_size + item->record_size;
    return (size + SORT_ITEM_ALIGN - 1) / SORT_ITEM_ALIGN * SORT_ITEM_ALIGN;
}

static inline struct sort_slot sort_slot_of(const struct sort_item *item)
{
    uint8_t first[8] = {0};
    memcpy(first, item->bytes, item->key_size < 8 ? item->key_size : 8);
    return (struct sort_slot){load_be64(first), item};
}

/* Keys say themselves where they end, so that none is the beginning of another. */
static inline int sort_slot_compare(const struct sort_slot *a, const struct sort_slot *b)
{
    if (a->word != b->word)
        return a->word < b->word ? -1 : 1;
    uint32_t x = a->item->key_size, y = b->item->key_size;
    return memcmp(a->item->bytes, b->item->bytes, x < y ? x : y);
}
