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

/* Most records are as large after merging as before, and borrow nothing: they stay in place. */
static bool fits_in_place(const struct entry *entry, const struct record *r)
{
    const uint32_t borrowing = BLOCK_SUSER | BLOCK_DUSER | BLOCK_LABEL | BLOCK_COR | BLOCK_UNKNOWN;
    return entry->form == ENTRY_PACKED && !(r->blocks & borrowing) &&
           entry->record_size == pack_size(r);
}

bool entry_replace(struct entry *entry, const struct entry *keyed, const struct record *r,
                   struct pieces *pieces)
{
    if (keyed == entry && fits_in_place(entry, r)) {
        pack_write(r, entry->piece + entry->key_size);
        return true;
    }
    /* The record may borrow from the old piece, so that one goes last. */
    struct entry old = *entry;
    entry->key_size = keyed->key_size;
    entry->sort_size = keyed->sort_size;
    if (!write_packed(entry, keyed == entry ? old.piece : keyed->piece, r, pieces)) {
        *entry = old;
        return false;
    }
    entry_give(&old, pieces);
    return true;
}

void entry_give(struct entry *entry, struct pieces *pieces)
{
    pieces_give(pieces, entry->piece, piece_size(entry));
    entry->piece = NULL;
}

void entry_release(struct entry *entry, struct pieces *pieces)
{
    /* Small pieces go all at once; touching each one here would take longer than that. */
    if (entry->piece && pieces_is_large(piece_size(entry)))
        entry_give(entry, pieces);
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
