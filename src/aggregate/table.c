/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/table.h"

#include <stdlib.h>

#include "base/mem.h"

enum { FIRST_SIZE = 256 };

static size_t slots_bytes(size_t size)
{
    return size * sizeof(struct slot);
}

/* Few slots come from the heap: mapping a page for them and giving it back takes longer. */
enum { HEAP_MOST = 64 << 10 };

static struct slot *slots_new(size_t size)
{
    size_t bytes = slots_bytes(size);
    return bytes > HEAP_MOST ? mem_try_map(bytes) : calloc(1, bytes);
}

static void slots_free(struct slot *slots, size_t size)
{
    if (slots_bytes(size) > HEAP_MOST)
        mem_unmap(slots, slots_bytes(size));
    else
        free(slots);
}

void table_release(struct table *table)
{
    /* Small pieces go all at once; touching each one here would take longer than that. */
    for (size_t i = 0; table->pieces.large_bytes && i < table->size; i++) {
        struct entry *entry = table->slots[i].entry;
        if (entry && pieces_is_large(entry_size(entry)))
            pieces_give(&table->pieces, entry, entry_size(entry));
    }
    slots_free(table->slots, table->size);
    pieces_release(&table->pieces);
    *table = (struct table){.pieces = table->pieces};
}

size_t table_bytes(const struct table *table)
{
    return slots_bytes(table->size) + pieces_bytes(&table->pieces);
}

static bool is_tight(const struct table *table)
{
    return 4 * (table->used + 1) > 3 * table->size;
}

size_t table_growth(const struct table *table)
{
    if (!is_tight(table))
        return 0;
    return slots_bytes(table->size ? 2 * table->size : FIRST_SIZE);
}

struct slot *table_find(const struct table *table, const struct entry *wanted)
{
    if (!table->size)
        return NULL;
    const size_t mask = table->size - 1;
    size_t at = table_home_of(table, wanted->hash);
    for (; table->slots[at].entry; at = (at + 1) & mask) {
        struct slot *slot = &table->slots[at];
        if (slot->word == wanted->hash && entry_same_key(slot->entry, wanted))
            return slot;
    }
    return NULL;
}

static void put(struct table *table, struct entry *entry, uint64_t hash)
{
    const size_t mask = table->size - 1;
    size_t at = table_home_of(table, hash);
    while (table->slots[at].entry)
        at = (at + 1) & mask;
    table->slots[at] = (struct slot){entry, hash};
    table->used++;
}

static bool reserve(struct table *table)
{
    if (!is_tight(table))
        return true;
    struct table larger = *table;
    larger.size = table->size ? 2 * table->size : FIRST_SIZE;
    larger.used = 0;
    larger.slots = slots_new(larger.size);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < table->size; i++) {
        if (table->slots[i].entry)
            put(&larger, table->slots[i].entry, table->slots[i].word);
    }
    slots_free(table->slots, table->size);
    *table = larger;
    return true;
}

struct entry *table_insert(struct table *table, const struct entry *entry)
{
    if (!reserve(table))
        return NULL;
    struct entry *copy = pieces_take(&table->pieces, entry_size(entry));
    if (!copy)
        return NULL;
    memcpy(copy, entry, entry_size(entry));
    put(table, copy, copy->hash);
    return copy;
}

bool table_adopt(struct table *table, struct entry *entry)
{
    if (!reserve(table))
        return false;
    put(table, entry, entry->hash);
    return true;
}

struct entry *table_make(struct table *table, const struct entry *like, const struct record *r)
{
    struct entry head = *like;
    entry_set_record(&head, r);
    struct entry *entry = pieces_take(&table->pieces, entry_size(&head));
    if (!entry)
        return NULL;
    *entry = head;
    memcpy(entry->bytes, like->bytes, head.key_size);
    entry_put_record(entry, r);
    return entry;
}

void table_replace(struct table *table, struct slot *slot, struct entry *entry)
{
    struct entry *old = slot->entry;
    slot->entry = entry;
    pieces_give(&table->pieces, old, entry_size(old));
}

/*
 * The hole is closed by moving up what probing would not find behind it any more (Knuth, The Art
 * of Computer Programming, volume 3, 6.4, algorithm R).
 */
void table_remove(struct table *table, struct slot *slot)
{
    const size_t mask = table->size - 1;
    struct slot *slots = table->slots;
    size_t hole = (size_t)(slot - slots);
    pieces_give(&table->pieces, slot->entry, entry_size(slot->entry));
    for (size_t at = (hole + 1) & mask; slots[at].entry; at = (at + 1) & mask) {
        size_t home = table_home_of(table, slots[at].word);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole].entry = NULL;
    table->used--;
}
