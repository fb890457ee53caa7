/* SPDX-License-Identifier: Apache-2.0 */
#include "split/cut.h"

#include "split/share.h"

static uint64_t packets_of(const struct record *r)
{
    return r->metric.packets[SRC] + r->metric.packets[DST];
}

bool cut_reaches(const struct record *r, nsec_t end)
{
    return record_is_flow(r) && record_has(r, BLOCK_TIME | BLOCK_METRIC) && packets_of(r) > 1 &&
           record_last(r) > end;
}

/* A side without times of its own has those of the record. */
void cut_begin(struct cut *cut, const struct record *r)
{
    const struct record_time *time = &r->time;
    cut->whole = r;
    cut->left = *r;
    record_touch(&cut->left);
    for (unsigned side = SRC; side <= DST; side++) {
        cut->first[side] = time->has_start[side] ? time->start[side] : record_start(r);
        cut->last[side] = time->has_last[side]    ? time->last[side]
                          : time->has_start[side] ? time->start[side]
                                                  : record_last(r);
        if (cut->last[side] < cut->first[side])
            cut->last[side] = cut->first[side];
        cut->start[side] = cut->first[side];
    }
}

nsec_t cut_start(const struct cut *cut)
{
    const uint64_t *packets = cut->left.metric.packets;
    if (!packets[SRC] || !packets[DST])
        return cut->start[packets[SRC] ? SRC : DST];
    return cut->start[SRC] < cut->start[DST] ? cut->start[SRC] : cut->start[DST];
}

static nsec_t cut_last(const struct cut *cut)
{
    const uint64_t *packets = cut->left.metric.packets;
    if (!packets[SRC] || !packets[DST])
        return cut->last[packets[SRC] ? SRC : DST];
    return cut->last[SRC] > cut->last[DST] ? cut->last[SRC] : cut->last[DST];
}

/* --- one part --------------------------------------------------------------------------------- */

/* How many of a side's packets are in front of `end`. */
static uint64_t packets_until(const struct cut *cut, unsigned side, nsec_t end)
{
    const uint64_t left = cut->left.metric.packets[side];
    const uint64_t all = cut->whole->metric.packets[side], given = all - left;
    if (cut->last[side] <= end || !left)
        return left;
    if (cut->start[side] > end)
        return 0;
    const uint64_t time = (uint64_t)cut->last[side] - (uint64_t)cut->first[side];
    const uint64_t until = share_of(all, (uint64_t)end - (uint64_t)cut->first[side], time);
    uint64_t packets = until > given ? until - given : 1;
    return packets < left ? packets : left > 1 ? left - 1 : left;
}

/* Makes the part of so many packets of each side, with the times that they have up to `end`. */
static void take(struct cut *cut, const uint64_t packets[2], nsec_t end, struct record *ret)
{
    struct record_time *time = &ret->time;
    const bool is_alone = packets[SRC] + packets[DST] == 1;
    *ret = cut->left;
    share_clear(ret);
    for (unsigned side = SRC; side <= DST; side++) {
        const bool has = packets[side] > 0;
        share_side(cut->whole, &cut->left, ret, side, packets[side]);
        time->has_start[side] = time->has_last[side] = has;
        time->start[side] = has ? cut->start[side] : 0;
        time->last[side] = !has ? 0 : cut->last[side] < end ? cut->last[side] : end;
        if (has && is_alone)
            time->last[side] = time->start[side];
        if (cut->left.metric.packets[side] == 1)
            cut->start[side] = cut->last[side];
        else if (cut->start[side] < end)
            cut->start[side] = end;
    }
    time->bidirectional = true;
    share_common(cut->whole, &cut->left, ret);
}

/* The first of two packets; of one side, the larger half. */
static void take_one(struct cut *cut, struct record *ret)
{
    const uint64_t *left = cut->left.metric.packets;
    const unsigned side =
        left[SRC] && (!left[DST] || cut->start[SRC] <= cut->start[DST]) ? SRC : DST;
    uint64_t packets[2] = {0};
    struct record_metric *rest = &cut->left.metric, *part = &ret->metric;
    const uint64_t bytes = rest->bytes[side], app_bytes = rest->app_bytes[side];
    const bool is_halved = left[side] == 2;
    packets[side] = 1;
    take(cut, packets, cut->start[side], ret);
    if (!is_halved)
        return;
    rest->bytes[side] = bytes / 2;
    rest->app_bytes[side] = app_bytes / 2;
    part->bytes[side] = bytes - bytes / 2;
    part->app_bytes[side] = app_bytes - app_bytes / 2;
}

bool cut_next(struct cut *cut, nsec_t end, struct record *ret)
{
    const uint64_t left = packets_of(&cut->left);
    if (!left)
        return false;
    const nsec_t last = cut_last(cut);
    if (left == 1 || last <= end) {
        const uint64_t all[2] = {cut->left.metric.packets[SRC], cut->left.metric.packets[DST]};
        take(cut, all, last, ret);
    } else if (left == 2) {
        take_one(cut, ret);
    } else {
        const uint64_t packets[2] = {packets_until(cut, SRC, end), packets_until(cut, DST, end)};
        take(cut, packets, end, ret);
    }
    return true;
}
