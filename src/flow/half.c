/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/half.h"

#include <string.h>

#include "flow/objects.h"
#include "flow/tcp.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, ICMP_ECHO = 8 };

/* Where the bits of TCP's options begin. Those of congestion control are the meter's own. */
enum { OPTIONS_SHIFT = TCPOPT_BITS_AT, OPTIONS_MOST = 0x3ff, SHIFT_MOST = 15 };

uint8_t half_protocol(const struct half_flow *half)
{
    static const uint8_t protocols[] = {PROTO_TCP, PROTO_UDP, PROTO_ICMP};
    return protocols[half->form];
}

void half_key(const struct half_flow *half, struct flow_key *ret)
{
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->addr[0], half->addr[0], 4);
    memcpy(ret->addr[1], half->addr[1], 4);
    memcpy(ret->port, half->port, sizeof(ret->port));
    ret->kind = FLOW_IP4;
    ret->protocol = half_protocol(half);
    if (half->form != HALF_TCP)
        ret->id = half->id;
    if (half->form == HALF_ECHO)
        ret->type = ICMP_ECHO;
}

/* --- making one ------------------------------------------------------------------------------- */

/* The form of the packet, and what is of that form alone. */
static bool take_upper(struct half_flow *half, const struct flow *flow, const struct packet *p)
{
    const struct packet_tcp *tcp = &p->u.tcp;
    half->id = flow->key.id;
    switch (flow->key.protocol) {
    case PROTO_UDP:
        half->form = HALF_UDP;
        return !flow->state;
    case PROTO_ICMP:
        half->form = HALF_ECHO;
        return flow->state && flow->key.type == ICMP_ECHO && !flow->key.code &&
               p->u.icmp.type == ICMP_ECHO && !p->u.icmp.inner.size;
    case PROTO_TCP:
        half->form = HALF_TCP;
        half->id = tcp->ack;
        half->seq = tcp->seq;
        half->window = tcp->window;
        half->node.tcp_flags = tcp->flags;
        half->shift = (unsigned)tcp->window_shift & SHIFT_MOST;
        half->options = tcp->options >> OPTIONS_SHIFT & OPTIONS_MOST;
        return flow->state && tcp->window_shift <= SHIFT_MOST &&
               tcp->options == (uint32_t)half->options << OPTIONS_SHIFT;
    default:
        return false;
    }
}

/* It stands where all of its one packet does, and is not late. */
static bool is_in_place(const struct flow *flow)
{
    const struct flow_node *node = &flow->node;
    return flow->start[SRC] == flow->last[SRC] &&
           (node->list == FLOW_LIST_IDLE ||
            (node->list == FLOW_LIST_PERIOD && node->period_start == flow->start[SRC]));
}

/* Nothing that a half has no place for. */
static bool is_simple(const struct flow *flow)
{
    const struct flow_node *node = &flow->node;
    return flow->key.kind == FLOW_IP4 && flow->packets[SRC] == 1 && !flow->packets[DST] &&
           !flow->extra && !(node->bits & (uint8_t) ~(FLOW_SRC_SECOND | FLOW_REPORTED)) &&
           node->has == FLOW_HAS_IP << SRC && !node->changed && !flow->key.mark &&
           !flow->ip_options[SRC] && flow->bytes[SRC] <= UINT16_MAX &&
           flow->app_bytes[SRC] <= UINT16_MAX && flow->encaps[SRC] <= UINT8_MAX;
}

bool half_make(struct half_flow *ret, const struct flow *flow, const struct packet *packet)
{
    if (!is_simple(flow) || !is_in_place(flow))
        return false;
    *ret = (struct half_flow){
        .node = flow->node,
        .time = packet->time,
        .port = {flow->key.port[0], flow->key.port[1]},
        .bytes = (uint16_t)flow->bytes[SRC],
        .app_bytes = (uint16_t)flow->app_bytes[SRC],
        .ip_id = flow->ip_id[SRC],
        .ttl = flow->ttl[SRC],
        .tos = flow->tos[SRC],
    };
    ret->node.encaps = (uint8_t)flow->encaps[SRC];
    ret->node.tcp_flags = 0;
    memcpy(ret->addr[0], flow->key.addr[0], 4);
    memcpy(ret->addr[1], flow->key.addr[1], 4);
    return take_upper(ret, flow, packet);
}

/* --- and back --------------------------------------------------------------------------------- */

bool half_has_state(const struct half_flow *half)
{
    return half->form != HALF_UDP;
}

/* The packet, as far as the protocol's state is made from it. */
static void make_state(const struct half_flow *half, const struct flow *flow, union flow_state *ret)
{
    struct packet p = {
        .time = half->time,
        .kind = PACKET_IP4,
        .protocol = flow->key.protocol,
        .app_bytes = half->app_bytes,
        .ip_id = half->ip_id,
    };
    const bool second = flow->node.bits & FLOW_SRC_SECOND;
    if (half->form == HALF_TCP) {
        p.has_tcp = true;
        p.u.tcp = (struct packet_tcp){
            .seq = half->seq,
            .ack = half->id,
            .options = (uint32_t)half->options << OPTIONS_SHIFT,
            .window = half->window,
            .flags = half->node.tcp_flags,
            .window_shift = half->shift,
        };
        flow_tcp_first(&ret->tcp, SRC, &p);
        return;
    }
    p.has_upper = true;
    memcpy(p.src, flow->key.addr[second], sizeof(p.src));
    memcpy(p.dst, flow->key.addr[!second], sizeof(p.dst));
    p.u.icmp.type = ICMP_ECHO;
    p.u.icmp.id = (uint16_t)(half->id >> 16);
    p.u.icmp.seq = (uint16_t)half->id;
    flow_object_first(&ret->object, flow, SRC, &p);
}

void half_expand(const struct half_flow *half, struct flow *ret, union flow_state *state)
{
    *ret = (struct flow){
        .node = half->node,
        .packets = {1},
        .bytes = {half->bytes},
        .app_bytes = {half->app_bytes},
        .start = {half->time},
        .last = {half->time},
        .encaps = {half->node.encaps},
        .ip_id = {half->ip_id},
        .ttl = {half->ttl},
        .tos = {half->tos},
    };
    ret->node.has = FLOW_HAS_IP << SRC;
    ret->node.changed = 0;
    half_key(half, &ret->key);
    if (half_has_state(half))
        make_state(half, ret, state);
}
