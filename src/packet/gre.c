/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * GRE (RFC 2784, 2890, 1701 for routing) and the GRE of PPTP (version 1, RFC 2637).
 *
 *    0                    2          4
 *   +--------------------+----------+-----------------------------------------------------
 *   | C R K S ... A  ver | protocol | C or R: checksum, offset 4; K: key 4; S: sequence 4;
 *   +--------------------+----------+ A (version 1): acknowledgement 4; R: routing entries
 */
enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x0080,
    GRE_VERSION = 0x0007,
};
enum {
    PROTOCOL_ETHERNET = 0x6558,
    PROTOCOL_PPP = 0x880B,
    PROTOCOL_ERSPAN = 0x88BE,
    PROTOCOL_ERSPAN_3 = 0x22EB,
};

/* Source route entries: family 2, offset 1, length 1, data; one of length zero is the last. */
static bool skip_routing(struct cursor *c)
{
    enum { ENTRY_SIZE = 4 };
    while (cursor_captured(c) >= ENTRY_SIZE) {
        size_t length = c->at[3];
        cursor_skip(c, ENTRY_SIZE + length);
        if (!length)
            return true;
    }
    return false;
}

/*
 * ERSPAN type I is a bare frame, types II and III have a sequence number in GRE. 3.0.8 looks for
 * type II only, at the place where it is with a sequence number.
 */
static enum layer erspan_layer(const struct cursor *c, uint16_t flags, uint16_t protocol)
{
    bool opaque = cursor_quirk(c, QUIRK_TUNNELS_OPAQUE);
    if (protocol == PROTOCOL_ERSPAN_3)
        return opaque ? LAYER_DONE : LAYER_ERSPAN;
    if (flags & GRE_SEQUENCE)
        return LAYER_ERSPAN;
    if (opaque || cursor_captured(c) < 14)
        return LAYER_DONE;
    c->packet->encaps |= ENCAPS_ERSPAN;
    return LAYER_ETHER;
}

enum layer gre_decode(struct cursor *c)
{
    enum { GRE_SIZE = 4 };
    struct packet *p = c->packet;
    bool opaque = cursor_quirk(c, QUIRK_TUNNELS_OPAQUE) && p->kind == PACKET_IP6;
    if (!cursor_tunnel(c, TUNNEL_GRE) || opaque)
        return LAYER_DONE;
    p->encaps |= ENCAPS_GRE;
    if (cursor_captured(c) < GRE_SIZE)
        return LAYER_DONE;
    uint16_t flags = load_be16(c->at), protocol = load_be16(c->at + 2);
    size_t size = GRE_SIZE;
    size += flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4 : 0;
    size += flags & GRE_KEY ? 4 : 0;
    size += flags & GRE_SEQUENCE ? 4 : 0;
    size += (flags & GRE_VERSION) == 1 && flags & GRE_ACK ? 4 : 0;
    cursor_skip(c, size);
    if (flags & GRE_ROUTING && !skip_routing(c))
        return LAYER_DONE;
    switch (protocol) {
    case PROTOCOL_ETHERNET:
        return LAYER_ETHER;
    case PROTOCOL_PPP:
        p->encaps |= ENCAPS_PPP;
        return LAYER_PPP;
    case PROTOCOL_ERSPAN:
    case PROTOCOL_ERSPAN_3:
        return erspan_layer(c, flags, protocol);
    default:
        return ethertype_layer(c, protocol);
    }
}

/*
 * ERSPAN (draft-foschiano-erspan), a mirrored frame with the switch's remarks before it.
 *
 *    0                     4              8
 *   +---------------------+--------------+-----                              type II, version 1
 *   | version 4, VLAN 12, | reserved,    | frame
 *   | ..., session 10     | index 20     |
 *   +---------------------+--------------+---------------------+-----        type III, version 2
 *   | as above            | timestamp    | group 16, P 1,      | O: 8 bytes more; frame, or
 *   |                     |              | frame type 5, .., O | IP if the frame type is 2
 *   +---------------------+--------------+---------------------+-----
 */
enum layer erspan_decode(struct cursor *c)
{
    enum { TYPE2_SIZE = 8, TYPE3_SIZE = 12, PLATFORM_SIZE = 8, ETHER_SIZE = 14 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = TYPE2_SIZE;
    enum layer next = LAYER_ETHER;
    if (captured < TYPE2_SIZE + ETHER_SIZE)
        return LAYER_DONE;
    if (h[0] >> 4 == 2 && !cursor_quirk(c, QUIRK_TUNNELS_OPAQUE)) {
        size = TYPE3_SIZE + (h[11] & 1 ? PLATFORM_SIZE : 0);
        if ((h[10] >> 2 & 31) == 2)
            next = LAYER_IP;
    } else if (h[0] >> 4 != 1) {
        return LAYER_DONE;
    }
    c->packet->encaps |= ENCAPS_ERSPAN;
    cursor_skip(c, size);
    return next;
}
