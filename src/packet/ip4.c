/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * IPv4 (RFC 791).
 *
 *    0       1     2          4     6            8     9          10         12    16
 *   +-------+-----+----------+-----+------------+-----+----------+----------+-----+-----+-----
 *   | ver,  | tos | total    | id  | flags 3,   | ttl | protocol | checksum | src | dst | options
 *   | words |     | length   |     | offset 13  |     |          |          |     |     |
 *   +-------+-----+----------+-----+------------+-----+----------+----------+-----+-----+-----
 */
enum { IP4_SIZE = 20, MORE_FRAGMENTS = 0x2000, FRAGMENT_OFFSET = 0x1FFF };

static uint8_t option_bit(uint8_t option)
{
    switch (option) {
    case 7:
        return IPOPT_BIT_RECORD_ROUTE;
    case 68:
        return IPOPT_BIT_TIMESTAMP;
    case 130:
        return IPOPT_BIT_SECURITY;
    case 131:
        return IPOPT_BIT_LOOSE_ROUTE;
    case 136:
        return IPOPT_BIT_SATELLITE;
    case 137:
        return IPOPT_BIT_STRICT_ROUTE;
    case 148:
        return IPOPT_BIT_ROUTER_ALERT;
    default:
        return 0;
    }
}

/*
 * Options are one byte (0 and 1), or type, length of all, and data. The end-of-options byte does
 * not end the search: nothing but zeros may follow it anyway.
 */
static uint8_t read_options(const uint8_t *at, const uint8_t *end)
{
    uint8_t seen = 0;
    while (at < end) {
        if (*at <= 1) {
            at++;
            continue;
        }
        seen |= option_bit(*at);
        if (end - at < 2 || !at[1] || at[1] > end - at)
            break;
        at += at[1];
    }
    return seen;
}

/* Only offset 0 has the upper header; the data of the others are no application's bytes yet. */
static bool is_later_fragment(struct cursor *c, uint16_t word)
{
    struct packet *p = c->packet;
    p->frag_id = p->ip_id;
    p->frag = word & FRAGMENT_OFFSET ? FRAG_LATER : FRAG_FIRST;
    if (p->frag == FRAG_FIRST)
        return false;
    p->frag_bytes = c->wire;
    p->app_bytes = 0;
    p->payload.size = 0;
    return true;
}

/* The length of the datagram, or 0 if it cannot be one. */
static uint32_t total_length(const struct cursor *c)
{
    uint32_t total = load_be16(c->at + 2);
    if (!total && !cursor_quirk(c, QUIRK_ZERO_LENGTH_ETHER))
        total = c->wire; /* segmentation offload: longer than the field can say */
    return total < IP4_SIZE ? 0 : total;
}

/*
 * A header whose claims are wrong is still a header with addresses, and is read as it says: a
 * version other than 6, which is what it is, passes, and so does a header length below five words.
 */
enum layer ip4_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    if (cursor_captured(c) < IP4_SIZE)
        return LAYER_DONE;
    if (unlikely(h[0] >> 4 == 6))
        return LAYER_IP6;
    uint32_t total = total_length(c);
    if (!total)
        return LAYER_DONE;

    packet_become(p, PACKET_IP4);
    ip4_take(p, h);

    size_t header = (h[0] & 15u) * 4;
    cursor_skip(c, header);
    c->wire = total > header ? total - (uint32_t)header : 0;
    p->ip_options = header > IP4_SIZE ? read_options(h + IP4_SIZE, c->at) : 0;
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    uint16_t fragment = load_be16(h + 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET);
    if (unlikely(fragment) && is_later_fragment(c, fragment))
        return LAYER_DONE;
    return ip_upper_layer(c, p->protocol);
}
