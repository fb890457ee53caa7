/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_event.h"

#include <string.h>
#include <zlib.h>

#include "record/field_get.h"

/* What `bytes` unpack to; themselves if they cannot be unpacked. */
static struct view unpack(struct view bytes, uint8_t *room)
{
    uLongf size = EVENT_TEXT_MOST;
    if (uncompress(room, &size, bytes.data, bytes.size) != Z_OK)
        return bytes;
    return (struct view){room, size};
}

void field_get_event(const struct field *field, const struct record *r, uint8_t *room,
                     struct value *ret)
{
    if (!strcmp(field->name, "proto")) {
        value_text(ret, "evt");
        return;
    }
    if (!strcmp(field->name, "saddr")) {
        ret->kind = VALUE_NONE;
        if (record_has(r, BLOCK_TRANSPORT))
            get_source_id(r, 0, ret);
        return;
    }
    field_get(field, r, ret);
    if (ret->kind == VALUE_BYTES && field->get == get_user && r->user[field->arg].compressed)
        ret->u.bytes = unpack(ret->u.bytes, room);
}
