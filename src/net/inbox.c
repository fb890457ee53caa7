/* SPDX-License-Identifier: Apache-2.0 */
#include "net/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

enum { FIRST = 64 * 1024 };

size_t inbox_room(struct inbox *inbox, uint8_t **ret)
{
    if (inbox->start) {
        memmove(inbox->bytes, inbox->bytes + inbox->start, inbox->end - inbox->start);
        inbox->end -= inbox->start;
        inbox->start = 0;
    }
    if (inbox->end == inbox->capacity && inbox->capacity < INBOX_MOST) {
        inbox->capacity = inbox->capacity ? 2 * inbox->capacity : FIRST;
        inbox->bytes = mem_realloc(inbox->bytes, inbox->capacity);
    }
    *ret = inbox->bytes + inbox->end;
    return inbox->capacity - inbox->end;
}

void inbox_add(struct inbox *inbox, size_t size)
{
    check(size <= inbox->capacity - inbox->end);
    inbox->end += size;
}

void inbox_take(struct inbox *inbox, size_t size)
{
    check(size <= inbox->end - inbox->start);
    inbox->start += size;
}

void inbox_clear(struct inbox *inbox)
{
    inbox->start = inbox->end = 0;
}

void inbox_release(struct inbox *inbox)
{
    free(inbox->bytes);
    *inbox = (struct inbox){0};
}
