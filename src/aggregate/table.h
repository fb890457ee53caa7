/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/entry.h"
#include "base/pieces.h"

/*
 * Table: entries found by their key, in memory. Open addressing with linear probing, at most three
 * quarters full; a slot keeps its entry's hash, so that growing and removing never touch entries.
 * All but pieces.chunks is zeros in an empty table.
 */
struct slot {
    struct entry *entry; /* NULL: free */
    uint64_t word;       /* the hash; once the table is sorted, what order begins with */
};

struct table {
    struct slot *slots;
    size_t size, used; /* size is a power of two, or 0 */
    struct pieces pieces;
};

/* Gives all memory back. */
void table_release(struct table *table);

/* All memory that the table takes, and the bytes that its slots will need for one more entry. */
size_t table_bytes(const struct table *table);
size_t table_growth(const struct table *table);

/* The slot of the entry with the same key, or NULL. */
struct slot *table_find(const struct table *table, const struct entry *wanted);

/* A copy of an entry that is not there yet; NULL when there is no memory. */
struct entry *table_insert(struct table *table, const struct entry *entry) MUST_USE;

/*
 * An entry with the head and the key of `like`, and this record, which may borrow from entries of
 * the table; it is nobody's until a slot points to it. NULL when there is no memory.
 */
struct entry *table_make(struct table *table, const struct entry *like,
                         const struct record *r) MUST_USE;

/* Takes an entry that table_make gave and whose key is not there yet; false: no memory. */
bool table_adopt(struct table *table, struct entry *entry) MUST_USE;

/* Puts an entry that table_make gave in the place of another one with the same key. */
void table_replace(struct table *table, struct slot *slot, struct entry *entry);

/* Takes the entry out, and gives its memory back. */
void table_remove(struct table *table, struct slot *slot);

/*
 * Where the search for a hash begins. All bits of the hash have a say (Knuth, The Art of Computer
 * Programming, vol. 3, 6.4: multiplicative hashing): in one partition some are the same for all.
 */
static inline size_t table_home_of(const struct table *table, uint64_t hash)
{
    return (hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (table->size - 1);
}

/* For prefetching. */
static inline struct slot *table_home(const struct table *table, uint32_t hash)
{
    return table->size ? &table->slots[table_home_of(table, hash)] : NULL;
}
