/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/key.h"

enum {
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ESP = 50,
    PROTO_ICMP6 = 58
};
enum { PORT_DNS = 53 };
enum { ICMP_UNREACHABLE = 3, ICMP_REDIRECT = 5, ICMP_ECHO = 8 };

/* --- ICMP types ------------------------------------------------------------------------------- */

/*
 * Reply types and the request that they are folded on (RFC 792, 950; RFC 4443, 2710, 4861, 6275).
 * A type that is not here is its own request.
 */
static const struct icmp_pair {
    uint8_t reply, request;
} icmp_pairs[] = {{0, 8}, {14, 13}, {16, 15}, {18, 17}},
  icmp6_pairs[] = {{129, 128}, {131, 130}, {132, 130}, {134, 133}, {136, 135}, {145, 144}};

static const struct icmp_pair *icmp_pair_find(uint8_t type, bool ip6)
{
    const struct icmp_pair *pairs = ip6 ? icmp6_pairs : icmp_pairs;
    size_t count = ip6 ? ARRAY_SIZE(icmp6_pairs) : ARRAY_SIZE(icmp_pairs);
    for (size_t i = 0; i < count; i++)
        if (pairs[i].reply == type)
            return &pairs[i];
    return NULL;
}

uint8_t flow_icmp_request(uint8_t type, bool ip6)
{
    const struct icmp_pair *pair = icmp_pair_find(type, ip6);
    return pair ? pair->request : type;
}

bool flow_icmp_is_error(uint8_t type, bool ip6)
{
    if (ip6)
        return type < 128;
    switch (type) {
    case 0:
    case 8:
    case 9:
    case 10:
    case 13:
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
        return false;
    default:
        return true;
    }
}

/* --- the two ends ----------------------------------------------------------------------------- */

void flow_key_exchange(struct flow_key *key, bool ports)
{
    uint8_t addr[16];
    memcpy(addr, key->addr[0], sizeof(addr));
    memcpy(key->addr[0], key->addr[1], sizeof(addr));
    memcpy(key->addr[1], addr, sizeof(addr));
    if (!ports)
        return;
    uint16_t port = key->port[0];
    key->port[0] = key->port[1];
    key->port[1] = port;
}

static void put_ends(struct flow_key *key, const struct packet *p, bool second)
{
    memcpy(key->addr[second], p->src, 16);
    memcpy(key->addr[!second], p->dst, 16);
}

/* As memcmp of 16 bytes, whose first word nearly always decides. */
static inline int order_addresses(const uint8_t *a, const uint8_t *b)
{
    uint64_t first = load_be64(a), second = load_be64(b);
    if (unlikely(first == second)) {
        first = load_be64(a + 8);
        second = load_be64(b + 8);
    }
    return (first > second) - (first < second);
}

/* Numeric order of addresses, then of ports: true when the sender is the second end. */
static inline bool order_ends(struct flow_key *key, const struct packet *p, bool ports)
{
    int order = order_addresses(p->src, p->dst);
    if (!order && ports)
        order = (p->src_port > p->dst_port) - (p->src_port < p->dst_port);
    bool second = order > 0;
    put_ends(key, p, second);
    if (ports) {
        key->port[second] = p->src_port;
        key->port[!second] = p->dst_port;
    }
    return second;
}

/* --- one function for each kind of key -------------------------------------------------------- */

/* UDP to or from port 53 over IPv4: each query with its answer is a flow, told by the DNS id. */
static void key_dns(struct flow_key *key, const struct packet *p)
{
    if ((p->src_port == PORT_DNS || p->dst_port == PORT_DNS) && p->payload.size >= 2)
        key->id = load_be16(p->payload.data);
}

/* An error's key names what it is about, as far as its type and code speak of that. */
static void key_icmp_error(struct flow_key *key, const struct packet *p)
{
    const struct packet_icmp *icmp = &p->u.icmp;
    const struct view inner = icmp->inner;
    if (inner.size < 20)
        return;

    bool unreachable = icmp->type == ICMP_UNREACHABLE, redirect = icmp->type == ICMP_REDIRECT;
    if (unreachable && icmp->code == 3) {
        size_t header = (size_t)(inner.data[0] & 15) * 4;
        key->port[0] = inner.data[9];
        if (header >= 20 && inner.size >= header + 4)
            key->port[1] = load_be16(inner.data + header + 2);
    } else if (unreachable && icmp->code == 2) {
        key->port[0] = inner.data[9];
    } else if ((unreachable || redirect) && icmp->code <= 1) {
        key->id = load_be32(inner.data + 16);
    } else if (redirect) {
        key->id = inner.data[1];
    }
}

static bool key_icmp4(struct flow_key *key, const struct packet *p)
{
    if (!p->has_upper) {
        put_ends(key, p, false);
        return false;
    }
    const struct packet_icmp *icmp = &p->u.icmp;
    const struct icmp_pair *pair = icmp_pair_find(icmp->type, false);
    key->type = pair ? pair->request : icmp->type;
    key->code = icmp->code;
    put_ends(key, p, pair);
    if (key->type == ICMP_ECHO)
        key->id = (uint32_t)icmp->id << 16 | icmp->seq;
    else if (flow_icmp_is_error(icmp->type, false))
        key_icmp_error(key, p);
    return pair;
}

static bool key_icmp6(struct flow_key *key, const struct packet *p)
{
    if (p->has_upper) {
        const struct icmp_pair *pair = icmp_pair_find(p->u.icmp.type, true);
        key->type = pair ? pair->request : p->u.icmp.type;
        key->code = p->u.icmp.code;
    }
    return order_ends(key, p, false);
}

/*
 * A membership message is about a group: that is the destination. The IP id makes nearly every
 * message a flow of its own, as the records of twenty years have it.
 */
static bool key_igmp(struct flow_key *key, const struct packet *p)
{
    static const uint8_t none[4];
    put_ends(key, p, false);
    key->id = p->ip_id;
    if (!p->has_upper)
        return false;
    key->type = p->u.igmp.type;
    key->code = p->u.igmp.code;
    if (memcmp(p->u.igmp.group, none, sizeof(none)))
        memcpy(key->addr[1], p->u.igmp.group, sizeof(none));
    return false;
}

/* Each direction has a security association, and so an SPI and a flow, of its own (RFC 4303). */
static bool key_esp(struct flow_key *key, const struct packet *p)
{
    put_ends(key, p, false);
    if (p->has_upper)
        key->id = p->u.esp.spi;
    return false;
}

/* As order_ends, of addresses that are one word each. */
static bool order_ends4(struct flow_key *key, const struct packet *p)
{
    uint32_t src = load_be32(p->src), dst = load_be32(p->dst);
    uint16_t src_port = p->has_ports ? p->src_port : 0, dst_port = p->has_ports ? p->dst_port : 0;
    bool second = src > dst || (src == dst && src_port > dst_port);
    memcpy(key->addr[second], p->src, sizeof(src));
    memcpy(key->addr[!second], p->dst, sizeof(dst));
    key->port[second] = src_port;
    key->port[!second] = dst_port;
    return second;
}

static bool key_ip4(struct flow_key *key, const struct packet *p)
{
    switch (p->protocol) {
    case PROTO_TCP:
        return order_ends4(key, p);
    case PROTO_UDP:
        if (p->has_ports)
            key_dns(key, p);
        return order_ends4(key, p);
    case PROTO_ICMP:
        return key_icmp4(key, p);
    case PROTO_IGMP:
        return key_igmp(key, p);
    case PROTO_ESP:
        return key_esp(key, p);
    default:
        return order_ends(key, p, false);
    }
}

static bool key_ip6(struct flow_key *key, const struct packet *p, uint32_t quirks)
{
    switch (p->protocol) {
    case PROTO_TCP:
    case PROTO_UDP:
        if (!quirk_is(quirks, QUIRK_IP6_SAME_ADDRESS) || memcmp(p->src, p->dst, 16))
            return order_ends(key, p, p->has_ports);
        put_ends(key, p, false);
        key->port[0] = p->src_port;
        key->port[1] = p->dst_port;
        return false;
    case PROTO_ICMP6:
        return key_icmp6(key, p);
    case PROTO_ESP:
        return key_esp(key, p);
    default:
        return order_ends(key, p, false);
    }
}

/* LLC frames have no type; their service access points tell them apart and mirror in answers. */
bool flow_key_ether(struct flow_key *key, const struct packet *p)
{
    memset(key, 0, sizeof(*key));
    key->kind = FLOW_ETHER;
    int order = memcmp(p->mac_src, p->mac_dst, 6);
    if (!order && !p->ethertype)
        order = (p->ssap > p->dsap) - (p->ssap < p->dsap);
    bool second = order > 0;
    memcpy(key->addr[second], p->mac_src, 6);
    memcpy(key->addr[!second], p->mac_dst, 6);
    key->id = p->ethertype;
    if (!p->ethertype) {
        key->port[second] = p->ssap;
        key->port[!second] = p->dsap;
    }
    return second;
}

enum { ARP_REQUEST = 1, ARP_REPLY = 2, RARP_REQUEST = 3, RARP_REPLY = 4 };

static void put_hardware(struct flow_key *key, const uint8_t *hardware)
{
    key->port[0] = load_be16(hardware);
    key->port[1] = load_be16(hardware + 2);
    key->id = load_be32(hardware + 4);
}

/*
 * A reply asks under the name of its request: who asked, about whom, from which hardware. No
 * protocol has addresses that reach into the end of the second one's place.
 */
static bool key_arp(struct flow_key *key, const struct packet *p)
{
    const struct packet_arp *arp = &p->u.arp;
    bool reply = arp->operation == ARP_REPLY;
    memcpy(key->addr[0], reply ? arp->target_protocol : arp->sender_protocol, 16);
    memcpy(key->addr[1], reply ? arp->sender_protocol : arp->target_protocol, 16);
    put_hardware(key, reply ? arp->target_hardware : arp->sender_hardware);
    key->protocol = arp->protocol_size;
    key->type = arp->hardware_size;
    key->code = (uint8_t)(reply ? ARP_REQUEST : arp->operation);
    store_be16(key->addr[1] + FLOW_ARP_TYPES, arp->hardware_type);
    store_be16(key->addr[1] + FLOW_ARP_TYPES + 2, arp->protocol_type);
    return reply;
}

void flow_key_arp_reply(struct flow_key *key, const struct packet *p)
{
    memcpy(key->addr[0], p->u.arp.sender_protocol, FLOW_ARP_TYPES);
    memcpy(key->addr[1], p->u.arp.target_protocol, FLOW_ARP_TYPES);
    put_hardware(key, p->u.arp.sender_hardware);
    key->code = ARP_REPLY;
}

/*
 * Who is asked about, or answers, and from which hardware was asked. A reply has the operation of
 * its request, but is a flow of its own by the address that it tells.
 */
static void key_rarp(struct flow_key *key, const struct packet *p)
{
    const struct packet_arp *arp = &p->u.arp;
    bool reply = arp->operation == RARP_REPLY;
    memcpy(key->addr[0], reply ? arp->sender_hardware : arp->target_hardware, 8);
    memcpy(key->addr[0] + 8, reply ? arp->target_hardware : arp->sender_hardware, 8);
    if (reply)
        memcpy(key->addr[1], arp->target_protocol, 16);
    key->protocol = arp->protocol_size;
    key->type = arp->hardware_size;
    key->code = (uint8_t)(reply ? RARP_REQUEST : arp->operation);
    store_be16(key->addr[1] + FLOW_ARP_TYPES, arp->hardware_type);
    store_be16(key->addr[1] + FLOW_ARP_TYPES + 2, arp->protocol_type);
}

static void key_wlan(struct flow_key *key, const struct packet *p)
{
    memcpy(key->addr[0], p->u.wlan.src, 6);
    memcpy(key->addr[0] + 6, p->u.wlan.bssid, 6);
    memcpy(key->addr[1], p->u.wlan.dst, 6);
}

static void key_isis(struct flow_key *key, const struct packet *p)
{
    const struct packet_isis *isis = &p->u.isis;
    if (p->has_mac) { /* not on serial lines */
        memcpy(key->addr[0], p->mac_src, 6);
        memcpy(key->addr[1], p->mac_dst, 6);
    }
    memcpy(key->addr[0] + 6, isis->id, 10);
    memcpy(key->addr[1] + 6, isis->id + 10, 4);
    key->id = isis->pdu_type;
    key->type = isis->version;
    key->mark = isis->checksum;
}

bool flow_key_ip_pair(struct flow_key *ret, const struct packet *p)
{
    memset(ret, 0, sizeof(*ret));
    ret->kind = p->kind == PACKET_IP6 ? FLOW_PAIR6 : FLOW_PAIR4;
    return order_ends(ret, p, false);
}

void flow_key_fragment(struct flow_key *ret, const struct packet *p)
{
    memset(ret, 0, sizeof(*ret));
    ret->kind = p->kind == PACKET_IP6 ? FLOW_FRAGMENT6 : FLOW_FRAGMENT4;
    ret->protocol = p->protocol;
    ret->id = p->frag_id;
    put_ends(ret, p, false);
}

bool flow_key_build(struct flow_key *ret, const struct packet *p, uint32_t quirks)
{
    if (p->frag == FRAG_LATER) {
        flow_key_fragment(ret, p);
        return false;
    }
    memset(ret, 0, sizeof(*ret));
    switch ((enum packet_kind)p->kind) {
    case PACKET_IP4:
        ret->kind = FLOW_IP4;
        ret->protocol = p->protocol;
        return key_ip4(ret, p);
    case PACKET_IP6:
        ret->kind = FLOW_IP6;
        ret->protocol = p->protocol;
        return key_ip6(ret, p, quirks);
    case PACKET_ARP:
        ret->kind = FLOW_ARP;
        return key_arp(ret, p);
    case PACKET_RARP:
        ret->kind = FLOW_RARP;
        key_rarp(ret, p);
        return false;
    case PACKET_WLAN:
        ret->kind = FLOW_WLAN;
        key_wlan(ret, p);
        return false;
    case PACKET_ISIS:
        ret->kind = FLOW_ISIS;
        key_isis(ret, p);
        return false;
    case PACKET_LINK: /* has no addresses: one flow for each type */
        ret->kind = FLOW_ETHER;
        ret->id = p->ethertype;
        return false;
    case PACKET_ETHER:
        break;
    }
    return flow_key_ether(ret, p);
}
