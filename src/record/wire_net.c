/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire_block.h"

/* The network block: protocol state, in a layout that its subtype names. */

enum { QUALIFIER_V5 = 2 }; /* version 5: TCP layouts with a maximum segment size at their end */

/* --- reading ---------------------------------------------------------------------------------- */

static bool get_tcp_init(const struct wire_block *b, struct record_tcp *tcp)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < 16)
        return false;
    memset(tcp, 0, sizeof(*tcp));
    tcp->status = load_be32(at);
    tcp->options = load_be32(at + 8);
    tcp->side[SRC] = (struct record_tcp_side){
        .seq_base = load_be32(at + 4),
        .window = load_be16(at + 12),
        .flags = at[14],
        .window_shift = at[15],
    };
    return true;
}

static bool get_tcp_status(const struct wire_block *b, struct record_tcp *tcp)
{
    if (b->body.size < 8)
        return false;
    memset(tcp, 0, sizeof(*tcp));
    tcp->status = load_be32(b->body.data);
    tcp->side[SRC].flags = b->body.data[4];
    tcp->side[DST].flags = b->body.data[5];
    return true;
}

static void get_tcp_side(const uint8_t *at, struct record_tcp_side *ret)
{
    *ret = (struct record_tcp_side){
        .last = wire_load_time(at, false),
        .status = load_be32(at + 8),
        .seq_base = load_be32(at + 12),
        .seq = load_be32(at + 16),
        .ack = load_be32(at + 20),
        .windows = load_be32(at + 24),
        .bytes = load_be32(at + 28),
        .retrans = load_be32(at + 32),
        .ack_bytes = load_be32(at + 36),
        .win_bytes = load_be32(at + 40),
        .window = load_be16(at + 44),
        .flags = at[46],
        .window_shift = at[47],
    };
}

static bool get_tcp_perf(const struct wire_block *b, struct record_tcp *tcp)
{
    size_t side = b->qualifier & QUALIFIER_V5 && b->body.size >= 124 ? 52 : 48;
    const uint8_t *at = b->body.data;
    if (b->body.size < 20 + 2 * side)
        return false;
    tcp->status = load_be32(at);
    tcp->state = load_be32(at + 4);
    tcp->options = load_be32(at + 8);
    tcp->synack_usec = load_be32(at + 12);
    tcp->ackdat_usec = load_be32(at + 16);
    get_tcp_side(at + 20, &tcp->side[SRC]);
    get_tcp_side(at + 20 + side, &tcp->side[DST]);
    return true;
}

static bool get_rtp(const struct wire_block *b, struct record_rtp *rtp)
{
    enum { RTP_BODY = 36, RTCP_BODY = 20 };
    const uint8_t *at = b->body.data;
    memset(rtp, 0, sizeof(*rtp));
    if (b->subtype == NET_RTCP) {
        if (b->body.size < RTCP_BODY)
            return false;
        memcpy(rtp->header[SRC], at, 8);
        memcpy(rtp->header[DST], at + 8, 8);
        rtp->drops[SRC] = load_be16(at + 16);
        rtp->drops[DST] = load_be16(at + 18);
        return true;
    }
    if (b->body.size < RTP_BODY)
        return false;
    rtp->state = load_be32(at);
    memcpy(rtp->header[SRC], at + 4, 12);
    memcpy(rtp->header[DST], at + 16, 12);
    for (unsigned side = SRC; side <= DST; side++) {
        rtp->drops[side] = load_be16(at + 28 + 2 * side);
        rtp->deviation[side] = load_be16(at + 32 + 2 * side);
    }
    return true;
}

/* The reference programs write this layout little-endian, addresses included. */
static bool get_icmp(const struct wire_block *b, struct record_net_icmp *icmp)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < 24)
        return false;
    icmp->type = at[0];
    icmp->code = at[1];
    icmp->seq = load_le16(at + 2);
    for (unsigned i = 0; i < 5; i++)
        store_be32(icmp->addr[i], load_le32(at + 4 + 4 * i));
    return true;
}

static bool get_esp(const struct wire_block *b, struct record_esp *esp)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < 16)
        return false;
    *esp = (struct record_esp){
        .status = load_be32(at),
        .spi = load_be32(at + 4),
        .last_seq = load_be32(at + 8),
        .lost = load_be32(at + 12),
    };
    return true;
}

static bool get_fragment(const struct wire_block *b, struct record_fragment *f)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < 28)
        return false;
    *f = (struct record_fragment){
        .count = load_le32(at),
        .id = load_le32(at + 4),
        .start = load_le32(at + 8),
        .bytes = load_le32(at + 12),
        .total_bytes = load_le32(at + 16),
        .total_length = load_le16(at + 20),
        .length = load_le16(at + 22),
        .largest = load_le16(at + 24),
    };
    return true;
}

static bool get_raw(const struct wire_block *b, struct record_net *net)
{
    size_t size = b->body.size;
    if (size > sizeof(net->u.raw.bytes))
        size = sizeof(net->u.raw.bytes);
    memcpy(net->u.raw.bytes, b->body.data, size);
    net->u.raw.size = (uint16_t)size;
    return true;
}

static bool get_body(const struct wire_block *b, struct record_net *net)
{
    switch (b->subtype) {
    case NET_NONE:
        return true;
    case NET_TCP_INIT:
        return get_tcp_init(b, &net->u.tcp);
    case NET_TCP_STATUS:
        return get_tcp_status(b, &net->u.tcp);
    case NET_TCP_PERF:
        return get_tcp_perf(b, &net->u.tcp);
    case NET_RTP:
    case NET_RTCP:
        return get_rtp(b, &net->u.rtp);
    case NET_ARP:
        if (b->body.size < sizeof(net->u.arp_hardware))
            return false;
        memcpy(net->u.arp_hardware, b->body.data, sizeof(net->u.arp_hardware));
        return true;
    case NET_ICMP:
        return get_icmp(b, &net->u.icmp);
    case NET_ESP:
        return get_esp(b, &net->u.esp);
    case NET_FRAG:
        return get_fragment(b, &net->u.frag);
    default:
        return get_raw(b, net);
    }
}

bool wire_get_net(const struct wire_block *b, struct record *r)
{
    r->net.form = b->subtype;
    r->net.qualifier = b->qualifier;
    if (!get_body(b, &r->net))
        return false;
    r->blocks |= BLOCK_NET;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_tcp_init(const struct record_tcp *tcp, struct wire_writer *w)
{
    put32(w, tcp->status);
    put32(w, tcp->side[SRC].seq_base);
    put32(w, tcp->options);
    put16(w, tcp->side[SRC].window);
    put8(w, tcp->side[SRC].flags);
    put8(w, tcp->side[SRC].window_shift);
}

static void put_tcp_side(const struct record_tcp_side *side, struct wire_writer *w)
{
    put_time(w, side->last);
    put32(w, side->status);
    put32(w, side->seq_base);
    put32(w, side->seq);
    put32(w, side->ack);
    put32(w, side->windows);
    put32(w, side->bytes);
    put32(w, side->retrans);
    put32(w, side->ack_bytes);
    put32(w, side->win_bytes);
    put16(w, side->window);
    put8(w, side->flags);
    put8(w, side->window_shift);
}

static void put_tcp_perf(const struct record_tcp *tcp, struct wire_writer *w)
{
    put32(w, tcp->status);
    put32(w, tcp->state);
    put32(w, tcp->options);
    put32(w, tcp->synack_usec);
    put32(w, tcp->ackdat_usec);
    put_tcp_side(&tcp->side[SRC], w);
    put_tcp_side(&tcp->side[DST], w);
}

static void put_rtp(const struct record_net *net, struct wire_writer *w)
{
    const struct record_rtp *rtp = &net->u.rtp;
    size_t size = net->form == NET_RTCP ? 8 : 12;
    if (net->form == NET_RTP)
        put32(w, rtp->state);
    put_bytes(w, rtp->header[SRC], size);
    put_bytes(w, rtp->header[DST], size);
    put16(w, rtp->drops[SRC]);
    put16(w, rtp->drops[DST]);
    if (net->form == NET_RTP) {
        put16(w, rtp->deviation[SRC]);
        put16(w, rtp->deviation[DST]);
    }
}

static void put_icmp(const struct record_net_icmp *icmp, struct wire_writer *w)
{
    put8(w, icmp->type);
    put8(w, icmp->code);
    put16_le(w, icmp->seq);
    for (unsigned i = 0; i < 5; i++)
        put32_le(w, load_be32(icmp->addr[i]));
}

static void put_fragment(const struct record_fragment *f, struct wire_writer *w)
{
    enum { BOOKKEEPING = 26 }; /* two bytes and six words that mean nothing to readers */
    put32_le(w, f->count);
    put32_le(w, f->id);
    put32_le(w, f->start);
    put32_le(w, f->bytes);
    put32_le(w, f->total_bytes);
    put16_le(w, f->total_length);
    put16_le(w, f->length);
    put16_le(w, f->largest);
    put_zeros(w, BOOKKEEPING);
}

static void put_body(const struct record_net *net, struct wire_writer *w)
{
    enum { ARP_ROOM = 166 }; /* readers of version 3 expect a body of 172 bytes */
    switch (net->form) {
    case NET_NONE:
        return;
    case NET_TCP_INIT:
        put_tcp_init(&net->u.tcp, w);
        return;
    case NET_TCP_STATUS: /* what readers make of it is the whole form; writers damage the short one
                          */
    case NET_TCP_PERF:
        put_tcp_perf(&net->u.tcp, w);
        return;
    case NET_RTP:
    case NET_RTCP:
        put_rtp(net, w);
        return;
    case NET_ARP:
        put_bytes(w, net->u.arp_hardware, sizeof(net->u.arp_hardware));
        put_zeros(w, ARP_ROOM);
        return;
    case NET_ICMP:
        put_icmp(&net->u.icmp, w);
        return;
    case NET_ESP:
        put32(w, net->u.esp.status);
        put32(w, net->u.esp.spi);
        put32(w, net->u.esp.last_seq);
        put32(w, net->u.esp.lost);
        return;
    case NET_FRAG:
        put_fragment(&net->u.frag, w);
        return;
    default:
        put_bytes(w, net->u.raw.bytes, net->u.raw.size);
        return;
    }
}

void wire_put_net(const struct record *r, struct wire_writer *w)
{
    const struct record_net *net = &r->net;
    bool tcp =
        net->form == NET_TCP_INIT || net->form == NET_TCP_STATUS || net->form == NET_TCP_PERF;
    uint8_t form = net->form == NET_TCP_STATUS ? NET_TCP_PERF : net->form;
    wire_open(w, TYPE_NET, form, tcp ? 0 : net->qualifier);
    put_body(net, w);
    wire_close(w);
}
