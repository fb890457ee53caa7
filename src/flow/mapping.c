/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/mapping.h"

#include <string.h>

#include "flow/internal.h"

/*
 * An ICMP error quotes the datagram that it is about. The flow of that datagram, if it is known,
 * carries the error in its own record: who reported what, and that the flow was alive until then.
 * The error's own packet is accounted in the flow of the error.
 */
enum { ICMP_UNREACHABLE = 3, ICMP_REDIRECT = 5, ICMP_TIME_EXCEEDED = 11 };
enum { MAPPED_UNREACHABLE = 1, MAPPED_REDIRECT = 2, MAPPED_TIME_EXCEEDED = 4 };

static void describe4(struct record_icmp *ret, const struct packet *p)
{
    const struct packet_icmp *icmp = &p->u.icmp;
    switch (icmp->type) {
    case ICMP_UNREACHABLE:
        ret->kind = MAPPED_UNREACHABLE;
        break;
    case ICMP_REDIRECT:
        ret->kind = MAPPED_REDIRECT;
        store_be32(ret->gateway, icmp->rest);
        break;
    case ICMP_TIME_EXCEEDED:
        ret->kind = MAPPED_TIME_EXCEEDED;
        break;
    default:
        break;
    }
    ret->type = icmp->type;
    ret->code = icmp->code;
    ret->word = (uint16_t)icmp->rest;
    memcpy(ret->reporter, p->src, 4);
    memcpy(ret->reported_to, p->dst, 4);
    memcpy(ret->inner_src, icmp->inner.data + 12, 4);
    memcpy(ret->inner_dst, icmp->inner.data + 16, 4);
}

/*
 * The block has no room for IPv6 addresses, and its readers know IPv4's numbers only: ICMPv6
 * errors (RFC 4443) are said in those, without addresses.
 */
static void describe6(struct record_icmp *ret, const struct packet_icmp *icmp)
{
    enum { ICMP6_UNREACHABLE = 1, ICMP6_PACKET_TOO_BIG = 2, ICMP6_TIME_EXCEEDED = 3 };
    enum { CODE_HOST = 1, CODE_PORT = 3, CODE_FRAGMENTATION = 4, ICMP6_CODE_PORT = 4 };
    switch (icmp->type) {
    case ICMP6_UNREACHABLE:
        ret->kind = MAPPED_UNREACHABLE;
        ret->type = ICMP_UNREACHABLE;
        ret->code = icmp->code == ICMP6_CODE_PORT ? CODE_PORT : CODE_HOST;
        break;
    case ICMP6_PACKET_TOO_BIG:
        ret->kind = MAPPED_UNREACHABLE;
        ret->type = ICMP_UNREACHABLE;
        ret->code = CODE_FRAGMENTATION;
        break;
    case ICMP6_TIME_EXCEEDED:
        ret->kind = MAPPED_TIME_EXCEEDED;
        ret->type = ICMP_TIME_EXCEEDED;
        ret->code = icmp->code;
        break;
    default:
        break;
    }
    ret->word = (uint16_t)icmp->rest;
}

static bool is_error(const struct packet *p, uint32_t quirks)
{
    enum { PROTO_ICMP = 1, PROTO_ICMP6 = 58 };
    if (!p->has_upper || p->frag == FRAG_LATER)
        return false;
    if (p->kind == PACKET_IP4)
        return p->protocol == PROTO_ICMP && flow_icmp_is_error(p->u.icmp.type, false);
    return p->kind == PACKET_IP6 && p->protocol == PROTO_ICMP6 &&
           flow_icmp_is_error(p->u.icmp.type, true) && !quirk_is(quirks, QUIRK_IP6_ERRORS_APART);
}

bool flow_error_about(const struct packet *packet, uint32_t quirks,
                      const struct flow_keying *keying, struct keyed_packet *ret)
{
    if (!is_error(packet, quirks))
        return false;
    struct packet inner;
    struct decode_options options = {.quirks = quirks, .tunnels = 0};
    if (!packet_decode_inner(packet->u.icmp.inner, &options, &inner))
        return false;
    ret->is_second = flow_key_of_quoted(&ret->key, packet, &inner, keying, quirks);
    keyed_packet_name(ret);
    ret->is_error_about = true;
    ret->packet = *packet;
    return true;
}

int meter_map_error(struct meter *m, const struct keyed_packet *about, struct error *err)
{
    const struct packet *packet = &about->packet;
    if (unlikely(m->wants_to_pack)) { /* there may be no other packets of this shard */
        int result = meter_pack(m, err);
        if (result)
            return result;
    }
    uint32_t ref = flow_table_find(&m->table, about->tag, &about->key);
    if (!ref || (meter_node(m, ref)->bits & FLOW_ALIAS))
        return 0;

    m->busy = ref;
    int result = flow_is_half(ref) ? meter_unfold(m, &ref, err) : 0;
    if (!result)
        result = meter_need_extra(m, ref, err);
    if (result)
        return result;
    struct flow *flow = meter_flow(m, ref);
    struct record_icmp *mapped = &meter_extra(m, flow)->icmp;
    *mapped = (struct record_icmp){.size = 8};
    if (packet->kind == PACKET_IP6)
        describe6(mapped, &packet->u.icmp);
    else
        describe4(mapped, packet);
    flow->node.bits |= FLOW_UNREACHED;
    unsigned side = flow_side(flow, about->is_second);
    if (flow_is_open(flow) && flow->packets[side] && packet->time > flow->last[side])
        flow->last[side] = packet->time;
    return 0;
}
