/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "aggregate/key.h"
#include "record/pack.h"
#include "record/record.h"

/*
 * Entry: a record with its key, as one piece of memory that can be copied, handed to another
 * thread, and written to a temporary file as it lies. The key comes first, then the record: its
 * kept form (see record/pack.h).
 */
enum { ENTRY_RECORD_BITS = 20, ENTRY_KEY_BITS = 12 };

enum entry_kind {
    ENTRY_ARRIVAL, /* a record that comes to its cluster */
    ENTRY_CLUSTER, /* a cluster */
    ENTRY_EARLY,   /* goes out before the end: `number` is of the record that made it go */
};

struct entry {
    uint64_t number; /* sequence number of the last record that came to it */
    uint32_t hash;   /* of the key */
    uint32_t place;  /* equal for all that may belong together, in either direction */
    uint32_t record_size : ENTRY_RECORD_BITS;
    uint32_t key_size : ENTRY_KEY_BITS, sort_size : ENTRY_KEY_BITS; /* see struct key */
    uint32_t form : 1, kind : 2;
    uint32_t model : 16; /* index of the model that made the key */
    uint8_t bytes[] __attribute__((aligned(8)));
};

_Static_assert(sizeof(struct entry) == 24, "millions of them");
_Static_assert(KEY_BYTES_MAX < 1 << ENTRY_KEY_BITS, "keys fit");

enum { ENTRY_ALIGN = 8 };

static inline size_t entry_size_of(size_t key_size, size_t record_size)
{
    size_t size = sizeof(struct entry) + key_size + record_size;
    return (size + ENTRY_ALIGN - 1) / ENTRY_ALIGN * ENTRY_ALIGN;
}

static inline size_t entry_size(const struct entry *entry)
{
    return entry_size_of(entry->key_size, entry->record_size);
}

/* Says in the entry what its record will take, and in which form. */
void entry_set_record(struct entry *entry, const struct record *r);

/* Puts the record behind the key; entry_set_record was called for it. */
void entry_put_record(struct entry *entry, const struct record *r);

/* The record; it borrows from the entry. */
void entry_read(const struct entry *entry, struct record *ret);

static inline bool entry_same_key(const struct entry *a, const struct entry *b)
{
    return a->key_size == b->key_size && a->model == b->model &&
           !memcmp(a->bytes, b->bytes, a->key_size);
}
