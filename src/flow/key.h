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
    FLOW_PAIR4, /* all between two addresses, see keying.h */
    FLOW_PAIR6,
};

/* Where the types of ARP and RARP, of hardware and protocol, stand in the second end. */
enum { FLOW_ARP_TYPES = 12 };

struct flow_key {
    uint8_t addr[2][16]; /* the two ends: IP, or MAC in the first six bytes */
    uint16_t port[2];    /* of the ends; SAPs of LLC; inner protocol and port of ICMP errors */
    uint32_t id;         /* DNS id, ICMP id and sequence, SPI, fragment id, inner address */
    uint8_t kind;        /* enum flow_kind */
    uint8_t protocol;    /* IP protocol; size of protocol addresses of ARP */
    uint8_t type, code;  /* ICMP, IGMP; hardware size and operation of ARP */
    uint32_t mark;       /* of what is around the packet, see keying.h; checksum of ISIS */
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

/* The key of a packet as one of Ethernet, and of a packet over IP as one of a pair. Results as
 * above. */
bool flow_key_ether(struct flow_key *ret, const struct packet *packet);
bool flow_key_ip_pair(struct flow_key *ret, const struct packet *packet);

/* Exchanges the two ends. */
void flow_key_exchange(struct flow_key *key, bool ports);

/* Of the key of an ARP reply, which is that of its request: what it would be without requests. */
void flow_key_arp_reply(struct flow_key *key, const struct packet *packet);

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

/*
 * Which of the shards that a flow table is divided into has the flow. Flows over IP are divided by
 * their two addresses, in whatever order they stand, so that the fragments of a datagram, of which
 * only the first tells its flow, are where that is. A membership message has its group for an
 * address: it goes by the other one. Whatever has no fragments goes by its whole key.
 */
enum { FLOW_SHARDS_LOG = 1, FLOW_SHARDS = 1 << FLOW_SHARDS_LOG };

static inline uint8_t flow_key_shard(const struct flow_key *key, uint32_t tag)
{
    enum { PROTO_IGMP = 2, TOP = 64 - FLOW_SHARDS_LOG };
    const uint64_t factor = UINT64_C(0xd6e8feb86659fd93), factor6 = UINT64_C(0xa3b195354a39b70d);
    if (likely(key->kind == FLOW_IP4 || key->kind == FLOW_FRAGMENT4)) {
        uint64_t sum = load_le32(key->addr[0]);
        if (likely(key->protocol != PROTO_IGMP))
            sum += load_le32(key->addr[1]);
        return (uint8_t)(sum * factor >> TOP);
    }
    if (unlikely(key->kind > FLOW_FRAGMENT6))
        return tag % FLOW_SHARDS;
    uint64_t high = load_le64(key->addr[0]) + load_le64(key->addr[1]);
    uint64_t low = load_le64(key->addr[0] + 8) + load_le64(key->addr[1] + 8);
    return (uint8_t)((high * factor + low * factor6) >> TOP);
}

/* A packet with its key, and what follows from the key; meters and the index both go by them. */
struct keyed_packet {
    struct flow_key key;
    uint32_t tag;   /* of the key */
    bool is_second; /* the packet's sender is the second end of the key */
    uint8_t shard;
    bool is_error_about; /* the packet is an error about the flow of the key, see flow/mapping.h */
    struct packet packet;
};

_Static_assert(sizeof(struct keyed_packet) == 256, "four cache lines");

/* Of a packet that has its key. */
static inline void keyed_packet_name(struct keyed_packet *p)
{
    p->tag = flow_key_tag(&p->key);
    p->shard = flow_key_shard(&p->key, p->tag);
}

static inline void keyed_packet_complete(struct keyed_packet *p, uint32_t quirks)
{
    p->is_second = flow_key_build(&p->key, &p->packet, quirks);
    p->is_error_about = false;
    keyed_packet_name(p);
}

static inline bool flow_key_equal(const struct flow_key *a, const struct flow_key *b)
{
    return !memcmp(a, b, sizeof(*a));
}

/* ICMP and ICMPv6 types that report an error about another datagram, which they quote. */
bool flow_icmp_is_error(uint8_t type, bool ip6);

/* The type of request that this type replies to; of all others, the type itself. */
uint8_t flow_icmp_request(uint8_t type, bool ip6);
