/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire_block.h"

/*
 * The time block has two styles. The old one says start and end of the whole flow; it is read as
 * the source's times and spread over the sides when the record is normalised. The new one has up
 * to four items (start and last of each side), all absolute, or the first absolute and the others
 * as microseconds after it; the length tells which.
 */
enum { FLAG_SRC_START = 0x08, FLAG_SRC_LAST = 0x10, FLAG_DST_START = 0x20, FLAG_DST_LAST = 0x40 };
enum {
    FLAGS_NEW_STYLE = FLAG_SRC_START | FLAG_DST_START,
    QUALIFIER_USEC = 0x18,
    QUALIFIER_NSEC = 0x19
};
enum { FORM_ONE = 1, FORM_RANGE = 2, FORM_RELATIVE_END = 3, FORM_MASK = 7 };

/* --- reading ---------------------------------------------------------------------------------- */

static bool get_old_style(const struct wire_block *b, struct record_time *t)
{
    const uint8_t *at = b->body.data;
    size_t size = b->body.size;
    if (size < 8)
        return true; /* says no time */
    t->start[SRC] = t->last[SRC] = wire_load_time(at, t->nanoseconds);
    if ((b->subtype & FORM_MASK) == FORM_RELATIVE_END && size >= 12)
        t->last[SRC] += (nsec_t)(int32_t)load_be32(at + 8) * NSEC_PER_USEC;
    else if (size >= 16)
        t->last[SRC] = wire_load_time(at + 8, t->nanoseconds);
    if (size >= 32) {
        t->start[DST] = wire_load_time(at + 16, t->nanoseconds);
        t->last[DST] = wire_load_time(at + 24, t->nanoseconds);
        t->has_start[DST] = t->has_last[DST] = true;
    }
    t->has_start[SRC] = t->has_last[SRC] = true;
    return true;
}

/* The i-th item in wire order: its side, and whether it is the last packet's time. */
static void set_item(struct record_time *t, unsigned i, nsec_t value)
{
    unsigned side = i / 2;
    if (i % 2) {
        t->last[side] = value;
        t->has_last[side] = true;
    } else {
        t->start[side] = value;
        t->has_start[side] = true;
    }
}

static bool get_new_style(const struct wire_block *b, struct record_time *t)
{
    unsigned flags = b->subtype >> 3 & 0x0f;
    unsigned items = (unsigned)__builtin_popcount(flags);
    size_t words = b->body.size / 4;
    unsigned paired = items;
    if ((flags & 2) && !(flags & 1)) /* an end without its start does not count */
        paired--;
    if ((flags & 8) && !(flags & 4))
        paired--;
    bool relative = paired > words / 2 && words == paired + 1;
    const uint8_t *at = b->body.data, *end = at + b->body.size;
    nsec_t first = 0;
    bool any = false;
    for (unsigned i = 0; i < 4; i++) {
        if (!(flags & 1u << i))
            continue;
        size_t size = any && relative ? 4 : 8;
        if ((size_t)(end - at) < size)
            return any; /* the items that are there count */
        nsec_t value = any && relative ? first + (nsec_t)(int32_t)load_be32(at) * NSEC_PER_USEC
                                       : wire_load_time(at, t->nanoseconds);
        first = any ? first : value;
        any = true;
        set_item(t, i, value);
        at += size;
    }
    return any;
}

bool wire_get_time(const struct wire_block *b, struct record *r)
{
    r->time = (struct record_time){
        .bidirectional = b->subtype & FLAGS_NEW_STYLE,
        .nanoseconds = b->qualifier == QUALIFIER_NSEC,
    };
    bool good = r->time.bidirectional ? get_new_style(b, &r->time) : get_old_style(b, &r->time);
    if (good)
        r->blocks |= BLOCK_TIME;
    return good;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_old_style(const struct record *r, struct wire_writer *w)
{
    nsec_t start = record_start(r), last = record_last(r);
    bool one = start / NSEC_PER_USEC == last / NSEC_PER_USEC;
    wire_open(w, TYPE_TIME, one ? FORM_ONE : FORM_RANGE, QUALIFIER_USEC);
    put_time(w, start);
    if (!one)
        put_time(w, last);
    wire_close(w);
}

static void put_new_style(const struct record_time *t, struct wire_writer *w)
{
    static const uint8_t start_flag[2] = {FLAG_SRC_START, FLAG_DST_START};
    static const uint8_t last_flag[2] = {FLAG_SRC_LAST, FLAG_DST_LAST};
    uint8_t flags = 0;
    wire_open(w, TYPE_TIME, 0, QUALIFIER_USEC);
    for (unsigned side = SRC; side <= DST; side++) {
        if (!t->has_start[side])
            continue;
        flags |= start_flag[side];
        put_time(w, t->start[side]);
        if (!t->has_last[side] || t->last[side] / NSEC_PER_USEC == t->start[side] / NSEC_PER_USEC)
            continue;
        flags |= last_flag[side];
        put_time(w, t->last[side]);
    }
    w->block[1] = flags | (__builtin_popcount(flags) > 1 ? FORM_RANGE : FORM_ONE);
    wire_close(w);
}

void wire_put_time(const struct record *r, struct wire_writer *w)
{
    if (r->time.bidirectional && (r->time.has_start[SRC] || r->time.has_start[DST]))
        put_new_style(&r->time, w);
    else
        put_old_style(r, w);
}
