/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/entry.h"

#include "aggregate/pack.h"
#include "base/check.h"
#include "record/wire.h"

void entry_set_record(struct entry *entry, const struct record *r)
{
    size_t size = r->wire.size ? r->wire.size : pack_size(r);
    check(size < 1 << ENTRY_RECORD_BITS); /* a few times what the wire form can have */
    entry->form = r->wire.size ? ENTRY_WIRE : ENTRY_PACKED;
    entry->record_size = size & ((1 << ENTRY_RECORD_BITS) - 1);
}

void entry_put_record(struct entry *entry, const struct record *r)
{
    uint8_t *to = entry->bytes + entry->key_size;
    if (entry->form == ENTRY_PACKED)
        pack_write(r, to);
    else
        memcpy(to, r->wire.data, r->wire.size);
}

void entry_read(const struct entry *entry, struct record *ret)
{
    const uint8_t *bytes = entry->bytes + entry->key_size;
    if (entry->form == ENTRY_PACKED) {
        pack_read(bytes, ret);
        return;
    }
    /* Damaged blocks gave a condition when the record was read, and was reported, then. */
    struct view wire = {bytes, entry->record_size};
    check(wire_decode(wire, ret, NULL) >= 0);
    record_normalise(ret);
}
