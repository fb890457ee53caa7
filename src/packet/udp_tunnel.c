/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * What is tunnelled in UDP. A port is only a hint, so each decoder looks closely before it believes
 * that there is a datagram or a frame inside; if not, the packet stays the UDP that it is.
 */
enum { ETHER_SIZE = 14 };

/* True if an IP header of the version that the first byte claims may follow. */
static bool looks_like_ip(const struct cursor *c)
{
    size_t captured = cursor_captured(c);
    return (captured >= 20 && c->at[0] >> 4 == 4) || (captured >= 40 && c->at[0] >> 4 == 6);
}

/* Moves behind the tunnel's header if what should follow does; otherwise stays where it is. */
static enum layer enter(struct cursor *c, size_t size, enum layer inside, uint32_t encaps)
{
    struct cursor before = *c;
    cursor_skip(c, size);
    bool fits = inside == LAYER_ETHER ? cursor_captured(c) >= ETHER_SIZE : looks_like_ip(c);
    if (!fits) {
        *c = before;
        return LAYER_DONE;
    }
    c->packet->encaps |= encaps;
    return inside;
}

/*
 * VXLAN (RFC 7348), and with a protocol of its own VXLAN-GPE.
 *
 *    0       1          3      4     7      8
 *   +-------+----------+------+-----+------+-----      flags: 08h network id there, 04h protocol
 *   | flags | reserved | next | vni | zero | ...       there, 80h group policy (in reserved)
 *   +-------+----------+------+-----+------+-----
 */
enum { VXLAN_SIZE = 8, VXLAN_ID = 0x08, VXLAN_NEXT = 0x04, VXLAN_POLICY = 0x80 };

enum layer vxlan_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    if (cursor_captured(c) < VXLAN_SIZE || (h[0] & ~VXLAN_POLICY) != VXLAN_ID || h[7])
        return LAYER_DONE;
    return enter(c, VXLAN_SIZE, LAYER_ETHER, ENCAPS_VXLAN);
}

enum layer vxlan_gpe_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    if (cursor_captured(c) < VXLAN_SIZE || (h[0] & 0xFC) != (VXLAN_ID | VXLAN_NEXT) || h[7])
        return LAYER_DONE;
    if (h[3] == 3)
        return enter(c, VXLAN_SIZE, LAYER_ETHER, ENCAPS_VXLAN);
    return h[3] == 1 || h[3] == 2 ? enter(c, VXLAN_SIZE, LAYER_IP, ENCAPS_VXLAN) : LAYER_DONE;
}

/*
 * Geneve (RFC 8926).
 *
 *    0           1              2          4     7      8
 *   +-----------+--------------+----------+-----+------+-----
 *   | version 2,| O, C,        | protocol | vni | zero | options
 *   | words 6   | reserved 6   |          |     |      |
 *   +-----------+--------------+----------+-----+------+-----
 */
enum layer geneve_decode(struct cursor *c)
{
    enum {
        GENEVE_SIZE = 8,
        PROTOCOL_ETHERNET = 0x6558,
        PROTOCOL_IP4 = 0x0800,
        PROTOCOL_IP6 = 0x86DD
    };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < GENEVE_SIZE || h[0] >> 6 || h[1] & 0x3F || h[7])
        return LAYER_DONE;
    size_t size = GENEVE_SIZE + (h[0] & 0x3Fu) * 4;
    switch (load_be16(h + 2)) {
    case PROTOCOL_ETHERNET:
        return enter(c, size, LAYER_ETHER, ENCAPS_GENEVE);
    case PROTOCOL_IP4:
    case PROTOCOL_IP6:
        return enter(c, size, LAYER_IP, ENCAPS_GENEVE);
    default:
        return LAYER_DONE;
    }
}

/*
 * GTP version 1, user plane (3GPP TS 29.281).
 *
 *    0                      1      2        4      8          10       11     12
 *   +----------------------+------+--------+------+----------+--------+------+-----
 *   | version 3, PT 1, 0,  | type | length | teid | sequence | n-pdu  | next | extensions:
 *   | E, S, PN             |      |        |      | only if any of E, S, PN  | words 1, ..., next 1
 *   +----------------------+------+--------+------+----------+--------+------+-----
 */
enum layer gtp_decode(struct cursor *c)
{
    enum { GTP_SIZE = 8, OPTIONAL_SIZE = 4, USER_DATA = 255, EXTENDED = 4 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = GTP_SIZE;
    if (captured < GTP_SIZE || (h[0] & 0xF8) != 0x30 || h[1] != USER_DATA)
        return LAYER_DONE;
    if (h[0] & 7)
        size += OPTIONAL_SIZE;
    if (h[0] & EXTENDED) {
        while (size <= captured && h[size - 1]) {
            if (size == captured || !h[size])
                return LAYER_DONE;
            size += h[size] * 4u;
        }
    }
    return enter(c, size, LAYER_IP, ENCAPS_GTP);
}

/*
 * Teredo (RFC 4380): an IPv6 datagram, with an authentication and an origin header before it or
 * not. Any port may be one of a Teredo client, so the length has to fit.
 *
 *    0      1      2           3             4
 *   +------+------+-----------+-------------+------------------------------------+
 *   | 00h  | 01h  | id size   | value size  | id, value, nonce 8, confirmation 1 |
 *   +------+------+-----------+-------------+-----------+------------------------+
 *   | 00h  | 00h  | port      | address               |
 *   +------+------+-----------+-----------------------+
 */
enum layer teredo_decode(struct cursor *c)
{
    enum { AUTHENTICATION_SIZE = 13, ORIGIN_SIZE = 8, IP6_SIZE = 40 };
    struct view rest = cursor_rest(c);
    size_t size = 0;
    if (rest.size >= 4 && load_be16(rest.data) == 1)
        size += AUTHENTICATION_SIZE + rest.data[2] + rest.data[3];
    if (rest.size >= size + 2 && load_be16(rest.data + size) == 0)
        size += ORIGIN_SIZE;
    if (rest.size < size + IP6_SIZE || rest.data[size] >> 4 != 6)
        return LAYER_DONE;
    if (load_be16(rest.data + size + 4) != c->wire - size - IP6_SIZE)
        return LAYER_DONE;
    return enter(c, size, LAYER_IP6, ENCAPS_TEREDO);
}
