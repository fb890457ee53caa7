/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/entry.h"

#include "aggregate/pack.h"
#include "base/check.h"
#include "record/wire.h"

static size_t piece_size(const struct entry *entry)
{
    return (size_t)entry->key_size + entry->record_size;
}

static bool write_packed(struct entry *entry, const uint8_t *key, const struct record *r,
                         struct pieces *pieces)
{
    entry->form = ENTRY_PACKED;
    entry->record_size = (uint32_t)pack_size(r);
    entry->piece = pieces_take(pieces, piece_size(entry));
    if (!entry->piece)
        return false;
    memcpy(entry->piece, key, entry->key_size);
    pack_write(r, entry->piece + entry->key_size);
    return true;
}

bool entry_init(struct entry *entry, const struct key *key, const struct record *r,
                struct pieces *pieces)
{
    entry->key_size = key->size;
    entry->sort_size = key->sort_size;
    if (!r->wire.size)
        return write_packed(entry, key->bytes, r, pieces);
    entry->form = ENTRY_WIRE;
    entry->record_size = (uint32_t)r->wire.size;
    entry->piece = pieces_take(pieces, piece_size(entry));
    if (!entry->piece)
        return false;
    memcpy(entry->piece, key->bytes, key->size);
    memcpy(entry->piece + key->size, r->wire.data, r->wire.size);
    return true;
}

/* The record may borrow from the old piece, so that one goes last. */
bool entry_replace(struct entry *entry, const struct key *key, const struct record *r,
                   struct pieces *pieces)
{
    const struct entry old = *entry;
    if (key)
        entry->key_size = key->size; /* and sort_size: only default models have new keys */
    if (!write_packed(entry, key ? key->bytes : old.piece, r, pieces)) {
        *entry = old;
        return false;
    }
    pieces_give(pieces, old.piece, piece_size(&old));
    return true;
}

void entry_release(struct entry *entry, struct pieces *pieces)
{
    /* Small pieces go all at once; touching each one here would take longer than that. */
    if (entry->piece && pieces_is_large(piece_size(entry)))
        pieces_give(pieces, entry->piece, piece_size(entry));
}

void entry_read(const struct entry *entry, struct record *ret)
{
    const uint8_t *bytes = entry->piece + entry->key_size;
    if (entry->form == ENTRY_PACKED) {
        pack_read(bytes, ret);
        return;
    }
    /* Damaged blocks gave a condition when the record was read, and was reported, then. */
    struct view wire = {bytes, entry->record_size};
    check(wire_decode(wire, ret, NULL) >= 0);
    record_normalise(ret);
}
