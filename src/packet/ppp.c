/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * PPP (RFC 1661) behind whatever carries it. Address and control, and the first byte of the
 * protocol, may have been negotiated away.
 *
 *    0      1      2          4
 *   +------+------+----------+-----      protocol: its last byte is odd, no other is
 *   | FFh  | 03h  | protocol | ...
 *   +------+------+----------+-----
 */
static enum layer protocol_layer(struct cursor *c, uint16_t protocol)
{
    switch (protocol) {
    case 0x0021:
        return LAYER_IP4;
    case 0x0057:
        return LAYER_IP6;
    case 0x0281:
    case 0x0283:
        return LAYER_MPLS;
    case 0x0023: /* OSI */
        return osi_layer(c);
    default:
        return LAYER_DONE;
    }
}

enum layer ppp_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    if (cursor_captured(c) >= 2 && load_be16(c->at) == 0xFF03)
        cursor_skip(c, 2);
    if (!cursor_captured(c))
        return LAYER_DONE;
    bool compressed = c->at[0] & 1;
    if (!compressed && cursor_captured(c) < 2)
        return LAYER_DONE;
    uint16_t protocol = compressed ? c->at[0] : load_be16(c->at);
    cursor_skip(c, compressed ? 1 : 2);
    if (p->kind == PACKET_LINK)
        p->ethertype = protocol;
    return protocol_layer(c, protocol);
}

/*
 * PPP over Ethernet (RFC 2516).
 *
 *    0              1      2         4        6
 *   +--------------+------+---------+--------+-----      code 0: a session's PPP follows
 *   | version type | code | session | length | ...
 *   +--------------+------+---------+--------+-----
 */
enum layer pppoe_decode(struct cursor *c)
{
    enum { PPPOE_SIZE = 6, DISCOVERY = 0x8863 };
    c->packet->encaps |= ENCAPS_PPP;
    if (c->type == DISCOVERY || cursor_captured(c) < PPPOE_SIZE)
        return LAYER_DONE;
    cursor_skip(c, PPPOE_SIZE);
    return LAYER_PPP;
}
