/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * Ethernet (IEEE 802.3) and the tags of IEEE 802.1Q.
 *
 *    0             6             12     14
 *   +-------------+-------------+------+-----      type > 1500: an Ethertype
 *   | destination | source      | type | ...       type <= 1500: the length, and LLC follows
 *   +-------------+-------------+------+-----
 *
 *    0     2      4
 *   +-----+------+-----      tci: priority 3 bits, drop eligible 1, VLAN 12
 *   | tci | type | ...       The tag's own type, 0x8100 and others, stands before it.
 *   +-----+------+-----
 */
enum { ETHER_SIZE = 14, ETHER_LENGTH_MAX = 1500, VLAN_SIZE = 4 };
enum { TYPE_FABRIC_PATH = 0x8903, TYPE_PROVIDER = 0x88E7, TYPE_VN_TAG = 0x8926 };

enum layer ethertype_layer(struct cursor *c, uint16_t type)
{
    c->type = type;
    switch (type) {
    case 0x0800:
        return LAYER_IP4;
    case 0x86DD:
        return LAYER_IP6;
    case 0x8100:
        return LAYER_VLAN;
    case 0x0806:
    case 0x8035:
        return LAYER_ARP;
    case 0x88A8: /* of providers (802.1ad), and three that were used before there was a standard */
    case 0x9100:
    case 0x9200:
    case 0x9300:
        return cursor_quirk(c, QUIRK_OUTER_TAGS_OPAQUE) ? LAYER_DONE : LAYER_VLAN;
    case TYPE_FABRIC_PATH:
    case TYPE_PROVIDER:
    case TYPE_VN_TAG:
        return cursor_quirk(c, QUIRK_OUTER_TAGS_OPAQUE) ? LAYER_DONE : LAYER_SWITCH_TAG;
    case 0x8847:
    case 0x8848:
        return LAYER_MPLS;
    case 0x8863:
    case 0x8864:
        return LAYER_PPPOE;
    case 0x88BE:
        return LAYER_ERSPAN;
    default:
        return LAYER_DONE;
    }
}

bool packet_ethertype_known(uint16_t type)
{
    const struct decode_options options = {0};
    struct cursor c = {.options = &options};
    return ethertype_layer(&c, type) != LAYER_DONE;
}

enum layer ether_payload(struct cursor *c, uint16_t type)
{
    return likely(type > ETHER_LENGTH_MAX) ? ethertype_layer(c, type) : LAYER_LLC;
}

/* An address of Cisco's Inter-Switch Link, which puts a header and LLC before the whole frame. */
static bool is_isl(const uint8_t *dst)
{
    return (dst[0] == 0x01 || dst[0] == 0x03) && !dst[1] && dst[2] == 0x0C && !dst[3] && !dst[4];
}

enum layer ether_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    if (cursor_captured(c) < ETHER_SIZE)
        return LAYER_DONE;
    uint16_t type = load_be16(h + 12);
    packet_become_ether(p, h, h + 6, type);
    p->encaps |= ENCAPS_ETHER;
    cursor_skip(c, ETHER_SIZE);
    enum layer next = ether_payload(c, type);
    return unlikely(next == LAYER_LLC) && is_isl(h) ? LAYER_ISL : next;
}

/* The frame is captured from its first byte on; of a cut header the missing bytes count as zero. */
enum layer link_ethernet(struct cursor *c)
{
    size_t captured = cursor_captured(c);
    if (c->wire < ETHER_SIZE)
        return cursor_too_short(c);
    if (likely(captured >= ETHER_SIZE))
        return ether_decode(c);
    uint8_t header[ETHER_SIZE] = {0};
    memcpy(header, c->at, captured);
    cursor_skip(c, ETHER_SIZE);
    packet_become_ether(c->packet, header, header + 6, 0);
    c->packet->encaps |= ENCAPS_ETHER;
    return LAYER_DONE;
}

enum layer vlan_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    p->encaps |= ENCAPS_8021Q;
    if (cursor_captured(c) < VLAN_SIZE)
        return LAYER_DONE;
    p->has_vlan = true;
    p->vlan_tci = load_be16(c->at);
    uint16_t type = load_be16(c->at + 2);
    cursor_skip(c, VLAN_SIZE);
    return ether_payload(c, type);
}

/*
 * What switches put between the outer addresses and the frame: a forwarding tag of Cisco's
 * FabricPath (2 bytes) or of a provider's backbone (802.1ah, 4 bytes), with a whole frame behind
 * it; or Cisco's VN-Tag (4 bytes), with a type behind it.
 */
enum layer switch_tag_decode(struct cursor *c)
{
    enum { FABRIC_PATH_SIZE = 2, PROVIDER_SIZE = 4, VN_TAG_SIZE = 6 };
    if (c->type == TYPE_VN_TAG && cursor_captured(c) < VN_TAG_SIZE)
        return LAYER_DONE;
    const uint8_t *h = c->at;
    switch (c->type) {
    case TYPE_VN_TAG:
        cursor_skip(c, VN_TAG_SIZE);
        return ether_payload(c, load_be16(h + 4));
    case TYPE_PROVIDER:
        cursor_skip(c, PROVIDER_SIZE);
        return LAYER_ETHER;
    default:
        cursor_skip(c, FABRIC_PATH_SIZE);
        return LAYER_ETHER;
    }
}

/*
 * ISL (Cisco): its addresses stand where those of Ethernet are, then come the length, LLC/SNAP, and
 * after 26 bytes in all the frame that it carries.
 */
enum layer isl_decode(struct cursor *c)
{
    enum { ISL_SIZE = 26 };
    c->packet->encaps |= ENCAPS_ISL;
    c->packet->ethertype = 0;
    cursor_skip(c, ISL_SIZE - ETHER_SIZE);
    return LAYER_ETHER;
}
