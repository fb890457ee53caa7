/* SPDX-License-Identifier: Apache-2.0 */
#include "record/merge.h"

#include <math.h>
#include <string.h>

#include "record/arena.h"
#include "record/merge_internal.h"

/* --- times and counters ----------------------------------------------------------------------- */

static void merge_times(struct record_time *into, const struct record_time *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        if (!from->has_start[side])
            continue;
        nsec_t last = from->has_last[side] ? from->last[side] : from->start[side];
        if (!into->has_start[side]) {
            into->start[side] = from->start[side];
            into->last[side] = last;
        } else {
            nsec_t known = into->has_last[side] ? into->last[side] : into->start[side];
            into->last[side] = last > known ? last : known;
            if (from->start[side] < into->start[side])
                into->start[side] = from->start[side];
        }
        into->has_start[side] = into->has_last[side] = true;
    }
    into->bidirectional = true; /* the sides may have come apart */
    into->stored_start = 0;
}

static void merge_metric(struct record_metric *into, const struct record_metric *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        into->packets[side] += from->packets[side];
        into->bytes[side] += from->bytes[side];
        uint64_t known = into->has_app_bytes ? into->app_bytes[side] : 0;
        into->app_bytes[side] = known + (from->has_app_bytes ? from->app_bytes[side] : 0);
    }
    into->has_app_bytes |= from->has_app_bytes;
}

enum { METRIC_DURATION = 4 };

void record_agr(const struct record *r, struct record_agr *ret)
{
    if (record_has(r, BLOCK_AGR)) {
        *ret = r->agr;
        return;
    }
    *ret = (struct record_agr){.metric = METRIC_DURATION};
    if (record_has(r, BLOCK_METRIC) && !(r->metric.packets[SRC] + r->metric.packets[DST]))
        return;
    ret->count = 1;
    stat_add(&ret->active, record_duration(r) / NSEC_PER_USEC);
}

/* In millionths. */
static int64_t sample_of(const struct record *r, const struct field *field)
{
    const double most = 9e18, millionths = 1e6;
    double number;
    if (!field_number(field, r, &number) || isnan(number))
        return 0;
    number *= millionths;
    return number > most ? (int64_t)most : number < -most ? (int64_t)-most : llround(number);
}

void record_set_sample(struct record *r, const struct field *field)
{
    if (record_has(r, BLOCK_AGR))
        return;
    struct record_agr agr = {.metric = METRIC_DURATION, .count = 1};
    stat_add(&agr.active, sample_of(r, field));
    record_touch(r);
    r->agr = agr;
    r->blocks |= BLOCK_AGR;
}

static void merge_agr(struct record *into, const struct record *from)
{
    struct record_agr more;
    record_agr(into, &into->agr);
    record_agr(from, &more);
    into->agr.count += more.count;
    stat_merge(&into->agr.active, &more.active);
    stat_merge(&into->agr.idle, &more.idle);
    into->blocks |= BLOCK_AGR;
}

/* --- inter-packet times and sizes ------------------------------------------------------------- */

/* Histograms are eight counters of four bits, kept below 16 by halving all. */
static uint32_t merge_histogram(uint32_t a, uint32_t b)
{
    unsigned cells[8], most = 0;
    for (unsigned i = 0; i < 8; i++) {
        cells[i] = (a >> 4 * i & 15) + (b >> 4 * i & 15);
        most = cells[i] > most ? cells[i] : most;
    }
    uint32_t merged = 0;
    for (unsigned i = 0; i < 8; i++)
        merged |= (uint32_t)(most > 15 ? cells[i] / 2 : cells[i]) << 4 * i;
    return merged;
}

static void merge_jitter(struct record_jitter *into, const struct record_jitter *from)
{
    for (unsigned side = SRC; side <= DST; side++)
        for (unsigned phase = 0; phase < 2; phase++) {
            if (!from->has[side][phase])
                continue;
            if (!into->has[side][phase]) {
                into->stat[side][phase] = (struct record_stat){0};
                into->histogram[side][phase] = 0;
            }
            stat_merge(&into->stat[side][phase], &from->stat[side][phase]);
            if (into->has_histogram && from->has_histogram)
                into->histogram[side][phase] =
                    merge_histogram(into->histogram[side][phase], from->histogram[side][phase]);
            into->has[side][phase] = true;
        }
    into->has_histogram = into->has_histogram && from->has_histogram;
}

static void merge_psize(struct record_psize *into, const struct record_psize *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        if (!from->has[side])
            continue;
        if (!into->has[side] || from->min[side] < into->min[side])
            into->min[side] = from->min[side];
        if (!into->has[side] || from->max[side] > into->max[side])
            into->max[side] = from->max[side];
        into->has[side] = true;
        uint32_t known = into->subtype & 1 << side ? into->histogram[side] : 0;
        if (from->subtype & 1 << side) {
            into->histogram[side] = merge_histogram(known, from->histogram[side]);
            into->subtype |= (uint8_t)(4 | 1 << side);
        }
    }
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Takes over a block that only the other record has. True if there is nothing more to merge. */
static bool take_over(struct record *into, const struct record *from, uint32_t block, void *to,
                      const void *what, size_t size)
{
    if (!(from->blocks & block))
        return true;
    if (into->blocks & block)
        return false;
    memcpy(to, what, size);
    into->blocks |= block;
    return true;
}

#define TAKE_OVER(block, member)                                                                   \
    take_over(into, from, block, &into->member, &from->member, sizeof(into->member))

static void merge_transport(struct record *into, const struct record *from)
{
    const struct record_transport *a = &into->transport, *b = &from->transport;
    if (!record_has(into, BLOCK_TRANSPORT))
        return;
    bool same = record_has(from, BLOCK_TRANSPORT) && a->id_form == b->id_form &&
                a->id_size == b->id_size && !memcmp(a->id, b->id, a->id_size);
    if (!same)
        into->blocks &= ~(uint32_t)BLOCK_TRANSPORT;
}

void record_merge(struct record *into, const struct record *from, struct record_arena *arena)
{
    record_touch(into);
    merge_agr(into, from); /* before the times that a sample is made of are merged */
    merge_transport(into, from);
    if (record_has(into, BLOCK_FLOW) && record_has(from, BLOCK_FLOW))
        merge_key(&into->key, &from->key);
    if (!TAKE_OVER(BLOCK_TIME, time))
        merge_times(&into->time, &from->time);
    if (!TAKE_OVER(BLOCK_METRIC, metric))
        merge_metric(&into->metric, &from->metric);
    merge_net(into, from);
    if (!TAKE_OVER(BLOCK_JITTER, jitter))
        merge_jitter(&into->jitter, &from->jitter);
    if (!TAKE_OVER(BLOCK_PSIZE, psize))
        merge_psize(&into->psize, &from->psize);
    merge_attributes(into, from);
    merge_texts(into, from, arena);
}

void record_copy(struct record *to, const struct record *from, bool keep_wire,
                 struct record_arena *arena)
{
    *to = *from;
    to->wire = keep_wire && from->wire.size ? record_arena_copy(arena, from->wire)
                                            : (struct view){NULL, 0};
    if (record_has(from, BLOCK_SUSER))
        to->user[SRC].bytes = record_arena_copy(arena, from->user[SRC].bytes);
    if (record_has(from, BLOCK_DUSER))
        to->user[DST].bytes = record_arena_copy(arena, from->user[DST].bytes);
    if (record_has(from, BLOCK_LABEL))
        to->label = record_arena_copy(arena, from->label);
    if (record_has(from, BLOCK_COR))
        to->cor = record_arena_copy(arena, from->cor);
    if (record_has(from, BLOCK_UNKNOWN))
        to->unknown = record_arena_copy(arena, from->unknown);
}
