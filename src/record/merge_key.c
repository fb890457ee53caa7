/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record/merge_internal.h"

/* Keys that differ widen: addresses to the prefix they share, everything else to zero. */

static unsigned common_bits(const uint8_t *a, const uint8_t *b, unsigned most)
{
    for (unsigned i = 0; i * 8 < most; i++) {
        unsigned differing = a[i] ^ b[i];
        if (differing) {
            unsigned bits = i * 8 + (unsigned)__builtin_clz(differing) - 24;
            return bits < most ? bits : most;
        }
    }
    return most;
}

static void mask(uint8_t *addr, unsigned bits)
{
    unsigned whole = bits / 8;
    if (bits % 8)
        addr[whole] &= (uint8_t)(0xff00u >> bits % 8);
    if (bits % 8)
        whole++;
    memset(addr + whole, 0, 16 - whole);
}

static void widen_address(struct record_key *into, const struct record_key *from, unsigned side)
{
    unsigned whole = into->family == FAMILY_IP4 ? 32 : 128;
    unsigned most =
        into->prefix[side] < from->prefix[side] ? into->prefix[side] : from->prefix[side];
    most = most < whole ? most : whole;
    unsigned bits = common_bits(into->addr[side], from->addr[side], most);
    if (bits == whole)
        return;
    mask(into->addr[side], bits);
    into->prefix[side] = (uint8_t)bits;
    into->flags |= KEY_MASKED;
}

static void clear_addresses(struct record_key *key)
{
    for (unsigned side = SRC; side <= DST; side++) {
        memset(key->addr[side], 0, sizeof(key->addr[side]));
        key->prefix[side] = 0;
    }
}

/* Bytes that differ go, member by member of what the family has. */
static void keep_equal(void *into, const void *from, size_t size)
{
    if (memcmp(into, from, size))
        memset(into, 0, size);
}

/* What stands in the place of ports. ICMP sequence and IGMP identification stay the first one's. */
static void merge_detail(struct record_key *into, const struct record_key *from)
{
    enum { PROTO_ICMP = 1, PROTO_IGMP = 2, PROTO_ESP = 50, PROTO_ICMP6 = 58 };
    if (into->flags & KEY_FRAGMENT) {
        keep_equal(&into->u.frag_id, &from->u.frag_id, sizeof(into->u.frag_id));
        return;
    }
    switch (into->protocol) {
    case PROTO_ICMP:
    case PROTO_ICMP6:
        keep_equal(&into->u.icmp.type, &from->u.icmp.type, 1);
        keep_equal(&into->u.icmp.code, &from->u.icmp.code, 1);
        keep_equal(&into->u.icmp.id, &from->u.icmp.id, sizeof(into->u.icmp.id));
        return;
    case PROTO_IGMP:
        keep_equal(&into->u.igmp.type, &from->u.igmp.type, 1);
        keep_equal(&into->u.igmp.code, &from->u.igmp.code, 1);
        return;
    case PROTO_ESP:
        keep_equal(&into->u.spi, &from->u.spi, sizeof(into->u.spi));
        return;
    default:
        return;
    }
}

/* Of either version: they share protocols and ports, but no address. */
static void merge_ip(struct record_key *into, const struct record_key *from)
{
    if (into->family != from->family)
        clear_addresses(into);
    for (unsigned side = SRC; side <= DST && into->family == from->family; side++)
        widen_address(into, from, side);
    bool same_kind =
        into->protocol == from->protocol && !((into->flags ^ from->flags) & KEY_FRAGMENT);
    if (into->protocol != from->protocol)
        into->protocol = into->inner_protocol = 0;
    for (unsigned side = SRC; side <= DST; side++)
        if (!same_kind || into->port[side] != from->port[side])
            into->port[side] = 0;
    if (same_kind)
        merge_detail(into, from);
    else
        memset(&into->u, 0, sizeof(into->u));
}

static void merge_ether(struct record_key *into, const struct record_key *from)
{
    keep_equal(into->u.ether.mac[SRC], from->u.ether.mac[SRC], 6);
    keep_equal(into->u.ether.mac[DST], from->u.ether.mac[DST], 6);
    keep_equal(&into->u.ether.ethertype, &from->u.ether.ethertype, 2);
    keep_equal(&into->u.ether.dsap, &from->u.ether.dsap, 1);
    keep_equal(&into->u.ether.ssap, &from->u.ether.ssap, 1);
}

static void merge_wlan(struct record_key *into, const struct record_key *from)
{
    keep_equal(into->u.wlan.mac[SRC], from->u.wlan.mac[SRC], 6);
    keep_equal(into->u.wlan.mac[DST], from->u.wlan.mac[DST], 6);
    keep_equal(into->u.wlan.bssid, from->u.wlan.bssid, 6);
    keep_equal(into->u.wlan.ssid, from->u.wlan.ssid, sizeof(into->u.wlan.ssid));
}

static void merge_isis(struct record_key *into, const struct record_key *from)
{
    keep_equal(into->u.isis.mac[SRC], from->u.isis.mac[SRC], 6);
    keep_equal(into->u.isis.mac[DST], from->u.isis.mac[DST], 6);
    keep_equal(into->u.isis.id, from->u.isis.id, sizeof(into->u.isis.id));
    keep_equal(&into->u.isis.pdu_type, &from->u.isis.pdu_type, 4);
    keep_equal(&into->u.isis.checksum, &from->u.isis.checksum, 4);
}

static void merge_arp(struct record_key *into, const struct record_key *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        mask(into->addr[side], common_bits(into->addr[side], from->addr[side], 32));
        keep_equal(into->u.arp.hardware[side], from->u.arp.hardware[side], 16);
    }
}

static bool is_ip(const struct record_key *key)
{
    return key->family == FAMILY_IP4 || key->family == FAMILY_IP6;
}

void merge_key(struct record_key *into, const struct record_key *from)
{
    bool both_ip = is_ip(into) && is_ip(from);
    if (into->class != from->class || (into->family != from->family && !both_ip)) {
        clear_addresses(into);
        into->port[SRC] = into->port[DST] = 0;
        into->protocol = 0;
        memset(&into->u, 0, sizeof(into->u));
        return;
    }
    switch (into->family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        merge_ip(into, from);
        return;
    case FAMILY_ETHER:
        merge_ether(into, from);
        return;
    case FAMILY_ARP:
    case FAMILY_RARP:
        merge_arp(into, from);
        return;
    case FAMILY_WLAN:
        merge_wlan(into, from);
        return;
    case FAMILY_ISIS:
        merge_isis(into, from);
        return;
    default:
        keep_equal(&into->u, &from->u, sizeof(into->u));
        return;
    }
}
