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

/* The way of nearly every packet: direct calls take a fifth less time than those of the table. */
static enum layer walk_common(struct cursor *c)
{
    enum { LINK_ETHERNET = 1 };
    if (c->link != LINK_ETHERNET)
        return LAYER_LINK;
    enum layer layer = link_ethernet(c);
    if (likely(layer == LAYER_IP4))
        layer = ip4_decode(c);
    if (layer == LAYER_TCP)
        return tcp_decode(c);
    return layer == LAYER_UDP ? udp_decode(c) : layer;
}

enum packet_loss packet_decode(const struct frame *frame, const struct decode_options *options,
                               struct packet *ret)
{
    if (!frame->captured)
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
    walk(&c, walk_common(&c));

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
