/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/identity.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ESP = 50, PROTO_ICMP6 = 58 };
enum { PORT_DNS = 53 };
enum { ICMP_UNREACHABLE = 3, ICMP_REDIRECT = 5, ICMP_ECHO = 8, CODE_PORT = 3 };

/* --- of keys ---------------------------------------------------------------------------------- */

static void order_ends(struct flow_key *key, bool ports)
{
    int order = memcmp(key->addr[0], key->addr[1], sizeof(key->addr[0]));
    if (!order && ports)
        order = (key->port[0] > key->port[1]) - (key->port[0] < key->port[1]);
    if (order > 0)
        flow_key_exchange(key, ports);
}

/* Of the errors, only those about ports say in their records which protocol they are about. */
static void leave_icmp(struct flow_key *key)
{
    key->type = flow_icmp_request(key->type, false);
    if (key->type != ICMP_UNREACHABLE || key->code != CODE_PORT)
        key->port[0] = key->port[1] = 0;
}

static bool has_ports(const struct flow_key *key)
{
    return key->protocol == PROTO_TCP || key->protocol == PROTO_UDP;
}

static void leave_ip(struct flow_key *key)
{
    bool ip4 = key->kind == FLOW_IP4;
    if (has_ports(key)) {
        if (key->port[0] == PORT_DNS || key->port[1] == PORT_DNS)
            key->id = 0;
        order_ends(key, true);
        return;
    }
    if (ip4 && key->protocol == PROTO_ICMP)
        leave_icmp(key);
    if (!ip4 && key->protocol == PROTO_ESP) /* IPv6 records have no place for the SPI */
        key->id = 0;
    order_ends(key, false);
}

/*
 * Records have the first four bytes of each address, and readers turn replies round. A reply that
 * is a flow of its own has the identity of its request.
 */
static void leave_arp(struct flow_key *key)
{
    enum { ARP_REQUEST = 1, ARP_REPLY = 2 };
    memset(key->addr[0] + 4, 0, sizeof(key->addr[0]) - 4);
    memset(key->addr[1] + 4, 0, sizeof(key->addr[1]) - 4);
    order_ends(key, false);
    key->port[0] = key->port[1] = 0;
    key->id = 0;
    key->protocol = key->type = 0;
    if (key->code == ARP_REPLY)
        key->code = ARP_REQUEST;
}

static void leave_rarp(struct flow_key *key)
{
    memset(key->addr[0] + 6, 0, 2);
    memset(key->addr[0] + 14, 0, 2);
    memset(key->addr[1] + FLOW_ARP_TYPES, 0, sizeof(key->addr[1]) - FLOW_ARP_TYPES);
    key->protocol = key->type = 0;
}

void flow_identity_of_key(struct flow_key *ret, const struct flow_key *key)
{
    if (ret != key)
        *ret = *key;
    if (key->kind != FLOW_ISIS)
        ret->mark = 0;
    switch ((enum flow_kind)key->kind) {
    case FLOW_IP4:
    case FLOW_IP6:
        leave_ip(ret);
        return;
    case FLOW_FRAGMENT4:
    case FLOW_FRAGMENT6:
    case FLOW_PAIR4:
    case FLOW_PAIR6:
        order_ends(ret, false);
        return;
    case FLOW_ARP:
        leave_arp(ret);
        return;
    case FLOW_RARP:
        leave_rarp(ret);
        return;
    case FLOW_ETHER:
        order_ends(ret, true);
        return;
    case FLOW_WLAN:
    case FLOW_ISIS:
        return;
    }
}

bool flow_identity_is_of_pair(const struct flow_key *identity)
{
    enum { SAP_SNAP = 0xAA, SAP_OSI = 0xFE };
    switch ((enum flow_kind)identity->kind) {
    case FLOW_PAIR4:
    case FLOW_PAIR6:
        return true;
    case FLOW_ETHER:
        return packet_ethertype_known((uint16_t)identity->id) ||
               (!identity->id && (identity->port[0] == SAP_SNAP || identity->port[0] == SAP_OSI));
    default:
        return false;
    }
}

void flow_identity_order(struct flow_key *identity)
{
    order_ends(identity, true);
}

/* --- of records ------------------------------------------------------------------------------- */

static void tell_icmp(struct flow_key *ret, const struct record_key *key)
{
    ret->type = flow_icmp_request(key->u.icmp.type, false);
    ret->code = key->u.icmp.code;
    if (ret->type == ICMP_UNREACHABLE && ret->code == CODE_PORT) {
        ret->port[0] = key->inner_protocol;
        ret->port[1] = __builtin_bswap16(key->u.icmp.id);
    } else if (ret->type == ICMP_UNREACHABLE || ret->type == ICMP_REDIRECT) {
        ret->id = key->u.icmp.gateway;
    } else if (ret->type == ICMP_ECHO) {
        ret->id =
            (uint32_t)__builtin_bswap16(key->u.icmp.id) << 16 | __builtin_bswap16(key->u.icmp.seq);
    }
}

static void tell_upper(struct flow_key *ret, const struct record_key *key)
{
    enum { PROTO_IGMP = 2 };
    switch (key->protocol) {
    case PROTO_TCP:
    case PROTO_UDP:
        ret->port[0] = key->port[SRC];
        ret->port[1] = key->port[DST];
        return;
    case PROTO_ICMP:
        if (key->family == FAMILY_IP4)
            tell_icmp(ret, key);
        return;
    case PROTO_ICMP6:
        if (key->family != FAMILY_IP6)
            return;
        ret->type = flow_icmp_request(key->u.icmp.type, true);
        ret->code = key->u.icmp.code;
        return;
    case PROTO_IGMP:
        if (key->family != FAMILY_IP4)
            return;
        ret->type = key->u.igmp.type;
        ret->code = key->u.igmp.code;
        ret->id = key->u.igmp.ip_id;
        return;
    case PROTO_ESP:
        ret->id = key->u.spi;
        return;
    default:
        return;
    }
}

static bool tell_ip(struct flow_key *ret, const struct record_key *key)
{
    bool ip4 = key->family == FAMILY_IP4;
    memcpy(ret->addr, key->addr, sizeof(ret->addr));
    if (key->class == KEY_LAYER3_MATRIX) {
        ret->kind = ip4 ? FLOW_PAIR4 : FLOW_PAIR6;
        return true;
    }
    if (key->class != KEY_5TUPLE)
        return false;
    ret->protocol = key->protocol;
    if (key->flags & KEY_FRAGMENT) {
        ret->kind = ip4 ? FLOW_FRAGMENT4 : FLOW_FRAGMENT6;
        ret->id = key->u.frag_id;
        return true;
    }
    ret->kind = ip4 ? FLOW_IP4 : FLOW_IP6;
    tell_upper(ret, key);
    if (has_ports(ret))
        order_ends(ret, true);
    return true;
}

static bool tell_ether(struct flow_key *ret, const struct record_key *key)
{
    if (key->class != KEY_5TUPLE)
        return false;
    ret->kind = FLOW_ETHER;
    memcpy(ret->addr[0], key->u.ether.mac[SRC], 6);
    memcpy(ret->addr[1], key->u.ether.mac[DST], 6);
    ret->id = key->u.ether.ethertype;
    ret->port[0] = key->u.ether.ssap;
    ret->port[1] = key->u.ether.dsap;
    return true;
}

static bool tell_rarp(struct flow_key *ret, const struct record_key *key)
{
    ret->kind = FLOW_RARP;
    ret->code = (uint8_t)key->u.arp.operation;
    memcpy(ret->addr[0], key->u.arp.hardware[SRC], 8);
    memcpy(ret->addr[0] + 8, key->u.arp.hardware[DST], 8);
    memcpy(ret->addr[1], key->addr[DST], 16);
    return true;
}

static bool tell_wlan(struct flow_key *ret, const struct record_key *key)
{
    ret->kind = FLOW_WLAN;
    memcpy(ret->addr[0], key->u.wlan.mac[SRC], 6);
    memcpy(ret->addr[0] + 6, key->u.wlan.bssid, 6);
    memcpy(ret->addr[1], key->u.wlan.mac[DST], 6);
    return true;
}

static bool tell_isis(struct flow_key *ret, const struct record_key *key)
{
    ret->kind = FLOW_ISIS;
    ret->id = key->u.isis.pdu_type;
    ret->type = key->u.isis.version;
    ret->mark = key->u.isis.checksum;
    memcpy(ret->addr[0], key->u.isis.mac[SRC], 6);
    memcpy(ret->addr[0] + 6, key->u.isis.id, 10);
    memcpy(ret->addr[1], key->u.isis.mac[DST], 6);
    memcpy(ret->addr[1] + 6, key->u.isis.id + 10, 4);
    return true;
}

static bool tell(struct flow_key *ret, const struct record_key *key)
{
    switch (key->family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        return tell_ip(ret, key);
    case FAMILY_ETHER:
        return tell_ether(ret, key);
    case FAMILY_ARP:
        ret->kind = FLOW_ARP;
        ret->code = (uint8_t)key->u.arp.operation;
        memcpy(ret->addr, key->addr, sizeof(ret->addr));
        return true;
    case FAMILY_RARP:
        return tell_rarp(ret, key);
    case FAMILY_WLAN:
        return tell_wlan(ret, key);
    case FAMILY_ISIS:
        return tell_isis(ret, key);
    default:
        return false;
    }
}

bool flow_identity_of_record(struct flow_key *ret, const struct record *r)
{
    struct flow_key told;
    memset(&told, 0, sizeof(told));
    if (!record_is_flow(r) || !record_has(r, BLOCK_FLOW) || !tell(&told, &r->key))
        return false;
    flow_identity_of_key(ret, &told);
    return true;
}
