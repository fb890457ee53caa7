/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "packet/packet.h"

/*
 * Flow key: what makes two packets belong to one flow, as bytes that can be hashed and compared
 * whole. There is no padding; members that a kind of flow does not use are zero.
 *
 * The two ends stand in an order that both directions agree on: numeric for most protocols, the
 * order of the request where a reply is folded on its request. Kinds that never join their two
 * directions stand in packet order.
 */
enum flow_kind {
    FLOW_IP4 = 1,
    FLOW_IP6,
    FLOW_FRAGMENT4, /* later fragments that no first fragment was seen of */
    FLOW_FRAGMENT6,
    FLOW_ETHER,
    FLOW_ARP,
    FLOW_RARP,
    FLOW_WLAN,
    FLOW_ISIS,
};

struct flow_key {
    uint8_t addr[2][16]; /* the two ends: IP, or MAC in the first six bytes */
    uint16_t port[2];    /* of the ends; SAPs of LLC; inner protocol and port of ICMP errors */
    uint32_t id;         /* DNS id, ICMP id and sequence, SPI, fragment id, inner address */
    uint8_t kind;        /* enum flow_kind */
    uint8_t protocol;    /* IP protocol; size of protocol addresses of ARP */
    uint8_t type, code;  /* ICMP, IGMP; hardware size and operation of ARP */
    uint32_t mark;       /* what else tells flows apart, see key.c */
};

enum { FLOW_KEY_WORDS = 6 };
_Static_assert(sizeof(struct flow_key) == 8 * FLOW_KEY_WORDS, "keys are hashed by words");
_Static_assert((int)FLOW_KEY_WORDS <= HASH_SHORT_WORDS, "as many as hash_short has factors for");

/*
 * Builds the key of a packet. True when the packet's sender is the second end of the key. A later
 * fragment gets the key of its fragment flow.
 */
bool flow_key_build(struct flow_key *ret, const struct packet *packet, uint32_t quirks);

/* The key under which the later fragments of this first fragment look for their flow. */
void flow_key_fragment(struct flow_key *ret, const struct packet *packet);

/* What else may tell flows over IP apart. */
enum flow_key_part {
    FLOW_KEY_VLAN = 1 << 0, /* identifier of the innermost tag; without one, 0 */
    FLOW_KEY_MPLS = 1 << 1, /* outermost label; without one, 0 */
};

/* Adds these parts to a key of this packet, or of one that it speaks about. */
void flow_key_extend(struct flow_key *key, const struct packet *packet, uint32_t parts);

static inline uint64_t flow_key_hash(const struct flow_key *key)
{
    return hash_short(key, FLOW_KEY_WORDS);
}

/*
 * The half of the hash that tables know a flow by. The index has it in its files: it must not
 * change without the version of these.
 */
static inline uint32_t flow_key_tag(const struct flow_key *key)
{
    return (uint32_t)(flow_key_hash(key) >> 32);
}

/* A packet with its key and the key's tag, which the meter and the index both go by. */
struct keyed_packet {
    struct flow_key key;
    uint32_t tag;   /* of the key */
    bool is_second; /* the packet's sender is the second end of the key */
    struct packet packet;
    uint64_t fill; /* four cache lines in all */
};

_Static_assert(sizeof(struct keyed_packet) == 256, "whole cache lines");

static inline void keyed_packet_complete(struct keyed_packet *p, uint32_t quirks)
{
    p->is_second = flow_key_build(&p->key, &p->packet, quirks);
    p->tag = flow_key_tag(&p->key);
}

static inline void keyed_packet_extend(struct keyed_packet *p, uint32_t parts)
{
    flow_key_extend(&p->key, &p->packet, parts);
    p->tag = flow_key_tag(&p->key);
}

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
    return !memcmp(a, b, sizeof(*a));
}

/* ICMP and ICMPv6 types that report an error about another datagram, which they quote. */
bool flow_icmp_is_error(uint8_t type, bool ip6);

/* True for ICMP replies whose key is that of their request. */
bool flow_icmp_is_reply(uint8_t type, bool ip6);

/* The type of request that this type replies to; of all others, the type itself. */
uint8_t flow_icmp_request(uint8_t type, bool ip6);
