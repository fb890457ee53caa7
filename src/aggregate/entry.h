/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "aggregate/key.h"
#include "base/pieces.h"
#include "record/record.h"

/*
 * A cluster as it is kept: a piece of memory with the key and then the record, as its wire form if
 * it is one that nobody changed, or packed (see pack.h). Both can be written to a file as they are.
 */
enum entry_form { ENTRY_WIRE, ENTRY_PACKED };

struct entry {
    uint8_t *piece;
    uint64_t updated; /* sequence number of the last record that came to it */
    uint32_t record_size;
    uint16_t key_size, sort_size; /* of the key; see struct key */
    uint8_t form;
};

/* False when there is no memory. The entry's content is unspecified before. */
bool entry_init(struct entry *entry, const struct key *key, const struct record *r,
                struct pieces *pieces) MUST_USE;

/*
 * Another record, packed, and the key of `keyed` (the entry itself, or another one). False when
 * there is no memory. The record may borrow from the entry.
 */
bool entry_replace(struct entry *entry, const struct entry *keyed, const struct record *r,
                   struct pieces *pieces) MUST_USE;

/* Gives the memory back at once; entry_release does so when all pieces are released, anyway. */
void entry_give(struct entry *entry, struct pieces *pieces);

/* To be called for each entry before the pieces are released. */
void entry_release(struct entry *entry, struct pieces *pieces);

/* The record; it borrows from the entry. */
void entry_read(const struct entry *entry, struct record *ret);

static inline bool entry_has_key(const struct entry *entry, const void *key, size_t size)
{
    return entry->key_size == size && !memcmp(entry->piece, key, size);
}
