/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"

/*
 * Inbox: bytes of a peer that are still to be looked at. It takes as many as a record and a read
 * need, and no more, whatever the peer says. All zeros is an empty one.
 */
struct inbox {
    uint8_t *bytes;
    size_t start, end, capacity;
};

enum { INBOX_MOST = 512 * 1024 };

static inline struct view inbox_view(const struct inbox *inbox)
{
    return (struct view){inbox->bytes + inbox->start, inbox->end - inbox->start};
}

/* Room for more at *ret, at least a byte; 0 when there are INBOX_MOST. Moves what views show. */
size_t inbox_room(struct inbox *inbox, uint8_t **ret);
void inbox_add(struct inbox *inbox, size_t size); /* so many bytes were put there */
void inbox_take(struct inbox *inbox, size_t size);
void inbox_clear(struct inbox *inbox);
void inbox_release(struct inbox *inbox);
