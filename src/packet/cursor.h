/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include "base/attr.h"
#include "packet/packet.h"

/*
 * The cursor that walks over the headers of a frame, for the decoders of this folder only.
 *
 * A decoder looks at what the cursor points to. If that is not a header of its kind, whole enough
 * to be of use, it leaves everything as it is and returns LAYER_DONE: the packet stays what the
 * layer before made of it, and so no packet is lost. Otherwise it moves the cursor behind the
 * header, writes what it learned into the packet, and returns the layer that follows. A decoder
 * whose header names a flow calls packet_become first.
 *
 * There are two lengths. `end` bounds what may be touched; `wire` counts what follows by the length
 * on the wire and by the length field of IPv4, which is what the counters go by. Either may be the
 * larger.
 */
enum layer {
    LAYER_NONE, /* no such layer: of link types that are not known */
    LAYER_DONE, /* nothing more to be read */
#define LAYER(id, decode) LAYER_##id,
#include "packet/layer.def"
#undef LAYER
    LAYER_COUNT,
};

struct cursor {
    const uint8_t *at;  /* the next header */
    const uint8_t *end; /* of the captured bytes */
    uint32_t wire;      /* bytes from `at` on, captured or not */
    uint16_t link;      /* for LAYER_LINK: the LINKTYPE_ to be read */
    uint16_t type;      /* for layers of several types: the Ethertype or protocol that led there */
    bool even;          /* of 802.11: the header is padded to a multiple of four */
    struct packet *packet;
    const struct decode_options *options;
    enum packet_loss loss;
};

#define LAYER(id, decode) enum layer decode(struct cursor *c);
#include "packet/layer.def"
#undef LAYER

/* What an Ethertype announces, or LAYER_DONE. Sets c->type. */
enum layer ethertype_layer(struct cursor *c, uint16_t type);

/* What the type or length at the end of an Ethernet header or a tag announces. */
enum layer ether_payload(struct cursor *c, uint16_t type);

/* What follows where OSI protocols are announced: IS-IS, perhaps behind a byte of padding. */
enum layer osi_layer(struct cursor *c);

/* What an IP protocol number announces inside the header that was just read. */
enum layer ip_upper_layer(const struct cursor *c, uint8_t protocol);

/* Goes behind an authentication header, of which two bytes are there. */
void ah_skip(struct cursor *c);

static inline size_t cursor_captured(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

/* Moves over `size` bytes of the wire, of which some may not have been captured. */
static inline void cursor_skip(struct cursor *c, size_t size)
{
    size_t captured = cursor_captured(c);
    c->at += size < captured ? size : captured;
    c->wire = size < c->wire ? c->wire - (uint32_t)size : 0;
}

/* What was captured from here on, and is not padding behind the wire's end. */
static inline struct view cursor_rest(const struct cursor *c)
{
    size_t captured = cursor_captured(c);
    return (struct view){c->at, captured < c->wire ? captured : c->wire};
}

static inline bool cursor_quirk(const struct cursor *c, enum quirk quirk)
{
    return quirk_is(c->options->quirks, quirk);
}

/* True if this kind of tunnel is to be looked into. */
static inline bool cursor_tunnel(const struct cursor *c, enum packet_tunnel tunnel)
{
    uint32_t tunnels = c->options->tunnels;
    if (cursor_quirk(c, QUIRK_TUNNELS_OPAQUE))
        tunnels &= TUNNEL_308;
    return tunnels & tunnel;
}

/* The link's header was not captured whole: nothing is known of this frame. */
static inline enum layer cursor_too_short(struct cursor *c)
{
    c->loss = LOSS_SHORT;
    return LAYER_DONE;
}

/* Bytes of a link's own header are not counted as bytes of the flow. */
static inline void packet_deduct(struct packet *p, size_t size)
{
    p->bytes = size < p->bytes ? p->bytes - (uint32_t)size : 0;
}

/* The packet is of this kind from now on; what belongs to an outer kind is forgotten. */
static inline void packet_become(struct packet *p, enum packet_kind kind)
{
    p->kind = (uint8_t)kind;
    p->protocol = 0;
    p->frag = FRAG_NONE;
    p->has_ports = false;
    p->has_tcp = false;
    p->has_upper = false;
}

/* An Ethernet flow between two link addresses. */
static inline void packet_become_ether(struct packet *p, const uint8_t *dst, const uint8_t *src,
                                       uint16_t type)
{
    packet_become(p, PACKET_ETHER);
    memcpy(p->mac_dst, dst, sizeof(p->mac_dst));
    memcpy(p->mac_src, src, sizeof(p->mac_src));
    p->has_mac = true;
    p->ethertype = type;
    p->dsap = p->ssap = 0;
}

/* What the fixed part of an IPv4 header says, of which 20 bytes are there. */
static inline void ip4_take(struct packet *p, const uint8_t *header)
{
    p->protocol = header[9];
    p->tos = header[1];
    p->ttl = header[8];
    p->ip_id = load_be16(header + 4);
    p->flow_label = 0;
    memset(p->src, 0, sizeof(p->src));
    memset(p->dst, 0, sizeof(p->dst));
    memcpy(p->src, header + 12, 4);
    memcpy(p->dst, header + 16, 4);
}
