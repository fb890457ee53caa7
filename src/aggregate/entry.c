/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/entry.h"

#include "base/check.h"

void entry_set_record(struct entry *entry, const struct record *r)
{
    enum pack_form form;
    size_t size = pack_kept_size(r, &form);
    check(size < 1 << ENTRY_RECORD_BITS); /* a few times what the wire form can have */
    entry->form = form;
    entry->record_size = size & ((1 << ENTRY_RECORD_BITS) - 1);
}

void entry_put_record(struct entry *entry, const struct record *r)
{
    pack_keep(r, (enum pack_form)entry->form, entry->bytes + entry->key_size);
}

void entry_read(const struct entry *entry, struct record *ret)
{
    struct view kept = {entry->bytes + entry->key_size, entry->record_size};
    pack_read_kept(kept, (enum pack_form)entry->form, ret);
}
