/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/* What IPv4 and IPv6 have in common: how one is told from the other, and what they carry. */

enum layer ip_decode(struct cursor *c)
{
    if (!cursor_captured(c))
        return LAYER_DONE;
    switch (c->at[0] >> 4) {
    case 4:
        return LAYER_IP4;
    case 6:
        return LAYER_IP6;
    default:
        return LAYER_DONE;
    }
}

enum layer ip_upper_layer(const struct cursor *c, uint8_t protocol)
{
    bool ip4 = c->packet->kind == PACKET_IP4;
    switch (protocol) {
    case 6:
        return LAYER_TCP;
    case 17:
        return LAYER_UDP;
    case 1:
        return ip4 ? LAYER_ICMP : LAYER_DONE;
    case 58:
        return ip4 ? LAYER_DONE : LAYER_ICMP6;
    case 2:
        return ip4 ? LAYER_IGMP : LAYER_DONE;
    case 4:
        return LAYER_IP4_INSIDE;
    case 41:
        return LAYER_IP6_INSIDE;
    case 47:
        return LAYER_GRE;
    case 50:
        return LAYER_ESP;
    case 51:
        return ip4 ? LAYER_AH : LAYER_DONE;
    default:
        return LAYER_DONE;
    }
}

/* IP in IP (RFC 2003, 4213, 2473). */
static enum layer look_inside(struct cursor *c, uint8_t version, size_t least, enum layer inside)
{
    struct packet *p = c->packet;
    if (!cursor_tunnel(c, TUNNEL_IPIP) || cursor_captured(c) < least || c->at[0] >> 4 != version)
        return LAYER_DONE;
    p->encaps |= p->kind == PACKET_IP4 ? ENCAPS_IP : ENCAPS_IP6;
    return inside;
}

enum layer ip4_inside(struct cursor *c)
{
    return look_inside(c, 4, 20, LAYER_IP4);
}

enum layer ip6_inside(struct cursor *c)
{
    return look_inside(c, 6, 40, LAYER_IP6);
}

/*
 * The authentication header (RFC 4302), which leaves what follows readable.
 *
 *    0      1        2      4     8          12
 *   +------+--------+------+-----+----------+---------------
 *   | next | length | zero | spi | sequence | check value ...      length: words of all, less 2
 *   +------+--------+------+-----+----------+---------------
 */
void ah_skip(struct cursor *c)
{
    enum { FIXED_SIZE = 16 };
    uint32_t wire = c->wire;
    bool fixed = cursor_quirk(c, QUIRK_AH_FIXED);
    c->packet->encaps |= ENCAPS_AH;
    cursor_skip(c, fixed ? FIXED_SIZE : (c->at[1] + 2u) * 4);
    if (fixed)
        c->wire = wire;
}

enum layer ah_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    if (cursor_captured(c) < 2)
        return LAYER_DONE;
    p->protocol = c->at[0];
    ah_skip(c);
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    return ip_upper_layer(c, p->protocol);
}

/*
 * ESP (RFC 4303).
 *
 *    0     4          8
 *   +-----+----------+-----
 *   | spi | sequence | encrypted
 *   +-----+----------+-----
 */
enum layer esp_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    size_t captured = cursor_captured(c);
    if (captured < 4)
        return LAYER_DONE;
    p->u.esp.spi = load_be32(c->at);
    p->u.esp.seq = captured >= 8 ? load_be32(c->at + 4) : 0;
    p->has_upper = true;
    return LAYER_DONE;
}

/*
 * IGMP (RFC 1112, 2236, 3376).
 *
 *    0      1      2          4       8
 *   +------+------+----------+-------+
 *   | type | code | checksum | group |
 *   +------+------+----------+-------+
 */
enum layer igmp_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    if (cursor_captured(c) < 8)
        return LAYER_DONE;
    p->u.igmp.type = c->at[0];
    p->u.igmp.code = c->at[1];
    memcpy(p->u.igmp.group, c->at + 4, sizeof(p->u.igmp.group));
    p->has_upper = true;
    return LAYER_DONE;
}
