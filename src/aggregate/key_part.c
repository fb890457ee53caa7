/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/key_part.h"

#include <string.h>

#include "base/bytes.h"
#include "base/check.h"

enum {
    PROTOCOL_ICMP = 1,
    PROTOCOL_IGMP = 2,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_ESP = 50,
    PROTOCOL_ICMP6 = 58,
};

static uint8_t *put_8(uint8_t *at, unsigned value)
{
    *at = (uint8_t)value;
    return at + 1;
}

static uint8_t *put_16(uint8_t *at, unsigned value)
{
    store_be16(at, (uint16_t)value);
    return at + 2;
}

static uint8_t *put_32(uint8_t *at, uint32_t value)
{
    store_be32(at, value);
    return at + 4;
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t size)
{
    return (uint8_t *)memcpy(at, bytes, size) + size;
}

static bool is_ip(const struct record_key *key)
{
    return key->family == FAMILY_IP4 || key->family == FAMILY_IP6;
}

uint8_t *key_part_source(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    (void)side, (void)flip;
    const struct record_transport *transport = &r->transport;
    if (!record_has(r, BLOCK_TRANSPORT) || !(transport->flags & 1))
        return put_8(at, 0);
    at = put_8(at, 1);
    at = put_8(at, transport->id_form);
    at = put_8(at, transport->id_size);
    return put_bytes(at, transport->id, transport->id_size);
}

/* Protocols of IPv4 and IPv6 are the same thing; those of other families have their own space. */
uint8_t *key_part_protocol(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    (void)side, (void)flip;
    if (!record_has(r, BLOCK_FLOW))
        return put_8(at, 0);
    if (is_ip(&r->key))
        return put_16(put_8(at, 1), r->key.protocol);
    at = put_8(at, 1 + r->key.family);
    return put_16(at, r->key.family == FAMILY_ETHER ? r->key.u.ether.ethertype : 0);
}

/* Also the order in which families sort. */
enum address_tag {
    TAG_NONE,
    TAG_IP4,
    TAG_IP6,
    TAG_ETHER,
    TAG_ARP,
    TAG_RARP,
    TAG_WLAN,
    TAG_ISIS,
    TAG_OTHER,
};

uint8_t *key_part_address(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    const struct record_key *key = &r->key;
    unsigned from = side ^ flip;
    if (!record_has(r, BLOCK_FLOW))
        return put_8(at, TAG_NONE);
    switch (key->family) {
    case FAMILY_IP4:
        return put_bytes(put_8(at, TAG_IP4), key->addr[from], 4);
    case FAMILY_IP6:
        return put_bytes(put_8(at, TAG_IP6), key->addr[from], 16);
    case FAMILY_ETHER:
        return put_bytes(put_8(at, TAG_ETHER), key->u.ether.mac[from], 6);
    case FAMILY_ARP:
        return put_bytes(put_8(at, TAG_ARP), key->addr[from], 16);
    case FAMILY_RARP:
        return put_bytes(put_8(at, TAG_RARP), key->u.arp.hardware[from], 16);
    case FAMILY_WLAN:
        return put_bytes(put_8(at, TAG_WLAN), key->u.wlan.mac[from], 6);
    case FAMILY_ISIS:
        return put_bytes(put_8(at, TAG_ISIS), key->u.isis.mac[from], 6);
    default:
        return put_8(put_8(at, TAG_OTHER), key->family);
    }
}

static bool has_ports(const struct record_key *key)
{
    return is_ip(key) && !(key->flags & KEY_FRAGMENT) &&
           (key->protocol == PROTOCOL_TCP || key->protocol == PROTOCOL_UDP);
}

uint8_t *key_part_port(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    bool known = record_has(r, BLOCK_FLOW) && has_ports(&r->key);
    return put_16(at, known ? r->key.port[side ^ flip] : 0);
}

/* Fragments and IGMP add nothing: an aggregate by identification or type is of no use to anyone. */
static uint32_t ip_detail(const struct record_key *key, unsigned side, unsigned flip)
{
    if (key->flags & KEY_FRAGMENT || key->protocol == PROTOCOL_IGMP || has_ports(key))
        return 0;
    if (key->protocol == (key->family == FAMILY_IP4 ? PROTOCOL_ICMP : PROTOCOL_ICMP6))
        return side == SRC ? key->u.icmp.type : (uint32_t)key->u.icmp.code << 16 | key->u.icmp.id;
    if (key->protocol == PROTOCOL_ESP && key->family == FAMILY_IP4)
        return side == SRC ? 0 : key->u.spi;
    return key->port[side ^ flip];
}

static uint8_t *put_raw(uint8_t *at, const struct record_key *key)
{
    check(key->u.raw.size <= sizeof(key->u.raw.bytes));
    at = put_8(at, key->u.raw.size);
    return put_bytes(at, key->u.raw.bytes, key->u.raw.size);
}

uint8_t *key_part_detail(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    const struct record_key *key = &r->key;
    if (!record_has(r, BLOCK_FLOW))
        return put_8(at, 0);
    if (is_ip(key)) {
        uint32_t detail = ip_detail(key, side, flip); /* none of TCP and UDP, as ports are apart */
        return detail ? put_32(put_8(at, 2), detail) : put_8(at, 1);
    }
    at = put_8(at, 3);
    if (key->family == FAMILY_ETHER)
        return put_8(at, (side ^ flip) == SRC ? key->u.ether.ssap : key->u.ether.dsap);
    if (side == SRC)
        return at;
    switch (key->family) {
    case FAMILY_WLAN:
        at = put_bytes(at, key->u.wlan.bssid, 6);
        return put_bytes(at, key->u.wlan.ssid, 32);
    case FAMILY_ISIS:
        at = put_32(at, key->u.isis.pdu_type);
        return put_bytes(at, key->u.isis.id, 14);
    case FAMILY_ARP:
    case FAMILY_RARP:
        return at;
    default:
        return put_raw(at, key);
    }
}

/* Flows of link addresses have them in their key instead; the field smac knows. */
static uint8_t *put_mac(uint8_t *at, const struct record *r, unsigned side, size_t size)
{
    struct value value;
    field_get(field_find(side == SRC ? "smac" : "dmac"), r, &value);
    if (value.kind != VALUE_MAC)
        return put_8(at, 0);
    return put_bytes(put_8(at, 1), value.u.mac, size);
}

uint8_t *key_part_mac(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    return put_mac(at, r, side ^ flip, 6);
}

uint8_t *key_part_oui(uint8_t *at, const struct record *r, unsigned side, unsigned flip)
{
    return put_mac(at, r, side ^ flip, 3);
}

_Static_assert(sizeof(((struct value *)0)->text) + 1 <= KEY_PART_MAX, "any text is a part");

/* Numbers of either sign in the order of their values, as eight bytes. */
static uint8_t *put_number(uint8_t *at, uint64_t value, bool is_signed)
{
    store_be64(at, is_signed ? value ^ (UINT64_C(1) << 63) : value);
    return at + 8;
}

/* IEEE numbers as integers of the same order: negative ones count backwards. */
static uint64_t real_order(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

uint8_t *key_part_field(uint8_t *at, const struct record *r, const struct field *field)
{
    struct value value;
    field_get(field, r, &value);
    at = put_8(at, value.kind);
    switch (value.kind) {
    case VALUE_NONE:
        return at;
    case VALUE_UINT:
    case VALUE_PORT:
    case VALUE_PROTO:
        return put_number(at, value.u.uint, false);
    case VALUE_INT:
    case VALUE_TIME:
    case VALUE_SPAN:
        return put_number(at, (uint64_t)value.u.integer, true);
    case VALUE_REAL:
        return put_number(at, real_order(value.u.real), false);
    case VALUE_IP4:
        return put_bytes(at, value.u.addr, 4);
    case VALUE_IP6:
        return put_bytes(at, value.u.addr, 16);
    case VALUE_MAC:
        return put_bytes(at, value.u.mac, 6);
    case VALUE_BYTES: /* payload is no key */
        return at;
    case VALUE_TEXT:
        /* The end of a text sorts before any character of a longer one. */
        at = put_bytes(at, value.text, strlen(value.text));
        return put_8(at, 0);
    }
    check(!"a kind of value");
    return at;
}
