/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * IPv6 (RFC 8200).
 *
 *    0                           4         6      7     8      24     40
 *   +---------------------------+---------+------+-----+------+------+-----
 *   | version 4, class 8,       | payload | next | hop | src  | dst  | extension
 *   | flow label 20             | length  |      | lim |      |      | headers
 *   +---------------------------+---------+------+-----+------+------+-----
 *
 * The payload length is not looked at: lengths come from the frame, and so padding counts as
 * application data, as the records of twenty years have it. Nor is the version.
 */
enum { IP6_SIZE = 40, FRAGMENT_SIZE = 8, SHIM6_SIZE = 8 };

enum {
    HOP_BY_HOP = 0,
    ROUTING = 43,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    OPTIONS = 60,
    SHIM6 = 140,
};

/* Size of the extension header at the cursor, or 0 if `next` is none or not enough was captured. */
static size_t extension_size(const struct cursor *c, uint8_t next)
{
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured < 2)
        return 0;
    switch (next) {
    case HOP_BY_HOP:
    case ROUTING:
    case OPTIONS:
        return (h[1] + 1u) * 8;
    case FRAGMENT:
        return captured >= FRAGMENT_SIZE ? FRAGMENT_SIZE : 0;
    case SHIM6: /* RFC 5533: a bit tells data from control messages, which are a protocol */
        return captured >= SHIM6_SIZE && h[2] & 0x80 ? SHIM6_SIZE : 0;
    default:
        return 0;
    }
}

/*
 * The fragment header.
 *
 *    0      1      2                      4
 *   +------+------+----------------------+----------------+
 *   | next | zero | offset 13, 00, more  | identification |
 *   +------+------+----------------------+----------------+
 */
static void read_fragment(struct packet *p, const uint8_t *h)
{
    uint16_t word = load_be16(h + 2);
    p->frag_id = load_be32(h + 4);
    if (word >> 3)
        p->frag = FRAG_LATER;
    else
        p->frag = word & 1 ? FRAG_FIRST : FRAG_NONE;
}

/* Goes behind the extension headers; gives the protocol that was found, or where it got stuck. */
static uint8_t skip_extensions(struct cursor *c, uint8_t next)
{
    while (c->packet->frag != FRAG_LATER) {
        const uint8_t *h = c->at;
        size_t size = extension_size(c, next);
        if (next == AUTHENTICATION && cursor_captured(c) >= 2)
            ah_skip(c);
        else if (size)
            cursor_skip(c, size);
        else
            break;
        if (next == FRAGMENT)
            read_fragment(c->packet, h);
        next = h[0];
    }
    return next;
}

enum layer ip6_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    if (cursor_captured(c) < IP6_SIZE)
        return LAYER_DONE;
    uint32_t word = load_be32(h);

    packet_become(p, PACKET_IP6);
    p->tos = (uint8_t)(cursor_quirk(c, QUIRK_IP6_CLASS) ? word >> 4 : word >> 20);
    p->flow_label = word & 0xFFFFF;
    p->ttl = h[7];
    p->ip_id = 0;
    p->ip_options = 0;
    memcpy(p->src, h + 8, sizeof(p->src));
    memcpy(p->dst, h + 24, sizeof(p->dst));
    cursor_skip(c, IP6_SIZE);

    p->protocol = skip_extensions(c, h[6]);
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    if (p->frag == FRAG_LATER) {
        p->frag_bytes = c->wire;
        p->app_bytes = 0;
        p->payload.size = 0;
        return LAYER_DONE;
    }
    return ip_upper_layer(c, p->protocol);
}
