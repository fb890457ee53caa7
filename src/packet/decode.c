/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/packet.h"

#include "packet/cursor.h"

/*
 * The way through a frame: from the link type inwards, one decoder after the other, until one says
 * that there is nothing more to read. No frame can keep us longer than DEPTH_MAX headers; what was
 * reached by then is what the packet is.
 */
enum { DEPTH_MAX = 32 };

typedef enum layer layer_decoder(struct cursor *c);

static layer_decoder *const decoders[LAYER_COUNT] = {
#define LAYER(id, decode) [LAYER_##id] = decode,
#include "packet/layer.def"
#undef LAYER
};

static void walk(struct cursor *c, enum layer layer)
{
    for (unsigned depth = 0; layer > LAYER_DONE && depth < DEPTH_MAX; depth++)
        layer = decoders[layer](c);
}

/*
 * The way of nearly every packet: Ethernet, and IPv4 without options and fragments. Both headers
 * have fixed places then, and are read in one piece, as link_ethernet and ip4_decode would do one
 * after the other. Anything else begins at its link's header.
 */
enum { TYPE_IP4 = 0x0800, PROTO_TCP = 6, PROTO_UDP = 17 };
enum { ETHER_SIZE = 14, IP4_SIZE = 20, BOTH_SIZE = ETHER_SIZE + IP4_SIZE };

static bool is_plain(const struct cursor *c)
{
    enum { LINK_ETHERNET = 1, TYPE_AND_VERSION = 0x080045, FRAGMENT = 0x3FFF };
    const uint8_t *h = c->at;
    return c->link == LINK_ETHERNET && cursor_captured(c) >= BOTH_SIZE && c->wire >= ETHER_SIZE &&
           load_be32(h + ETHER_SIZE - 3) << 8 >> 8 == TYPE_AND_VERSION &&
           load_be16(h + ETHER_SIZE + 2) >= IP4_SIZE && !(load_be16(h + ETHER_SIZE + 6) & FRAGMENT);
}

static enum layer walk_plain(struct cursor *c)
{
    if (unlikely(!is_plain(c)))
        return LAYER_LINK;
    const uint8_t *ether = c->at, *ip4 = ether + ETHER_SIZE;
    struct packet *p = c->packet;
    packet_become_ether(p, ether, ether + 6, c->type = TYPE_IP4);
    p->encaps = ENCAPS_ETHER;
    p->kind = PACKET_IP4;
    ip4_take(p, ip4);
    p->ip_options = 0;
    c->at = ip4 + IP4_SIZE;
    c->wire = load_be16(ip4 + 2) - IP4_SIZE;
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    if (p->protocol == PROTO_TCP)
        return tcp_decode(c);
    return p->protocol == PROTO_UDP ? udp_decode(c) : ip_upper_layer(c, p->protocol);
}

enum packet_loss packet_decode(const struct frame *frame, const struct decode_options *options,
                               struct packet *ret)
{
    if (unlikely(!frame->captured))
        return LOSS_SHORT;
    struct cursor c = {
        .at = frame->data,
        .end = frame->data + frame->captured,
        .wire = frame->wire,
        .link = frame->link,
        .packet = ret,
        .options = options,
    };
    ret->time = frame->time;
    ret->bytes = frame->wire;
    ret->encaps = 0;
    ret->has_mac = false;
    ret->has_vlan = false;
    ret->has_mpls = false;
    packet_become(ret, PACKET_LINK);
    walk(&c, walk_plain(&c));

    /* These have no lengths of their own: all of the frame counts, and what is left is the data. */
    if (ret->kind == PACKET_ETHER || ret->kind == PACKET_LINK) {
        ret->app_bytes = ret->bytes;
        ret->payload = cursor_rest(&c);
    }
    return c.loss;
}

bool packet_decode_inner(struct view datagram, const struct decode_options *options,
                         struct packet *ret)
{
    if (!datagram.size)
        return false;
    struct cursor c = {
        .at = datagram.data,
        .end = datagram.data + datagram.size,
        .wire = (uint32_t)datagram.size,
        .packet = ret,
        .options = options,
    };
    memset(ret, 0, sizeof(*ret));
    ret->kind = PACKET_LINK;
    walk(&c, LAYER_IP);
    return ret->kind == PACKET_IP4 || ret->kind == PACKET_IP6;
}
