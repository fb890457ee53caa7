/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "index/finder_internal.h"

/*
 * Several flows can have the identity of one record (see flow/identity.h), and two records of a
 * flow can share the microsecond in which one ends and the next begins. When more packets fit a
 * record than it counts, its own counters tell which are meant.
 */
struct candidates { /* of one want: a part of what was found */
    struct found *list;
    size_t count;
};

static int by_want(const void *a, const void *b)
{
    const struct found *one = a, *other = b;
    if (one->want != other->want)
        return one->want < other->want ? -1 : 1;
    if ((one->reason == FOUND_ERROR) != (other->reason == FOUND_ERROR))
        return one->reason == FOUND_ERROR ? 1 : -1;
    if (one->is_answer != other->is_answer)
        return one->is_answer ? 1 : -1;
    if (one->flow != other->flow)
        return one->flow < other->flow ? -1 : 1;
    if (one->time != other->time)
        return one->time < other->time ? -1 : 1;
    if (one->file != other->file)
        return one->file < other->file ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

static uint64_t bytes_of(const struct found *list, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += list[i].bytes;
    return bytes;
}

/* How many in front are of the same flow as the first, and of the same side if only one counts. */
static size_t flow_size(const struct found *list, size_t count)
{
    size_t size = 1;
    while (size < count && list[size].flow == list[0].flow &&
           list[size].is_answer == list[0].is_answer)
        size++;
    return size;
}

static void drop(struct found *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i].want = 0;
}

/* How many of one flow stand at this microsecond, counted from one end. */
static size_t count_at(const struct found *list, size_t count, nsec_t time, bool from_end)
{
    size_t at = 0;
    while (at < count && want_record_time(list[from_end ? count - 1 - at : at].time) == time)
        at++;
    return at;
}

/*
 * A stretch of the flow that has as many packets and bytes as the record. What is left out must lie
 * at the record's very first or last microsecond. `whole`: it must begin and end with the record,
 * too; a record that lives on until an ICMP error, or in another capture, does not.
 */
static bool find_stretch(const struct found *list, size_t count, const struct want *want,
                         bool whole, size_t *ret_start)
{
    if (count < want->packets)
        return false;
    size_t excess = count - want->packets;
    size_t front = count_at(list, count, want->first, false);
    size_t back = count_at(list, count, want->last, true);
    for (size_t start = 0; start <= excess && start <= front; start++) {
        if (excess - start > back)
            continue;
        const struct found *last = &list[start + want->packets - 1];
        if (whole && (want_record_time(list[start].time) != want->first ||
                      want_record_time(last->time) != want->last))
            continue;
        if (bytes_of(list + start, want->packets) != want->bytes)
            continue;
        *ret_start = start;
        return true;
    }
    return false;
}

/* Keeps the flow that has what the record counts, if there is one. */
static bool settle(const struct candidates *c, const struct want *want, bool whole)
{
    size_t start;
    for (size_t at = 0, size; at < c->count; at += size) {
        size = flow_size(c->list + at, c->count - at);
        if (!find_stretch(c->list + at, size, want, whole, &start))
            continue;
        drop(c->list, at + start);
        drop(c->list + at + start + want->packets, c->count - at - start - want->packets);
        return true;
    }
    return false;
}

/* All that one side sent, if that is what the record counts. */
static bool settle_side(const struct candidates *c, const struct want *want)
{
    size_t size = 0;
    while (size < c->count && !c->list[size].is_answer)
        size++;
    if (size != want->packets || bytes_of(c->list, size) != want->bytes)
        return false;
    drop(c->list + size, c->count - size);
    return true;
}

static bool is_in_doubt(const struct candidates *c, const struct want *want)
{
    return !want->is_wide && want->packets && c->count > want->packets;
}

void finder_settle(struct finder *f)
{
    if (!f->found_count)
        return;
    qsort(f->found, f->found_count, sizeof(*f->found), by_want);
    for (size_t at = 0, size; at < f->found_count; at += size) {
        struct candidates c = {f->found + at, 0};
        uint32_t number = c.list->want;
        for (size = 0; at + size < f->found_count && c.list[size].want == number; size++)
            c.count += c.list[size].reason != FOUND_ERROR;
        const struct want *want = &f->wants->list[number];
        if (is_in_doubt(&c, want) && !settle_side(&c, want) && !settle(&c, want, true))
            (void)settle(&c, want, false);
    }
    size_t kept = 0;
    for (size_t i = 0; i < f->found_count; i++)
        if (f->found[i].want)
            f->found[kept++] = f->found[i];
    f->found_count = kept;
}
