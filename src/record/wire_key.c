/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire_block.h"

enum {
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ESP = 50,
    PROTO_ICMP6 = 58
};
enum { SUBTYPE_REVERSE = 0x40, SUBTYPE_CLASS = 0x3f, QUALIFIER_FAMILY = 0x1f };

/* --- reading ---------------------------------------------------------------------------------- */

static uint8_t prefix_of(uint16_t stored, uint8_t whole)
{
    return stored && stored < whole ? (uint8_t)stored : whole;
}

/* Ports, or what other protocols have in their place: six bytes at +14 of the block. */
static void get_ip4_tail(const uint8_t *at, struct record_key *key)
{
    if (key->flags & KEY_FRAGMENT) {
        key->u.frag_id = load_le16(at + 4);
        return;
    }
    switch (key->protocol) {
    case PROTO_TCP:
    case PROTO_UDP:
        key->port[0] = load_be16(at);
        key->port[1] = load_be16(at + 2);
        return;
    case PROTO_ICMP:
        key->u.icmp.type = at[0];
        key->u.icmp.code = at[1];
        key->u.icmp.id = load_be16(at + 2);
        key->u.icmp.seq = load_be16(at + 4);
        key->u.icmp.gateway = load_be32(at + 2);
        return;
    case PROTO_IGMP:
        key->u.igmp.type = at[0];
        key->u.igmp.code = at[1];
        key->u.igmp.ip_id = load_be16(at + 4);
        return;
    case PROTO_ESP:
        key->u.spi = load_be32(at + 2);
        return;
    default:
        return;
    }
}

static bool get_ip4(struct view body, struct record_key *key)
{
    if (body.size < 16)
        return false;
    memcpy(key->addr[0], body.data, 4);
    memcpy(key->addr[1], body.data + 4, 4);
    key->protocol = body.data[8];
    key->inner_protocol = body.data[9];
    bool masked = key->flags & KEY_MASKED;
    key->prefix[0] = masked ? prefix_of(body.data[14], 32) : 32;
    key->prefix[1] = masked ? prefix_of(body.data[15], 32) : 32;
    get_ip4_tail(body.data + 10, key);
    return true;
}

static bool get_ip6(struct view body, struct record_key *key)
{
    if (body.size < 40)
        return false;
    const uint8_t *at = body.data;
    memcpy(key->addr[0], at, 16);
    memcpy(key->addr[1], at + 16, 16);
    key->protocol = at[32];
    key->flow_label = load_be32(at + 32) & 0xfffff;
    bool masked = body.size >= 44;
    key->prefix[0] = masked ? prefix_of(load_le16(at + 40), 128) : 128;
    key->prefix[1] = masked ? prefix_of(load_le16(at + 42), 128) : 128;
    if (key->flags & KEY_FRAGMENT)
        key->u.frag_id = load_le32(at + 36);
    if (key->protocol == PROTO_ICMP6) {
        key->u.icmp.type = at[36];
        key->u.icmp.code = at[37];
        key->u.icmp.id = load_be16(at + 38);
        return true;
    }
    key->port[0] = load_be16(at + 36); /* of fragments too, as readers show them */
    key->port[1] = load_be16(at + 38);
    return true;
}

static bool get_ether(struct view body, struct record_key *key)
{
    if (body.size < 16)
        return false;
    memcpy(key->u.ether.mac[DST], body.data, 6);
    memcpy(key->u.ether.mac[SRC], body.data + 6, 6);
    key->u.ether.ethertype = load_be16(body.data + 12);
    key->u.ether.dsap = body.data[14];
    key->u.ether.ssap = body.data[15];
    return true;
}

/* Copies what there is of `size` bytes at `at`. */
static void get_part(struct view body, size_t at, void *to, size_t size)
{
    if (at < body.size)
        memcpy(to, body.data + at, body.size - at < size ? body.size - at : size);
}

static bool get_arp(struct view body, struct record_key *key)
{
    if (body.size < 8)
        return false;
    key->u.arp.hardware_type = load_be16(body.data);
    key->u.arp.protocol_type = load_be16(body.data + 2);
    key->u.arp.hardware_size = body.data[4];
    key->u.arp.protocol_size = body.data[5];
    key->u.arp.operation = load_be16(body.data + 6);
    if (key->family == FAMILY_ARP) {
        get_part(body, 8, key->addr[0], 4);
        get_part(body, 12, key->addr[1], 4);
        get_part(body, 16, key->u.arp.hardware[SRC], 16);
        key->u.arp.hardware_kept = (uint8_t)(body.size > 16 ? body.size - 16 : 0);
        return true;
    }
    get_part(body, 8, key->addr[1], 4);
    size_t size = key->u.arp.hardware_size < 16 ? key->u.arp.hardware_size : 16;
    get_part(body, 12, key->u.arp.hardware[SRC], size);
    get_part(body, 12 + size, key->u.arp.hardware[DST], size);
    return true;
}

static bool get_wlan(struct view body, struct record_key *key)
{
    if (body.size < 18)
        return false;
    memcpy(key->u.wlan.mac[DST], body.data, 6);
    memcpy(key->u.wlan.mac[SRC], body.data + 6, 6);
    memcpy(key->u.wlan.bssid, body.data + 12, 6);
    get_part(body, 18, key->u.wlan.ssid, sizeof(key->u.wlan.ssid));
    return true;
}

static bool get_isis(struct view body, struct record_key *key)
{
    if (body.size < 40)
        return false;
    key->u.isis.pdu_type = load_be32(body.data);
    memcpy(key->u.isis.mac[SRC], body.data + 4, 6);
    memcpy(key->u.isis.mac[DST], body.data + 10, 6);
    key->u.isis.version = body.data[16];
    memcpy(key->u.isis.id, body.data + 20, 14);
    key->u.isis.checksum = load_be32(body.data + 34);
    return true;
}

static bool get_raw(struct view body, struct record_key *key)
{
    size_t size = body.size < sizeof(key->u.raw.bytes) ? body.size : sizeof(key->u.raw.bytes);
    memcpy(key->u.raw.bytes, body.data, size);
    key->u.raw.size = (uint8_t)size;
    return true;
}

/* Addresses only. The reference programs write IPv4 ones in the byte order of their machine. */
static bool get_matrix(struct view body, struct record_key *key)
{
    if (key->family == FAMILY_IP4 && body.size >= 8) {
        store_be32(key->addr[0], load_le32(body.data));
        store_be32(key->addr[1], load_le32(body.data + 4));
        return true;
    }
    if (key->family == FAMILY_IP6 && body.size >= 32) {
        memcpy(key->addr, body.data, 32);
        return true;
    }
    return false;
}

static bool get_body(struct view body, struct record_key *key)
{
    if (key->class == KEY_LAYER3_MATRIX)
        return get_matrix(body, key);
    if (key->family == FAMILY_ARP || key->family == FAMILY_RARP)
        return key->class == KEY_ARP ? get_arp(body, key) : get_raw(body, key);
    if (key->class != KEY_5TUPLE)
        return get_raw(body, key);
    switch (key->family) {
    case FAMILY_IP4:
        return get_ip4(body, key);
    case FAMILY_IP6:
        return get_ip6(body, key);
    case FAMILY_ETHER:
        return get_ether(body, key);
    case FAMILY_WLAN:
        return get_wlan(body, key);
    case FAMILY_ISIS:
        return get_isis(body, key);
    default:
        return get_raw(body, key);
    }
}

bool wire_get_flow(const struct wire_block *b, struct record *r)
{
    r->key = (struct record_key){
        .class = b->subtype & SUBTYPE_CLASS,
        .family = b->qualifier & QUALIFIER_FAMILY,
        .flags = b->qualifier & (uint8_t)~QUALIFIER_FAMILY,
        .reverse = b->subtype & SUBTYPE_REVERSE,
    };
    if (!get_body(b->body, &r->key))
        return false;
    r->blocks |= BLOCK_FLOW;
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void put_ip4_tail(const struct record_key *key, struct wire_writer *w)
{
    uint8_t *start = w->at;
    if (key->flags & KEY_FRAGMENT) {
        put_zeros(w, 4);
        put16_le(w, (uint16_t)key->u.frag_id);
    } else if (key->protocol == PROTO_TCP || key->protocol == PROTO_UDP) {
        put16(w, key->port[SRC]);
        put16(w, key->port[DST]);
        put16(w, 0);
    } else if (key->protocol == PROTO_ICMP) {
        put8(w, key->u.icmp.type);
        put8(w, key->u.icmp.code);
        put16(w, key->u.icmp.id);
        put16(w, key->u.icmp.seq);
    } else if (key->protocol == PROTO_IGMP) {
        put8(w, key->u.igmp.type);
        put8(w, key->u.igmp.code);
        put16(w, 0);
        put16(w, key->u.igmp.ip_id);
    } else if (key->protocol == PROTO_ESP) {
        put16(w, 0);
        put32(w, key->u.spi);
    } else {
        put_zeros(w, 6);
    }
    if ((key->flags & KEY_MASKED) && key->protocol != PROTO_ESP) {
        start[4] = key->prefix[SRC];
        start[5] = key->prefix[DST];
    }
}

static void put_ip4(const struct record_key *key, struct wire_writer *w)
{
    put_bytes(w, key->addr[SRC], 4);
    put_bytes(w, key->addr[DST], 4);
    put8(w, key->protocol);
    put8(w, key->inner_protocol);
    put_ip4_tail(key, w);
}

static void put_ip6(const struct record_key *key, struct wire_writer *w)
{
    put_bytes(w, key->addr, 32);
    put32(w, (uint32_t)key->protocol << 24 | key->flow_label);
    if (key->flags & KEY_FRAGMENT) {
        put32_le(w, key->u.frag_id);
    } else if (key->protocol == PROTO_ICMP6) {
        put8(w, key->u.icmp.type);
        put8(w, key->u.icmp.code);
        put16(w, key->u.icmp.id);
    } else {
        put16(w, key->port[SRC]);
        put16(w, key->port[DST]);
    }
    if (key->flags & KEY_MASKED) {
        put16_le(w, key->prefix[SRC]);
        put16_le(w, key->prefix[DST]);
    }
}

static void put_arp(const struct record_key *key, struct wire_writer *w)
{
    enum { WORDS_REPLY_FIRST = 13 };
    size_t size = key->u.arp.hardware_size < 16 ? key->u.arp.hardware_size : 16;
    put16(w, key->u.arp.hardware_type);
    put16(w, key->u.arp.protocol_type);
    put8(w, key->u.arp.hardware_size);
    put8(w, key->u.arp.protocol_size);
    put16(w, key->u.arp.operation);
    if (key->family == FAMILY_RARP) {
        put_bytes(w, key->addr[DST], 4);
        put_bytes(w, key->u.arp.hardware[SRC], size);
        put_bytes(w, key->u.arp.hardware[DST], size);
        return;
    }
    size_t kept = key->u.arp.hardware_kept < 16 ? key->u.arp.hardware_kept : 16;
    put_bytes(w, key->addr[SRC], 4);
    put_bytes(w, key->addr[DST], 4);
    put_bytes(w, key->u.arp.hardware[SRC], kept);
    if (key->reverse)
        put_zeros(w, WORDS_REPLY_FIRST * 4 - (size_t)(w->at - w->block));
}

static void put_wlan(const struct record_key *key, struct wire_writer *w)
{
    put_bytes(w, key->u.wlan.mac[DST], 6);
    put_bytes(w, key->u.wlan.mac[SRC], 6);
    put_bytes(w, key->u.wlan.bssid, 6);
    put_bytes(w, key->u.wlan.ssid, 32);
}

static void put_isis(const struct record_key *key, struct wire_writer *w)
{
    put32(w, key->u.isis.pdu_type);
    put_bytes(w, key->u.isis.mac[SRC], 6);
    put_bytes(w, key->u.isis.mac[DST], 6);
    put8(w, key->u.isis.version);
    put_zeros(w, 3);
    put_bytes(w, key->u.isis.id, 14);
    put32(w, key->u.isis.checksum);
}

static void put_ether(const struct record_key *key, struct wire_writer *w)
{
    put_bytes(w, key->u.ether.mac[DST], 6);
    put_bytes(w, key->u.ether.mac[SRC], 6);
    put16(w, key->u.ether.ethertype);
    put8(w, key->u.ether.dsap);
    put8(w, key->u.ether.ssap);
}

static void put_body(const struct record_key *key, struct wire_writer *w)
{
    if (key->class == KEY_LAYER3_MATRIX && key->family == FAMILY_IP4) {
        put32_le(w, load_be32(key->addr[SRC]));
        put32_le(w, load_be32(key->addr[DST]));
    } else if (key->class == KEY_LAYER3_MATRIX) {
        put_bytes(w, key->addr, 32);
    } else if (key->class == KEY_ARP && (key->family == FAMILY_ARP || key->family == FAMILY_RARP)) {
        put_arp(key, w);
    } else if (key->class != KEY_5TUPLE) {
        put_bytes(w, key->u.raw.bytes, key->u.raw.size);
    } else if (key->family == FAMILY_IP4) {
        put_ip4(key, w);
    } else if (key->family == FAMILY_IP6) {
        put_ip6(key, w);
    } else if (key->family == FAMILY_ETHER) {
        put_ether(key, w);
    } else if (key->family == FAMILY_WLAN) {
        put_wlan(key, w);
    } else if (key->family == FAMILY_ISIS) {
        put_isis(key, w);
    } else {
        put_bytes(w, key->u.raw.bytes, key->u.raw.size);
    }
}

void wire_put_flow(const struct record *r, struct wire_writer *w)
{
    const struct record_key *key = &r->key;
    uint8_t subtype = key->class | (key->reverse ? SUBTYPE_REVERSE : 0);
    wire_open(w, TYPE_FLOW, subtype, key->family | key->flags);
    put_body(key, w);
    wire_close(w);
}
