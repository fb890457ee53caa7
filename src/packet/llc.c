/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * Logical link control (IEEE 802.2), and SNAP (RFC 1042) behind it.
 *
 *    0      1      2         3     6      8
 *   +------+------+---------+-----+------+-----    control is of two bytes unless its low
 *   | dsap | ssap | control | oui | type | ...     two bits are set (unnumbered frames);
 *   +------+------+---------+-----+------+-----    oui and type only if both SAPs are AA
 */
enum { LLC_SIZE = 3, SNAP_SIZE = 8 };
enum { SAP_SNAP = 0xAA, SAP_OSI = 0xFE, UNNUMBERED = 0x03 };

static enum layer snap_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    uint32_t oui = load_be32(c->at + 2) & 0xFFFFFF;
    uint16_t type = load_be16(c->at + 6);
    cursor_skip(c, SNAP_SIZE);
    enum layer next = ethertype_layer(c, type);
    if (p->encaps & ENCAPS_ETHER)
        return next;
    /* On links that know no Ethertypes SNAP stands for them, and frames of Ethernet are bridged. */
    if (!oui)
        p->ethertype = type;
    if (oui == 0x0080C2 && (type == 1 || type == 7)) {
        if (p->encaps & ENCAPS_ATM)
            cursor_skip(c, 2); /* RFC 2684: padding */
        return LAYER_ETHER;
    }
    return next;
}

enum layer llc_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    size_t captured = cursor_captured(c);
    p->ethertype = 0;
    if (captured < LLC_SIZE - 1)
        return LAYER_DONE;
    p->encaps |= ENCAPS_LLC;
    p->dsap = h[0];
    p->ssap = h[1];
    if (captured < LLC_SIZE)
        return LAYER_DONE;
    if (h[0] == SAP_SNAP && h[1] == SAP_SNAP && h[2] == UNNUMBERED && captured >= SNAP_SIZE)
        return snap_decode(c);
    if (h[0] == 0xFF && h[1] == 0xFF)
        return LAYER_DONE; /* IPX without any LLC: these bytes are its own */
    cursor_skip(c, (h[2] & UNNUMBERED) == UNNUMBERED ? LLC_SIZE : LLC_SIZE + 1);
    bool osi = h[0] == SAP_OSI && h[1] == SAP_OSI && h[2] == UNNUMBERED;
    return osi ? osi_layer(c) : LAYER_DONE;
}
