/* SPDX-License-Identifier: Apache-2.0 */
#include "split/share.h"

/* How much of the whole a part gets: `part` of `of` packets, or all of the `left` ones. */
struct fraction {
    uint64_t part, of, left;
    bool is_rest;
};

static uint64_t move(uint64_t *left, uint64_t whole, const struct fraction *how)
{
    uint64_t moved = how->is_rest ? *left : share_of(whole, how->part, how->of);
    moved = moved < *left ? moved : *left;
    *left -= moved;
    return moved;
}

/*
 * Losses are few: their share is of what is left, and to the nearest whole number (of two, to the
 * even one), so that they do not all come to the last part. So does Argus.
 */
static uint32_t move_losses(uint32_t *left, const struct fraction *how)
{
    uint64_t moved = *left;
    if (!how->is_rest) {
        const unsigned __int128 product = (unsigned __int128)*left * how->part;
        const uint64_t over = (uint64_t)(product % how->left), under = how->left - over;
        moved = (uint64_t)(product / how->left);
        moved += over > under || (over == under && moved % 2);
    }
    *left -= (uint32_t)moved;
    return (uint32_t)moved;
}

static uint32_t move32(uint32_t *left, uint32_t whole, const struct fraction *how)
{
    uint64_t wide = *left;
    uint32_t moved = (uint32_t)move(&wide, whole, how);
    *left -= moved;
    return moved;
}

/* --- statistics ------------------------------------------------------------------------------- */

/* As many samples, and as much of their sums as so many samples have on average. */
static void move_stat(struct record_stat *left, struct record_stat *part,
                      const struct record_stat *whole, uint64_t samples)
{
    *part = *left;
    if (samples == left->count) {
        left->sum = 0;
        left->sum_squares = 0;
    } else {
        const __int128 n = samples, count = (__int128)whole->count;
        part->sum = (int64_t)(whole->sum * n / count);
        part->sum_squares = whole->sum_squares / whole->count * samples +
                            whole->sum_squares % whole->count * samples / whole->count;
        left->sum -= part->sum;
        left->sum_squares -= part->sum_squares;
    }
    part->count = samples;
    left->count -= samples;
}

static void move_jitter(const struct record_jitter *whole, struct record_jitter *left,
                        struct record_jitter *part, unsigned side, const struct fraction *how)
{
    for (unsigned phase = 0; phase < 2; phase++) {
        if (!left->has[side][phase])
            continue;
        uint64_t count = left->stat[side][phase].count;
        uint64_t samples = move(&count, whole->stat[side][phase].count, how);
        part->has[side][phase] = samples > 0;
        part->histogram[side][phase] = left->histogram[side][phase];
        move_stat(&left->stat[side][phase], &part->stat[side][phase], &whole->stat[side][phase],
                  samples);
        left->has[side][phase] = left->stat[side][phase].count > 0;
    }
}

/* --- protocols -------------------------------------------------------------------------------- */

/*
 * Sequence numbers go on from part to part, by the bytes of each and its share of what is missing,
 * so that a part misses nothing if the whole did not.
 */
static void move_sequence(const struct record_tcp_side *whole, struct record_tcp_side *left,
                          struct record_tcp_side *part, const struct fraction *how)
{
    const uint32_t there = whole->seq - left->seq_base;
    const int32_t missing = (int32_t)(whole->seq - whole->seq_base - whole->bytes);
    uint64_t numbers = 0;
    if (missing > 0 && how->of)
        numbers = share_of((uint64_t)missing, how->part, how->of);
    part->bytes = move32(&left->bytes, whole->bytes, how);
    numbers += part->bytes;
    if (!how->is_rest)
        part->seq = part->seq_base + (numbers < there ? (uint32_t)numbers : there);
    left->seq_base = part->seq;
}

static void move_tcp(const struct record_tcp_side *whole, struct record_tcp_side *left,
                     struct record_tcp_side *part, const struct fraction *how)
{
    if (whole->seq)
        move_sequence(whole, left, part, how);
    part->retrans = move_losses(&left->retrans, how);
    part->windows = move32(&left->windows, whole->windows, how);
    part->ack_bytes = move32(&left->ack_bytes, whole->ack_bytes, how);
}

static void move_drops(uint16_t *left, uint16_t *part, const struct fraction *how)
{
    uint32_t wide = *left;
    *part = (uint16_t)move_losses(&wide, how);
    *left = (uint16_t)wide;
}

static void move_net_side(const struct record *whole, struct record *left, struct record *part,
                          unsigned side, const struct fraction *how)
{
    if (!record_has(whole, BLOCK_NET))
        return;
    switch (whole->net.form) {
    case NET_TCP_STATUS:
    case NET_TCP_PERF:
        move_tcp(&whole->net.u.tcp.side[side], &left->net.u.tcp.side[side],
                 &part->net.u.tcp.side[side], how);
        if (whole->net.u.tcp.side[side].retrans && !part->net.u.tcp.side[side].retrans)
            part->net.u.tcp.status &= ~(uint32_t)(TCPS_RETRANS_SRC << side);
        return;
    case NET_RTP:
    case NET_RTCP:
        move_drops(&left->net.u.rtp.drops[side], &part->net.u.rtp.drops[side], how);
        return;
    default:
        return;
    }
}

static void move_net(const struct record *whole, struct record *left, struct record *part,
                     const struct fraction *how)
{
    if (!record_has(whole, BLOCK_NET))
        return;
    if (whole->net.form == NET_ESP)
        part->net.u.esp.lost = move_losses(&left->net.u.esp.lost, how);
    if (whole->net.form != NET_FRAG)
        return;
    part->net.u.frag.count = move32(&left->net.u.frag.count, whole->net.u.frag.count, how);
    part->net.u.frag.bytes = move32(&left->net.u.frag.bytes, whole->net.u.frag.bytes, how);
}

/* --- the whole -------------------------------------------------------------------------------- */

void share_clear(struct record *part)
{
    for (unsigned side = SRC; side <= DST; side++) {
        part->metric.packets[side] = 0;
        part->metric.bytes[side] = 0;
        part->metric.app_bytes[side] = 0;
    }
}

void share_side(const struct record *whole, struct record *left, struct record *part, unsigned side,
                uint64_t packets)
{
    struct record_metric *from = &left->metric, *to = &part->metric;
    const struct record_metric *all = &whole->metric;
    const struct fraction how = {
        .part = packets,
        .of = all->packets[side],
        .left = from->packets[side],
        .is_rest = packets == from->packets[side],
    };
    to->packets[side] = packets;
    from->packets[side] -= packets;
    to->bytes[side] = move(&from->bytes[side], all->bytes[side], &how);
    to->app_bytes[side] = move(&from->app_bytes[side], all->app_bytes[side], &how);
    move_net_side(whole, left, part, side, &how);
    if (record_has(whole, BLOCK_JITTER))
        move_jitter(&whole->jitter, &left->jitter, &part->jitter, side, &how);
    if (!record_has(whole, BLOCK_BEHAVIOR) || whole->behavior.keystrokes[side] < 0)
        return;
    uint64_t strokes = (uint64_t)left->behavior.keystrokes[side];
    part->behavior.keystrokes[side] =
        (int32_t)move(&strokes, (uint64_t)whole->behavior.keystrokes[side], &how);
    left->behavior.keystrokes[side] = (int32_t)strokes;
}

/* A part is a record at least, whatever its share of those that were merged. */
static void share_agr(const struct record_agr *whole, struct record_agr *left,
                      struct record_agr *part, const struct fraction *how)
{
    part->count = move32(&left->count, whole->count, how);
    if (!part->count) {
        part->count = 1;
        left->count -= left->count > 1;
    }
    uint64_t count = left->active.count;
    if (count)
        move_stat(&left->active, &part->active, &whole->active,
                  move(&count, whole->active.count, how));
    count = left->idle.count;
    if (count)
        move_stat(&left->idle, &part->idle, &whole->idle, move(&count, whole->idle.count, how));
}

static uint64_t packets_of(const struct record *r)
{
    return r->metric.packets[SRC] + r->metric.packets[DST];
}

void share_common(const struct record *whole, struct record *left, struct record *part)
{
    const uint64_t packets = packets_of(part), rest = packets_of(left);
    const struct fraction how = {
        .part = packets,
        .of = packets_of(whole),
        .left = packets + rest,
        .is_rest = !rest,
    };
    move_net(whole, left, part, &how);
    if (!record_has(whole, BLOCK_AGR))
        return;
    if (whole->agr.count > 1)
        share_agr(&whole->agr, &left->agr, &part->agr, &how);
    else /* one that was never merged speaks for itself */
        part->blocks &= ~(uint32_t)BLOCK_AGR;
}
