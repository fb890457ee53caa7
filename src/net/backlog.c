/* SPDX-License-Identifier: Apache-2.0 */
#include "net/backlog.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/*
 * The bytes lie in a ring, each at its offset modulo the size; a record may go over the edge. The
 * offset of every STEP-th position is kept, in a ring, too, so that a position is found without
 * walking over all of them.
 */
enum { STEP = 512, LIKELY_RECORD_BYTES = 64 };

struct backlog {
    uint8_t *ring;
    size_t size;
    struct backlog_cursor first, next;
    struct backlog_cursor *steps;
    size_t step_count;
};

struct backlog *backlog_new(size_t bytes, uint64_t position)
{
    check(bytes >= BACKLOG_LEAST);
    uint8_t *ring = mem_try_map(bytes);
    if (!ring)
        return NULL;
    struct backlog *b = mem_zalloc(sizeof(*b));
    b->ring = ring;
    b->size = bytes;
    b->first.position = b->next.position = position;
    b->step_count = bytes / ((size_t)STEP * LIKELY_RECORD_BYTES) + 2;
    b->steps = mem_zalloc(b->step_count * sizeof(*b->steps));
    return b;
}

void backlog_free(struct backlog *b)
{
    if (!b)
        return;
    mem_unmap(b->ring, b->size);
    free(b->steps);
    free(b);
}

static void copy_in(struct backlog *b, uint64_t offset, const uint8_t *from, size_t size)
{
    size_t at = offset % b->size, front = b->size - at < size ? b->size - at : size;
    memcpy(b->ring + at, from, front);
    memcpy(b->ring, from + front, size - front);
}

static void copy_out(const struct backlog *b, uint64_t offset, uint8_t *to, size_t size)
{
    size_t at = offset % b->size, front = b->size - at < size ? b->size - at : size;
    memcpy(to, b->ring + at, front);
    memcpy(to + front, b->ring, size - front);
}

/* Of the record at an offset; the four bytes of its header may go over the edge, too. */
static size_t record_size(const struct backlog *b, uint64_t offset)
{
    uint8_t header[4];
    copy_out(b, offset, header, sizeof(header));
    return (size_t)load_be16(header + 2) * 4;
}

static void step_over(const struct backlog *b, struct backlog_cursor *cursor)
{
    cursor->offset += record_size(b, cursor->offset);
    cursor->position++;
}

bool backlog_has_room(const struct backlog *b, const struct backlog_cursor *keep,
                      size_t record_bytes)
{
    return keep->position < b->first.position ||
           b->next.offset + record_bytes - keep->offset <= b->size;
}

void backlog_add(struct backlog *b, struct view record)
{
    check(record.size >= 4 && record.size == (size_t)load_be16(record.data + 2) * 4);
    while (!backlog_has_room(b, &b->first, record.size))
        step_over(b, &b->first);
    if (b->next.position % STEP == 0)
        b->steps[b->next.position / STEP % b->step_count] = b->next;
    copy_in(b, b->next.offset, record.data, record.size);
    b->next.offset += record.size;
    b->next.position++;
}

struct backlog_cursor backlog_first(const struct backlog *b)
{
    return b->first;
}

struct backlog_cursor backlog_next(const struct backlog *b)
{
    return b->next;
}

struct backlog_cursor backlog_find(const struct backlog *b, uint64_t position)
{
    if (position >= b->next.position)
        return b->next;
    struct backlog_cursor at = b->first;
    const struct backlog_cursor *step = &b->steps[position / STEP % b->step_count];
    if (step->position == position / STEP * STEP && step->position > at.position)
        at = *step;
    while (at.position < position)
        step_over(b, &at);
    return at;
}

size_t backlog_copy(const struct backlog *b, struct backlog_cursor *cursor, uint8_t *to,
                    size_t most, uint64_t *ret_lost)
{
    *ret_lost = 0;
    if (cursor->position < b->first.position) {
        *ret_lost = b->first.position - cursor->position;
        *cursor = b->first;
    }
    struct backlog_cursor end = *cursor;
    while (end.position < b->next.position) {
        size_t size = record_size(b, end.offset);
        if (end.offset + size - cursor->offset > most)
            break;
        end.offset += size;
        end.position++;
    }
    size_t size = (size_t)(end.offset - cursor->offset);
    copy_out(b, cursor->offset, to, size);
    *cursor = end;
    return size;
}
