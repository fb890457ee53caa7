/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/* Links between two ends: their headers hold no addresses, only what follows. */

enum { LINK_PPP = 9, LINK_PPP_HDLC = 50, LINK_PPP_DIRECTION = 166 };

/*
 * BSD loopback: the address family in the byte order of the machine that captured, or in network
 * order. The family of IPv6 is another on each system.
 */
enum layer link_null(struct cursor *c)
{
    enum { NULL_SIZE = 4 };
    enum { IP4 = 2, IP6_LINUX = 10, IP6_BSD = 24, IP6_FREEBSD = 28, IP6_DARWIN = 30 };
    struct packet *p = c->packet;
    if (cursor_captured(c) < NULL_SIZE)
        return cursor_too_short(c);
    uint32_t little = load_le32(c->at), big = load_be32(c->at);
    uint32_t family = little < big ? little : big;
    packet_deduct(p, NULL_SIZE);
    cursor_skip(c, NULL_SIZE);
    p->ethertype = (uint16_t)family;
    switch (family) {
    case IP4:
    case IP6_LINUX:
    case IP6_BSD:
    case IP6_FREEBSD:
    case IP6_DARWIN:
        return LAYER_IP;
    default:
        return LAYER_DONE;
    }
}

/*
 * Cisco HDLC.
 *
 *    0         1         2      4
 *   +---------+---------+------+-----      address: 0Fh unicast, 8Fh multicast
 *   | address | control | type | ...
 *   +---------+---------+------+-----
 */
enum { CISCO_SIZE = 4 };

enum layer link_cisco_hdlc(struct cursor *c)
{
    enum { SLARP = 0x8035, OSI = 0xFEFE, BRIDGED = 0x6558 };
    struct packet *p = c->packet;
    if (cursor_captured(c) < CISCO_SIZE)
        return cursor_too_short(c);
    uint16_t type = load_be16(c->at + 2);
    p->encaps |= c->link == LINK_PPP ? ENCAPS_PPP : ENCAPS_CHDLC;
    packet_deduct(p, CISCO_SIZE);
    cursor_skip(c, CISCO_SIZE);
    p->ethertype = type;
    switch (type) {
    case SLARP:
        return LAYER_DONE;
    case OSI:
        return osi_layer(c);
    case BRIDGED:
        return LAYER_ETHER;
    default:
        return ethertype_layer(c, type);
    }
}

/* PPP in HDLC-like framing (RFC 1662); captures of this type may hold Cisco HDLC as well. */
enum layer link_ppp(struct cursor *c)
{
    struct packet *p = c->packet;
    const uint8_t *start = c->at;
    if (cursor_captured(c) >= 2 && (c->at[0] & 0x7F) == 0x0F && !c->at[1])
        return link_cisco_hdlc(c);
    p->encaps |= c->link == LINK_PPP_HDLC ? ENCAPS_PPP | ENCAPS_HDLC : ENCAPS_PPP;
    if (c->link == LINK_PPP_DIRECTION && cursor_captured(c) >= 2 && c->at[1] == 0x03)
        cursor_skip(c, 2);
    enum layer next = ppp_decode(c);
    packet_deduct(p, (size_t)(c->at - start));
    return next;
}

/* BSD/OS puts a header of its own before the datagram, other systems with this type do not. */
enum layer link_bsdos_ppp(struct cursor *c)
{
    enum { BSDOS_SIZE = 24 };
    size_t captured = cursor_captured(c);
    if (captured >= 2 && load_be16(c->at) == 0xFF03)
        return link_ppp(c);
    if (captured <= BSDOS_SIZE)
        return cursor_too_short(c);
    c->packet->encaps |= ENCAPS_PPP;
    packet_deduct(c->packet, BSDOS_SIZE);
    cursor_skip(c, BSDOS_SIZE);
    return LAYER_IP;
}

/*
 * Frame relay (RFC 2427, or Cisco's way with an Ethertype).
 *
 *    0..1..3       2      3       4                  2      4
 *   +-------------+------+-------+-----      +-----+------+-----
 *   | address     | 03h  | NLPID | ...       | ... | type | ...      the address ends with a byte
 *   +-------------+------+-------+-----      +-----+------+-----      whose last bit is set
 */
static enum layer nlpid_layer(struct cursor *c, uint8_t nlpid)
{
    enum { SNAP = 0x80, IP6 = 0x8E, IP4 = 0xCC, PPP = 0xCF };
    enum { SNAP_SIZE = 5, BRIDGED = 0x0080C2 };
    c->packet->ethertype = nlpid;
    switch (nlpid) {
    case IP4:
        return LAYER_IP4;
    case IP6:
        return LAYER_IP6;
    case PPP:
        return LAYER_PPP;
    case SNAP:
        break;
    default:
        return LAYER_DONE;
    }
    if (cursor_captured(c) < SNAP_SIZE)
        return LAYER_DONE;
    uint32_t oui = load_be32(c->at) >> 8;
    uint16_t type = load_be16(c->at + 3);
    cursor_skip(c, SNAP_SIZE);
    c->packet->ethertype = type;
    if (oui == BRIDGED)
        return type == 1 || type == 7 ? LAYER_ETHER : LAYER_DONE;
    return ethertype_layer(c, type);
}

static enum layer frame_relay_payload(struct cursor *c)
{
    enum { UNNUMBERED = 0x03, ISIS = 0x83, PADDING = 0 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured < 2)
        return LAYER_DONE;
    if (h[0] != UNNUMBERED) {
        uint16_t type = load_be16(h);
        cursor_skip(c, 2);
        c->packet->ethertype = type;
        return ethertype_layer(c, type);
    }
    bool padded = h[1] == PADDING && captured >= 3;
    cursor_skip(c, padded ? 2 : 1);
    uint8_t nlpid = c->at[0];
    if (nlpid == ISIS)
        return LAYER_ISIS;
    cursor_skip(c, 1);
    return nlpid_layer(c, nlpid);
}

enum layer link_frame_relay(struct cursor *c)
{
    enum { ADDRESS_MAX = 4 };
    const uint8_t *start = c->at;
    size_t captured = cursor_captured(c), address = 0;
    do {
        address++;
    } while (address < captured && address < ADDRESS_MAX && !(start[address - 1] & 1));
    if (address < 2 || !(start[address - 1] & 1))
        return cursor_too_short(c);
    c->packet->encaps |= ENCAPS_HDLC;
    cursor_skip(c, address);
    enum layer next = frame_relay_payload(c);
    packet_deduct(c->packet, (size_t)(c->at - start));
    return next;
}
