/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/* What capturing systems put before a frame, or in the place of its link header. */

/*
 * Linux cooked captures. The link's header is gone; only the sender's address was kept. 3.0.8 makes
 * an Ethernet header of it whose destination says how the packet came, and so do we.
 *
 *    0             2          4             6         14         16        SLL
 *   +-------------+----------+-------------+---------+----------+-----
 *   | packet type | hardware | address size| address | protocol | ...
 *   +----------+--+-------+--+--------+----+-----+---+-----+----+------+-----    SLL2
 *   | protocol | reserved | interface | hardware | packet  | address   | ...
 *   |          |          |           |          | type 1  | size 1, 8 |
 *   +----------+----------+-----------+----------+---------+-----------+-----
 *   0          2          4           8          10                    20
 */
enum { HARDWARE_FRAME_RELAY = 770, HARDWARE_WLAN = 801, HARDWARE_PRISM = 802 };
enum { HARDWARE_RADIOTAP = 803, HARDWARE_NETLINK = 824 };

struct cooked {
    uint16_t packet_type, hardware, protocol;
    const uint8_t *address;
};

static const uint8_t *cooked_destination(uint16_t packet_type)
{
    static const uint8_t host[6] = {0, 0, 0, 0, 0, 1},
                         broadcast[6] = {255, 255, 255, 255, 255, 255},
                         multicast[6] = {1, 0, 0, 0, 0, 0}, outgoing[6] = {0};
    switch (packet_type) {
    case 1:
        return broadcast;
    case 2:
        return multicast;
    case 4:
        return outgoing;
    default:
        return host;
    }
}

static enum layer cooked_layer(struct cursor *c, const struct cooked *cooked)
{
    enum { RAW_802_3 = 1, LLC = 4, ETHERTYPE_MIN = 1501 };
    struct packet *p = c->packet;
    switch (cooked->hardware) {
    case HARDWARE_FRAME_RELAY:
        return LAYER_FRAME_RELAY;
    case HARDWARE_WLAN:
        return LAYER_WLAN;
    case HARDWARE_PRISM:
        return LAYER_PRISM;
    case HARDWARE_RADIOTAP:
        return LAYER_RADIOTAP;
    case HARDWARE_NETLINK:
        p->ethertype = cooked->protocol;
        return LAYER_DONE;
    default:
        break;
    }
    packet_become_ether(p, cooked_destination(cooked->packet_type), cooked->address,
                        cooked->protocol);
    p->encaps |= ENCAPS_ETHER | ENCAPS_SLL;
    if (cooked->protocol >= ETHERTYPE_MIN)
        return ethertype_layer(c, cooked->protocol);
    return cooked->protocol == LLC || cooked->protocol == RAW_802_3 ? LAYER_LLC : LAYER_DONE;
}

enum layer link_sll(struct cursor *c)
{
    enum { SLL_SIZE = 16 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < SLL_SIZE)
        return cursor_too_short(c);
    packet_deduct(c->packet, SLL_SIZE);
    cursor_skip(c, SLL_SIZE);
    struct cooked cooked = {load_be16(h), load_be16(h + 2), load_be16(h + 14), h + 6};
    return cooked_layer(c, &cooked);
}

enum layer link_sll2(struct cursor *c)
{
    enum { SLL2_SIZE = 20 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < SLL2_SIZE)
        return cursor_too_short(c);
    packet_deduct(c->packet, SLL2_SIZE);
    cursor_skip(c, SLL2_SIZE);
    struct cooked cooked = {h[10], load_be16(h + 8), load_be16(h), h + 12};
    return cooked_layer(c, &cooked);
}

/* Deducts and skips a capturing system's header of this size, if it was captured whole. */
static bool skip_header(struct cursor *c, size_t size, size_t least)
{
    if (size < least || size > cursor_captured(c)) {
        cursor_too_short(c);
        return false;
    }
    packet_deduct(c->packet, size);
    cursor_skip(c, size);
    return true;
}

/* OpenBSD's pf: size of the header less its padding, address family, action, ...; then IP. */
enum layer link_pflog(struct cursor *c)
{
    enum { PFLOG_LEAST = 28 };
    size_t size = (c->at[0] + 3u) & ~3u;
    return skip_header(c, size, PFLOG_LEAST) ? LAYER_IP : LAYER_DONE;
}

/*
 * Linux netfilter's log.
 *
 *    0        1         2          4        6      8
 *   +--------+---------+----------+--------+------+-------+-----      size: of the item from here
 *   | family | version | resource | size   | type | value | ...       on, in the byte order of the
 *   +--------+---------+----------+--------+------+-------+-----      host; padded to four
 */
enum layer link_nflog(struct cursor *c)
{
    enum { NFLOG_SIZE = 4, ITEM_SIZE = 4, PAYLOAD = 9 };
    if (!skip_header(c, NFLOG_SIZE, NFLOG_SIZE))
        return LAYER_DONE;
    while (cursor_captured(c) >= ITEM_SIZE) {
        size_t captured = cursor_captured(c), size = load_le16(c->at);
        uint16_t type = load_le16(c->at + 2);
        if (size < ITEM_SIZE || size > captured || type > 0xFF) {
            size = load_be16(c->at);
            type = load_be16(c->at + 2);
        }
        if (type == PAYLOAD)
            return skip_header(c, ITEM_SIZE, ITEM_SIZE) ? LAYER_IP : LAYER_DONE;
        if (size < ITEM_SIZE || size > captured)
            break;
        size = (size + 3) & ~(size_t)3;
        skip_header(c, size < captured ? size : captured, ITEM_SIZE);
    }
    return LAYER_DONE;
}

/* CACE's per-packet information: version, flags, size 2, link type 4, all little-endian. */
enum layer link_ppi(struct cursor *c)
{
    enum { PPI_SIZE = 8 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < PPI_SIZE)
        return cursor_too_short(c);
    uint32_t link = load_le32(h + 4);
    c->link = link > UINT16_MAX ? UINT16_MAX : (uint16_t)link;
    return skip_header(c, load_le16(h + 2), PPI_SIZE) ? LAYER_LINK : LAYER_DONE;
}

/* Apple's: size 4, type of what follows 4, link type 4, ... */
enum layer link_pktap(struct cursor *c)
{
    enum { PKTAP_SIZE = 12 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < PKTAP_SIZE)
        return cursor_too_short(c);
    uint32_t link = load_le32(h + 8);
    c->link = link > UINT16_MAX ? UINT16_MAX : (uint16_t)link;
    return skip_header(c, load_le32(h), PKTAP_SIZE) ? LAYER_LINK : LAYER_DONE;
}

/*
 * Endace's extensible records.
 *
 *    0           8      9       10     12     14     16
 *   +-----------+------+-------+------+------+------+------------+-----      type: 80h and
 *   | timestamp | type | flags | size | lost | wire | extensions | ...       extensions of 8 while
 *   +-----------+------+-------+------+------+------+------------+-----      their first bit is set
 */
enum layer link_erf(struct cursor *c)
{
    enum { ERF_SIZE = 16, EXTENSION_SIZE = 8, ETHER_PADDING = 2, LINK_PPP_HDLC = 50 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = ERF_SIZE;
    if (captured < ERF_SIZE)
        return cursor_too_short(c);
    uint8_t type = h[8] & 0x7F;
    for (uint8_t more = h[8]; more & 0x80 && size < captured; size += EXTENSION_SIZE)
        more = h[size];
    c->packet->ethertype = type;
    switch (type) {
    case 1: /* packet over SONET, and with colours */
    case 10:
    case 15:
    case 17:
        c->link = LINK_PPP_HDLC;
        return skip_header(c, size, ERF_SIZE) ? LAYER_PPP_LINK : LAYER_DONE;
    case 2: /* Ethernet, and with colours */
    case 11:
    case 16:
    case 20:
        return skip_header(c, size + ETHER_PADDING, ERF_SIZE) ? LAYER_ETHERNET : LAYER_DONE;
    case 22:
    case 23:
        return skip_header(c, size, ERF_SIZE) ? LAYER_IP : LAYER_DONE;
    default:
        return LAYER_DONE;
    }
}

/*
 * Juniper's: "MGC", flags, and with flag 80h the size of extensions and these. Flag 02h: no link
 * header follows but four bytes and IP. The cookie counts as bytes of the flow, as in 3.0.8.
 */
enum layer link_juniper(struct cursor *c)
{
    enum { COOKIE_SIZE = 4, EXTENDED = 0x80, NO_LINK = 0x02, FAMILY_SIZE = 4 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = COOKIE_SIZE;
    if (captured < COOKIE_SIZE + 2)
        return cursor_too_short(c);
    if (h[0] != 'M' || h[1] != 'G' || h[2] != 'C')
        return LAYER_DONE;
    if (h[3] & EXTENDED)
        size += 2u + load_be16(h + 4);
    cursor_skip(c, size);
    if (h[3] & NO_LINK) {
        cursor_skip(c, FAMILY_SIZE);
        return LAYER_IP;
    }
    switch (c->link) {
    case 179:
        return LAYER_PPP_LINK;
    case 180:
        return LAYER_FRAME_RELAY;
    case 181:
        return LAYER_CISCO_HDLC;
    default:
        return LAYER_ETHERNET;
    }
}
