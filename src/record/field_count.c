/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_get.h"

static uint64_t of_side(const uint64_t counts[2], unsigned side)
{
    return side == BOTH ? counts[SRC] + counts[DST] : counts[side];
}

GETTER(get_packets)
{
    value_uint(ret, of_side(r->metric.packets, arg));
}

GETTER(get_bytes)
{
    value_uint(ret, of_side(r->metric.bytes, arg));
}

GETTER(get_app_bytes)
{
    value_uint(ret, r->metric.has_app_bytes ? of_side(r->metric.app_bytes, arg) : 0);
}

GETTER(get_ratio)
{
    (void)arg;
    double src = (double)r->metric.app_bytes[SRC], dst = (double)r->metric.app_bytes[DST];
    bool any = r->metric.has_app_bytes && src + dst > 0;
    value_real(ret, any ? (src - dst) / (src + dst) : -0.0);
}

GETTER(get_app_share)
{
    uint64_t bytes = of_side(r->metric.bytes, arg);
    uint64_t app = r->metric.has_app_bytes ? of_side(r->metric.app_bytes, arg) : 0;
    value_real(ret, bytes ? (double)app / (double)bytes : 0);
}

/* --- rates: of a side over its own duration, or the flow's where it has none ------------------ */

static double seconds_of(const struct record *r, unsigned side)
{
    nsec_t duration = record_duration(r);
    const struct record_time *t = &r->time;
    if (side != BOTH && t->has_start[side] && t->has_last[side] && t->last[side] > t->start[side])
        duration = t->last[side] - t->start[side];
    return (double)duration / (double)NSEC_PER_SEC;
}

GETTER(get_rate)
{
    uint64_t packets = of_side(r->metric.packets, arg);
    double seconds = seconds_of(r, arg);
    value_real(ret, packets > 1 && seconds > 0 ? (double)(packets - 1) / seconds : 0);
}

/*
 * The first packet's bytes are not counted: the time they took is not in the duration. A record
 * that was merged here has gaps of unknown length in it; there all bytes count over all the time.
 */
static double load_of(const struct record *r, unsigned side)
{
    uint64_t packets = r->metric.packets[side], bytes = r->metric.bytes[side];
    bool merged = !r->wire.size && record_has(r, BLOCK_AGR) && r->agr.count > 1;
    double seconds = seconds_of(r, merged ? BOTH : side);
    if (seconds <= 0)
        return 0;
    if (merged)
        return (double)bytes * 8 / seconds;
    return packets > 1 ? (double)(bytes - bytes / packets) * 8 / seconds : 0;
}

GETTER(get_load)
{
    if (arg != BOTH) {
        value_real(ret, load_of(r, arg));
        return;
    }
    double all = seconds_of(r, BOTH);
    double bits = load_of(r, SRC) * seconds_of(r, SRC) + load_of(r, DST) * seconds_of(r, DST);
    value_real(ret, all > 0 ? bits / all : 0);
}

/* --- loss ------------------------------------------------------------------------------------- */

static uint64_t lost(const struct record *r, unsigned side)
{
    if (!record_has(r, BLOCK_NET))
        return 0;
    switch (r->net.form) {
    case NET_TCP_PERF:
        return record_is_tcp(r) ? r->net.u.tcp.side[side].retrans : 0;
    case NET_RTP:
        return record_is_rtp(r) ? r->net.u.rtp.drops[side] : 0;
    case NET_ESP:
        return side == SRC ? r->net.u.esp.lost : 0;
    default:
        return 0;
    }
}

static uint64_t lost_of(const struct record *r, unsigned side)
{
    return side == BOTH ? lost(r, SRC) + lost(r, DST) : lost(r, side);
}

GETTER(get_loss)
{
    if (record_is_flow(r))
        value_uint(ret, lost_of(r, arg));
}

GETTER(get_loss_percent)
{
    double loss = (double)lost_of(r, arg);
    double all = loss + (double)of_side(r->metric.packets, arg);
    value_real(ret, loss > 0 ? loss * 100 / all : 0);
}

/* --- sizes ------------------------------------------------------------------------------------ */

GETTER(get_size)
{
    unsigned side = arg & 1;
    uint16_t size = arg >> 1 == SIZE_LEAST ? r->psize.min[side] : r->psize.max[side];
    if (r->psize.has[side] && size)
        value_uint(ret, size);
}

GETTER(get_mean_size)
{
    uint64_t packets = r->metric.packets[arg];
    value_real(ret, packets ? (double)r->metric.bytes[arg] / (double)packets : 0);
}

GETTER(get_size_shape)
{
    const uint8_t has_histogram = 4;
    if (r->psize.subtype & has_histogram && r->psize.subtype & 1u << arg)
        value_text(ret, "%08x", r->psize.histogram[arg]);
}

GETTER(get_keystrokes)
{
    const int32_t *strokes = r->behavior.keystrokes;
    ret->kind = VALUE_INT;
    ret->u.integer = arg == BOTH ? (int64_t)strokes[SRC] + strokes[DST] : strokes[arg];
}
