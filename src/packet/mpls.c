/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "packet/cursor.h"

/*
 * MPLS (RFC 3032): a stack of label words, and then something that nothing announces.
 *
 *    0                   20    23  24       32
 *   +-------------------+-----+---+--------+     bottom: 1 in the last word of the stack
 *   | label             | tc  | b | ttl    |
 *   +-------------------+-----+---+--------+
 */
enum { LABEL_SIZE = 4, BOTTOM = 0x100, LABEL_SHIFT = 12 };

static bool is_common_ethertype(uint16_t type)
{
    switch (type) {
    case 0x0800:
    case 0x0806:
    case 0x86DD:
    case 0x8100:
    case 0x88A8:
    case 0x8847:
    case 0x8848:
    case 0x8863:
    case 0x8864:
        return true;
    default:
        return false;
    }
}

/*
 * The first four bits tell IP by its version (RFC 4928), but a link address may begin with the same
 * ones: the length has to fit as well.
 */
static bool is_ip4(const struct cursor *c)
{
    const uint8_t *h = c->at;
    if (h[0] >> 4 != 4)
        return false;
    if (cursor_captured(c) < 20)
        return true;
    size_t header = (h[0] & 15u) * 4, total = load_be16(h + 2);
    return header >= 20 && total >= header && total <= c->wire;
}

static bool is_ip6(const struct cursor *c)
{
    const uint8_t *h = c->at;
    if (h[0] >> 4 != 6)
        return false;
    return cursor_captured(c) < 40 || load_be16(h + 4) + 40u <= c->wire;
}

/*
 * An Ethernet pseudo-wire (RFC 4448) may have a control word before the frame; its first four bits
 * are zero, as those of most link addresses are. The place where a well-known Ethertype stands
 * decides; if there is none, an all-zero word is taken for a control word.
 */
static bool has_control_word(const struct cursor *c)
{
    enum { TYPE = 12 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (h[0] >> 4 || captured < LABEL_SIZE + TYPE + 2 || is_common_ethertype(load_be16(h + TYPE)))
        return false;
    return is_common_ethertype(load_be16(h + LABEL_SIZE + TYPE)) || !load_be32(h);
}

/* RFC 4385: 0001, version and reserved bits, and the type of what is in this channel. */
static enum layer associated_channel(struct cursor *c)
{
    uint16_t type = load_be16(c->at + 2);
    cursor_skip(c, LABEL_SIZE);
    if (type == 0x0021)
        return LAYER_IP4;
    return type == 0x0057 ? LAYER_IP6 : LAYER_DONE;
}

static enum layer guess_next(struct cursor *c)
{
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured < LABEL_SIZE)
        return LAYER_DONE;
    if (is_ip4(c))
        return LAYER_IP4;
    if (is_ip6(c))
        return LAYER_IP6;
    uint32_t word = load_be32(h);
    if ((word & 0xFFFF) == 0x0800 || (word & 0xFFFF) == 0x86DD)
        return LAYER_VLAN;
    if (word >> 16 == 0x1000)
        return associated_channel(c);
    if (has_control_word(c))
        cursor_skip(c, LABEL_SIZE);
    return LAYER_ETHER;
}

/* The next label of a stack, which is known by its hash: there may be any number of them. */
static uint32_t add_label(uint32_t stack, uint32_t label)
{
    return (uint32_t)hash_words(stack, &(uint64_t){label}, 1);
}

enum layer mpls_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    p->encaps |= ENCAPS_MPLS;
    if (cursor_captured(c) >= LABEL_SIZE && !p->has_mpls) {
        p->has_mpls = true;
        p->mpls = load_be32(c->at);
        p->mpls_stack = 0;
    }
    while (cursor_captured(c) >= LABEL_SIZE) {
        uint32_t word = load_be32(c->at);
        cursor_skip(c, LABEL_SIZE);
        p->mpls_stack = add_label(p->mpls_stack, word >> LABEL_SHIFT);
        if (word & BOTTOM)
            return guess_next(c);
    }
    return LAYER_DONE;
}
