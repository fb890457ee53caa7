/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/* Local networks other than plain Ethernet. Where there are 48-bit addresses they make a flow. */

/*
 * FDDI (ANSI X3.139).
 *
 *    0         1     7     13
 *   +---------+-----+-----+-----      control: 01x1 (and 11x1) is LLC
 *   | control | dst | src | ...
 *   +---------+-----+-----+-----
 */
enum layer link_fddi(struct cursor *c)
{
    enum { FDDI_SIZE = 13 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < FDDI_SIZE)
        return cursor_too_short(c);
    packet_become_ether(c->packet, h + 1, h + 7, 0);
    cursor_skip(c, FDDI_SIZE);
    return (h[0] & 0x70) == 0x50 ? LAYER_LLC : LAYER_DONE;
}

/*
 * Token ring (IEEE 802.5).
 *
 *    0        1       2     8     14
 *   +--------+-------+-----+-----+-----------+-----      frame control: 01...... is LLC
 *   | access | frame | dst | src | route 0-31| ...       the first bit of src: a route follows,
 *   +--------+-------+-----+-----+-----------+-----      its size in the low 5 bits of a byte
 */
enum layer link_token_ring(struct cursor *c)
{
    enum { TOKEN_RING_SIZE = 14 };
    struct packet *p = c->packet;
    const uint8_t *h = c->at;
    if (cursor_captured(c) < TOKEN_RING_SIZE)
        return cursor_too_short(c);
    packet_become_ether(p, h + 2, h + 8, 0);
    p->mac_src[0] &= 0x7F;
    cursor_skip(c, TOKEN_RING_SIZE);
    if (h[8] & 0x80 && cursor_captured(c))
        cursor_skip(c, c->at[0] & 31);
    return h[1] >> 6 == 1 ? LAYER_LLC : LAYER_DONE;
}

/*
 * ARCNET with the framing of RFC 1201, or for types 240 and 241 of RFC 1051.
 *
 *    0     1     2      3       4          6                  RFC 1051 has only the first three
 *   +-----+-----+------+-------+----------+-----              flag: 0 or odd begins a datagram;
 *   | src | dst | type | flag  | sequence | ...                     FFh: type, flag, sequence
 *   +-----+-----+------+-------+----------+-----                    come once more
 */
enum { ARCNET_IP_OLD = 240, ARCNET_ARP_OLD = 241 };

static enum layer arcnet_layer(struct cursor *c, uint8_t type)
{
    enum { ARCNET_IP6 = 196, ARCNET_IP = 212, ARCNET_ARP = 213, ARCNET_RARP = 214 };
    c->packet->ethertype = type;
    switch (type) {
    case ARCNET_IP:
    case ARCNET_IP_OLD:
        return LAYER_IP4;
    case ARCNET_IP6:
        return LAYER_IP6;
    case ARCNET_ARP:
    case ARCNET_ARP_OLD:
    case ARCNET_RARP:
        return LAYER_ARP;
    default:
        return LAYER_DONE;
    }
}

/* `place`: where the type stands; before it are the addresses, and Linux's offset of the data. */
static enum layer arcnet_decode(struct cursor *c, size_t place)
{
    enum { EXCEPTION = 0xFF, FRAMING = 4 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = place + 1;
    if (captured < size)
        return cursor_too_short(c);
    uint8_t type = h[place], flag = 0;
    if (type != ARCNET_IP_OLD && type != ARCNET_ARP_OLD) {
        if (captured < place + FRAMING)
            return cursor_too_short(c);
        size = place + FRAMING;
        flag = h[place + 1];
        if (flag == EXCEPTION && captured >= size + FRAMING) {
            flag = h[size + 1];
            size += FRAMING;
        }
    }
    packet_deduct(c->packet, size);
    cursor_skip(c, size);
    enum layer next = arcnet_layer(c, type);
    return !flag || flag & 1 ? next : LAYER_DONE;
}

enum layer link_arcnet(struct cursor *c)
{
    return arcnet_decode(c, 2);
}

enum layer link_arcnet_linux(struct cursor *c)
{
    return arcnet_decode(c, 4);
}

/*
 * Ethernet frames between a processor and its switch, with the port in a tag before the type
 * (the kernel's Distributed Switch Architecture).
 *
 *    0     6     12                 16                                 Broadcom, Marvell
 *   +-----+-----+------------------+------+-----
 *   | dst | src | tag              | type | ...
 *   +-----+-----+------------------+------+-----+-----                 Marvell with Ethertype
 *   | dst | src | Ethertype | zero | tag        | type ...
 *   +-----+-----+-----------+------+------------+-----
 */
enum { DSA_PLACE = 12, DSA_SIZE = 4, DSA_ETHERTYPE_SIZE = 4, LINK_DSA_ETHERTYPE = 285 };

static enum layer dsa_decode(struct cursor *c, size_t type_place)
{
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured < DSA_PLACE)
        return cursor_too_short(c);
    bool whole = captured >= type_place + 2;
    uint16_t type = whole ? load_be16(h + type_place) : 0;
    packet_become_ether(c->packet, h, h + 6, type);
    c->packet->encaps |= ENCAPS_ETHER;
    cursor_skip(c, type_place + 2);
    return whole ? ether_payload(c, type) : LAYER_DONE;
}

enum layer link_dsa_broadcom(struct cursor *c)
{
    return dsa_decode(c, DSA_PLACE + DSA_SIZE);
}

/* A frame that came with a VLAN tag has it within Marvell's: a bit says so, the rest is in place.
 */
enum layer link_dsa_marvell(struct cursor *c)
{
    enum { TAGGED = 0x20, NOT_TCI = 0x1000 };
    struct packet *p = c->packet;
    size_t place = DSA_PLACE + (c->link == LINK_DSA_ETHERTYPE ? DSA_ETHERTYPE_SIZE : 0);
    if (cursor_captured(c) >= place + DSA_SIZE && c->at[place] & TAGGED) {
        p->has_vlan = true;
        p->vlan_tci = load_be16(c->at + place + 2) & (uint16_t)~NOT_TCI;
        p->encaps |= ENCAPS_8021Q;
    }
    return dsa_decode(c, place + DSA_SIZE);
}

/* Fibre Channel (RFC 2625): addresses of 8 bytes, the last six of which are of Ethernet; and LLC.
 */
enum layer link_ip_over_fc(struct cursor *c)
{
    enum { FC_SIZE = 16 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < FC_SIZE)
        return cursor_too_short(c);
    packet_become_ether(c->packet, h + 2, h + 10, 0);
    cursor_skip(c, FC_SIZE);
    return LAYER_LLC;
}

/* Links whose header ends with an Ethertype (InfiniBand: and two zeros), RFC 2734 and 4391. */
enum layer link_ethertype(struct cursor *c)
{
    enum { TYPE_SIZE = 2, INFINIBAND_SIZE = 4, LINK_INFINIBAND = 242 };
    size_t size = c->link == LINK_INFINIBAND ? INFINIBAND_SIZE : TYPE_SIZE;
    if (cursor_captured(c) < size)
        return cursor_too_short(c);
    uint16_t type = load_be16(c->at);
    c->packet->ethertype = type;
    cursor_skip(c, size);
    return ethertype_layer(c, type);
}
