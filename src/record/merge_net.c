/* SPDX-License-Identifier: Apache-2.0 */
#include "record/merge_internal.h"

/* Protocol state. Two records whose states are of different protocols have none in common. */

static bool is_tcp_form(uint8_t form)
{
    return form == NET_TCP_INIT || form == NET_TCP_STATUS || form == NET_TCP_PERF;
}

/* A lone first packet as one side of the whole form. */
static void complete_init(struct record_net *net, const struct record *r)
{
    if (net->form != NET_TCP_INIT)
        return;
    struct record_tcp_side *src = &net->u.tcp.side[SRC];
    bool from_dst =
        record_has(r, BLOCK_METRIC) && !r->metric.packets[SRC] && r->metric.packets[DST];
    src->seq = src->seq_base;
    src->last = record_last(r);
    if (from_dst) {
        net->u.tcp.side[DST] = *src;
        *src = (struct record_tcp_side){0};
    }
    net->form = NET_TCP_PERF;
}

static bool is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static void merge_tcp_side(struct record_tcp_side *into, const struct record_tcp_side *from)
{
    if (!from->flags && !from->seq && !from->bytes)
        return; /* sent nothing */
    bool first = !into->flags && !into->seq && !into->bytes;
    uint32_t retrans = into->retrans + from->retrans, bytes = into->bytes + from->bytes;
    if (first || is_before(from->seq_base, into->seq_base))
        into->seq_base = from->seq_base;
    if (first || is_before(into->seq, from->seq))
        into->seq = from->seq;
    into->ack = from->ack;
    into->windows += from->windows;
    into->bytes = bytes;
    into->retrans = retrans;
    into->ack_bytes += from->ack_bytes;
    into->win_bytes = from->win_bytes;
    into->status |= from->status;
    into->flags |= from->flags;
    into->window = from->window;
    into->window_shift = from->window_shift;
    if (from->last > into->last)
        into->last = from->last;
}

static void merge_tcp(struct record *into, const struct record *from)
{
    struct record_net other = from->net;
    complete_init(&into->net, into);
    complete_init(&other, from);
    struct record_tcp *a = &into->net.u.tcp;
    const struct record_tcp *b = &other.u.tcp;
    into->net.form = NET_TCP_PERF;
    a->status |= b->status;
    a->options |= b->options;
    a->state = b->state;
    if (!a->synack_usec)
        a->synack_usec = b->synack_usec;
    if (!a->ackdat_usec)
        a->ackdat_usec = b->ackdat_usec;
    merge_tcp_side(&a->side[SRC], &b->side[SRC]);
    merge_tcp_side(&a->side[DST], &b->side[DST]);
}

static void merge_rtp(struct record_rtp *into, const struct record_rtp *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        into->drops[side] = (uint16_t)(into->drops[side] + from->drops[side]);
        if (!from->header[side][0])
            continue;
        for (unsigned i = 0; i < sizeof(into->header[side]); i++)
            into->header[side][i] = from->header[side][i];
    }
}

static void merge_esp(struct record_esp *into, const struct record_esp *from)
{
    into->status |= from->status;
    into->lost += from->lost;
    into->last_seq = from->last_seq;
    if (into->spi != from->spi)
        into->spi = 0;
}

void merge_net(struct record *into, const struct record *from)
{
    if (!record_has(into, BLOCK_NET) || !record_has(from, BLOCK_NET)) {
        into->blocks &= ~(uint32_t)BLOCK_NET;
        return;
    }
    uint8_t a = into->net.form, b = from->net.form;
    if (is_tcp_form(a) && is_tcp_form(b)) {
        merge_tcp(into, from);
    } else if (a != b) {
        /* An answer seen in one of them (ARP), or media recognised late, is worth keeping. */
        if (a == NET_NONE)
            into->net = from->net;
        else if (b != NET_NONE)
            into->blocks &= ~(uint32_t)BLOCK_NET;
    } else if (a == NET_RTP || a == NET_RTCP) {
        merge_rtp(&into->net.u.rtp, &from->net.u.rtp);
    } else if (a == NET_ESP) {
        merge_esp(&into->net.u.esp, &from->net.u.esp);
    } else if (a == NET_FRAG) {
        into->net.u.frag.count += from->net.u.frag.count;
        into->net.u.frag.bytes += from->net.u.frag.bytes;
    }
}
