/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "flow/extra.h"
#include "flow/internal.h"
#include "flow/tcp.h"

/* From a flow to its record: source first, whatever order the key has. */

enum {
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ESP = 50,
    PROTO_ICMP6 = 58
};

/* --- keys ------------------------------------------------------------------------------------- */

static void report_icmp4(const struct flow_key *key, bool reply_first, struct record_key *ret)
{
    enum { ICMP_UNREACHABLE = 3, ICMP_REDIRECT = 5, CODE_PORT = 3 };
    ret->u.icmp.type = key->type;
    ret->u.icmp.code = key->code;
    ret->u.icmp.id = ret->u.icmp.seq = 0;
    ret->u.icmp.gateway = 0;
    if (reply_first)
        ret->flags |= KEY_DIRECTION;
    if (key->type == ICMP_UNREACHABLE && key->code == CODE_PORT) {
        ret->inner_protocol = (uint8_t)key->port[0];
        ret->u.icmp.id = __builtin_bswap16(key->port[1]);
    } else if (key->type == ICMP_UNREACHABLE || key->type == ICMP_REDIRECT) {
        ret->u.icmp.gateway = key->id;
        ret->u.icmp.id = (uint16_t)(key->id >> 16);
        ret->u.icmp.seq = (uint16_t)key->id;
    } else { /* the format has both little-endian */
        ret->u.icmp.id = __builtin_bswap16((uint16_t)(key->id >> 16));
        ret->u.icmp.seq = __builtin_bswap16((uint16_t)key->id);
    }
}

static void report_ip(const struct flow *flow, struct record_key *ret)
{
    const struct flow_key *key = &flow->key;
    unsigned src = flow->node.bits & FLOW_SRC_SECOND ? 1 : 0;
    bool ip4 = key->kind == FLOW_IP4 || key->kind == FLOW_FRAGMENT4;
    ret->class = KEY_5TUPLE;
    ret->family = ip4 ? FAMILY_IP4 : FAMILY_IP6;
    ret->protocol = key->protocol;
    ret->prefix[SRC] = ret->prefix[DST] = ip4 ? 32 : 128;
    for (unsigned side = SRC; side <= DST; side++) {
        memcpy(ret->addr[side], key->addr[side ^ src], 16);
        ret->port[side] = 0;
    }
    if (key->kind == FLOW_FRAGMENT4 || key->kind == FLOW_FRAGMENT6) {
        ret->flags |= KEY_FRAGMENT;
        ret->u.frag_id = key->id;
        return;
    }
    switch (key->protocol) {
    case PROTO_TCP:
    case PROTO_UDP:
        ret->port[SRC] = key->port[src];
        ret->port[DST] = key->port[!src];
        break;
    case PROTO_ICMP:
        if (ip4)
            report_icmp4(key, flow->node.bits & FLOW_REPLY_FIRST, ret);
        break;
    case PROTO_ICMP6:
        ret->u.icmp.type = key->type;
        ret->u.icmp.code = key->code;
        ret->u.icmp.id = ret->u.icmp.seq = 0;
        ret->u.icmp.gateway = 0;
        break;
    case PROTO_IGMP:
        ret->u.igmp.type = key->type;
        ret->u.igmp.code = key->code;
        ret->u.igmp.ip_id = (uint16_t)key->id;
        break;
    case PROTO_ESP:
        ret->u.spi = key->id;
        break;
    default:
        break;
    }
}

static void report_pair(const struct flow *flow, struct record_key *ret)
{
    unsigned src = flow->node.bits & FLOW_SRC_SECOND ? 1 : 0;
    bool ip4 = flow->key.kind == FLOW_PAIR4;
    ret->class = KEY_LAYER3_MATRIX;
    ret->family = ip4 ? FAMILY_IP4 : FAMILY_IP6;
    for (unsigned side = SRC; side <= DST; side++) {
        memcpy(ret->addr[side], flow->key.addr[side ^ src], 16);
        ret->port[side] = 0;
        ret->prefix[side] = ip4 ? 32 : 128;
    }
}

static void report_ether(const struct flow *flow, struct record_key *ret)
{
    const struct flow_key *key = &flow->key;
    unsigned src = flow->node.bits & FLOW_SRC_SECOND ? 1 : 0;
    ret->class = KEY_5TUPLE;
    ret->family = FAMILY_ETHER;
    memcpy(ret->u.ether.mac[SRC], key->addr[src], 6);
    memcpy(ret->u.ether.mac[DST], key->addr[!src], 6);
    ret->u.ether.ethertype = (uint16_t)key->id;
    ret->u.ether.ssap = (uint8_t)key->port[src];
    ret->u.ether.dsap = (uint8_t)key->port[!src];
}

static void report_arp_head(const struct flow_key *key, uint8_t family, struct record_key *ret)
{
    ret->class = KEY_ARP;
    ret->family = family;
    memset(&ret->u.arp, 0, sizeof(ret->u.arp));
    ret->u.arp.hardware_type = load_be16(key->addr[1] + FLOW_ARP_TYPES);
    ret->u.arp.protocol_type = load_be16(key->addr[1] + FLOW_ARP_TYPES + 2);
    ret->u.arp.operation = key->code;
    ret->u.arp.hardware_size = key->type;
    ret->u.arp.protocol_size = key->protocol;
}

static void report_arp(const struct flow *flow, struct record_key *ret)
{
    const struct flow_key *key = &flow->key;
    report_arp_head(key, FAMILY_ARP, ret);
    ret->reverse = flow->node.bits & FLOW_REPLY_FIRST;
    memset(ret->addr, 0, sizeof(ret->addr));
    memcpy(ret->addr[SRC], key->addr[0], FLOW_ARP_TYPES);
    memcpy(ret->addr[DST], key->addr[1], FLOW_ARP_TYPES);
    store_be16(ret->u.arp.hardware[SRC], key->port[0]);
    store_be16(ret->u.arp.hardware[SRC] + 2, key->port[1]);
    store_be32(ret->u.arp.hardware[SRC] + 4, key->id);
    ret->u.arp.hardware_kept = 4;
}

static void report_rarp(const struct flow *flow, struct record_key *ret)
{
    const struct flow_key *key = &flow->key;
    report_arp_head(key, FAMILY_RARP, ret);
    memset(ret->addr, 0, sizeof(ret->addr));
    memcpy(ret->addr[DST], key->addr[1], FLOW_ARP_TYPES);
    memcpy(ret->u.arp.hardware[SRC], key->addr[0], 8);
    memcpy(ret->u.arp.hardware[DST], key->addr[0] + 8, 8);
    ret->u.arp.hardware_kept = 6;
}

static void report_wlan(const struct meter *m, const struct flow *flow, struct record_key *ret)
{
    const union flow_state *state = meter_state(m, flow);
    ret->class = KEY_5TUPLE;
    ret->family = FAMILY_WLAN;
    memcpy(ret->u.wlan.mac[SRC], flow->key.addr[0], 6);
    memcpy(ret->u.wlan.bssid, flow->key.addr[0] + 6, 6);
    memcpy(ret->u.wlan.mac[DST], flow->key.addr[1], 6);
    memset(ret->u.wlan.ssid, 0, sizeof(ret->u.wlan.ssid));
    if (state)
        memcpy(ret->u.wlan.ssid, state->object.u.ssid, sizeof(ret->u.wlan.ssid));
}

static void report_isis(const struct flow *flow, struct record_key *ret)
{
    const struct flow_key *key = &flow->key;
    ret->class = KEY_5TUPLE;
    ret->family = FAMILY_ISIS;
    ret->u.isis.pdu_type = key->id;
    ret->u.isis.version = key->type;
    ret->u.isis.checksum = key->mark;
    memcpy(ret->u.isis.mac[SRC], key->addr[0], 6);
    memcpy(ret->u.isis.mac[DST], key->addr[1], 6);
    memcpy(ret->u.isis.id, key->addr[0] + 6, 10);
    memcpy(ret->u.isis.id + 10, key->addr[1] + 6, 4);
}

static void report_key(const struct meter *m, const struct flow *flow, struct record_key *ret)
{
    ret->flags = 0;
    ret->reverse = false;
    ret->protocol = ret->inner_protocol = 0;
    ret->flow_label = 0;
    switch ((enum flow_kind)flow->key.kind) {
    case FLOW_IP4:
    case FLOW_IP6:
    case FLOW_FRAGMENT4:
    case FLOW_FRAGMENT6:
        report_ip(flow, ret);
        return;
    case FLOW_ETHER:
        report_ether(flow, ret);
        return;
    case FLOW_ARP:
        report_arp(flow, ret);
        return;
    case FLOW_RARP:
        report_rarp(flow, ret);
        return;
    case FLOW_WLAN:
        report_wlan(m, flow, ret);
        return;
    case FLOW_ISIS:
        report_isis(flow, ret);
        return;
    case FLOW_PAIR4:
    case FLOW_PAIR6:
        report_pair(flow, ret);
        return;
    }
}

/* --- times ------------------------------------------------------------------------------------ */

/*
 * What 3.0.8 makes of the four times: the earliest whole second, and among equals the first in the
 * order source start, source last, destination start, destination last.
 */
static nsec_t start_by_whole_seconds(const struct flow *flow)
{
    nsec_t found = 0;
    bool any = false;
    for (unsigned side = SRC; side <= DST; side++) {
        if (!flow->packets[side])
            continue;
        nsec_t times[2] = {flow->start[side], flow->last[side]};
        for (unsigned i = 0; i < 2; i++)
            if (!any || nsec_seconds(times[i]) < nsec_seconds(found)) {
                found = times[i];
                any = true;
            }
    }
    return found;
}

static void report_times(const struct meter *m, const struct flow *flow, struct record_time *ret)
{
    ret->bidirectional = m->options->bidirectional_times;
    ret->nanoseconds = false;
    ret->stored_start = 0;
    for (unsigned side = SRC; side <= DST; side++) {
        ret->has_start[side] = ret->has_last[side] = flow->packets[side];
        ret->start[side] = flow->start[side];
        ret->last[side] = flow->last[side];
    }
    if (ret->bidirectional || !quirk_is(m->options->quirks, QUIRK_WHOLE_SECOND_START))
        return;
    /* One span for both sides is what such records say. */
    nsec_t start = start_by_whole_seconds(flow), last = start;
    for (unsigned side = SRC; side <= DST; side++)
        if (flow->packets[side]) {
            last = flow->last[side] > last ? flow->last[side] : last;
            last = flow->start[side] > last ? flow->start[side] : last;
        }
    for (unsigned side = SRC; side <= DST; side++) {
        ret->start[side] = start;
        ret->last[side] = last;
    }
}

/* --- the other blocks ------------------------------------------------------------------------- */

static void report_metric(const struct meter *m, const struct flow *flow, struct record_metric *ret)
{
    for (unsigned side = SRC; side <= DST; side++) {
        struct flow_sums sums = meter_sums(m, flow, side);
        ret->packets[side] = sums.packets;
        ret->bytes[side] = sums.bytes;
        ret->app_bytes[side] = sums.app_bytes;
    }
    ret->has_app_bytes = m->options->app_bytes && (ret->app_bytes[SRC] || ret->app_bytes[DST]);
}

static void report_net(const struct meter *m, const struct flow *flow, struct record_net *ret)
{
    const union flow_state *state = meter_state(m, flow);
    const struct flow_extra *extra = meter_extra(m, flow);
    ret->form = NET_NONE;
    ret->qualifier = 0;
    if (flow->key.kind == FLOW_FRAGMENT4 || flow->key.kind == FLOW_FRAGMENT6) {
        ret->form = NET_FRAG;
        memset(&ret->u.frag, 0, sizeof(ret->u.frag));
        ret->u.frag.count = (uint32_t)meter_sums(m, flow, SRC).packets;
        return;
    }
    if (!state)
        return;
    if (flow_is_tcp(flow)) {
        flow_tcp_report(&state->tcp, extra ? extra->tcp : NULL, flow->node.bits & FLOW_SEEN_TWICE,
                        ret);
        return;
    }
    const struct flow_object *object = &state->object;
    ret->form = object->form;
    switch (object->form) {
    case NET_ICMP:
        ret->u.icmp = object->u.icmp;
        return;
    case NET_ESP:
        ret->u.esp = object->u.esp;
        return;
    case NET_RTP:
    case NET_RTCP:
        ret->u.rtp = object->u.rtp;
        return;
    case NET_ARP:
        memcpy(ret->u.arp_hardware, object->u.arp_hardware, 6);
        return;
    default:
        return;
    }
}

static void report_ipattr(const struct flow *flow, struct record *r)
{
    if (!(flow->node.has & (FLOW_HAS_IP << SRC | FLOW_HAS_IP << DST)))
        return;
    struct record_ipattr *ret = &r->ipattr;
    for (unsigned side = SRC; side <= DST; side++) {
        ret->has[side] = flow->node.has & FLOW_HAS_IP << side;
        ret->fragments[side] = flow->node.has & FLOW_HAS_FRAGMENTS << side;
        ret->has_options[side] = flow->ip_options[side];
        ret->options[side] = flow->ip_options[side];
        ret->ttl[side] = flow->ttl[side];
        ret->tos[side] = flow->tos[side];
        ret->ip_id[side] = flow->ip_id[side];
    }
    r->blocks |= BLOCK_IPATTR;
}

static void report_tags(const struct meter *m, const struct flow *flow, struct record *r)
{
    const struct flow_extra *extra = meter_extra(m, flow);
    for (unsigned side = SRC; side <= DST; side++) {
        r->vlan.has[side] = flow->node.has & FLOW_HAS_VLAN << side;
        r->vlan.tci[side] = flow->vlan[side];
        r->mpls.count[side] = flow->node.has & FLOW_HAS_MPLS << side ? 1 : 0;
        r->mpls.label[side][0] = extra ? extra->mpls[side] : 0;
        r->encaps.bits[side] = flow->encaps[side];
    }
    r->encaps.changed = (uint8_t)(flow->node.changed << 2);
    if (r->vlan.has[SRC] || r->vlan.has[DST])
        r->blocks |= BLOCK_VLAN;
    if (r->mpls.count[SRC] || r->mpls.count[DST])
        r->blocks |= BLOCK_MPLS;
}

void meter_report(const struct meter *m, const struct flow *flow, struct record *ret)
{
    ret->type = RECORD_FAR;
    ret->version = 3;
    ret->wire.size = 0;
    ret->blocks =
        BLOCK_TRANSPORT | BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET | BLOCK_ENCAPS;
    ret->transport = (struct record_transport){
        .flags = 3,
        .id_form = m->options->id_form,
        .id_size = 4,
        .sequence = flow->node.number,
    };
    memcpy(ret->transport.id, m->options->id, 4);
    report_key(m, flow, &ret->key);
    report_times(m, flow, &ret->time);
    report_metric(m, flow, &ret->metric);
    report_net(m, flow, &ret->net);
    report_ipattr(flow, ret);
    report_tags(m, flow, ret);
    const struct flow_extra *extra = meter_extra(m, flow);
    if (!extra)
        return;
    flow_extra_report(extra, m->options, ret);
    if (flow->node.bits & FLOW_UNREACHED) {
        ret->icmp = extra->icmp;
        ret->blocks |= BLOCK_ICMP;
    }
}
