/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/identity.h"
#include "packet/packet.h"

/*
 * Under which identities a packet is found in the index: that of its flow; of an ICMP error, that
 * of the flow which it is about, too. A later fragment is found under the identity of its datagram:
 * which flow that belongs to is known from its first fragment. The identities of its pairs
 * (flow/keying.h) are not in the index, but records of pairs have them.
 */
enum lookup_reason { LOOKUP_FLOW, LOOKUP_FRAGMENT, LOOKUP_ERROR, LOOKUP_PAIR };

enum { LOOKUP_MOST = 4 };

struct lookup_key {
    struct flow_key identity;
    enum lookup_reason reason;
};

struct lookup_keys {
    struct flow_key flow; /* key of the packet's flow, or datagram, whole */
    bool second;          /* the sender is the second end of the flow's key */
    unsigned count;
    struct lookup_key list[LOOKUP_MOST];
};

/* The identity of the flow that an ICMP error is about; false if the packet is none. */
bool lookup_quoted(struct flow_key *ret, const struct packet *packet,
                   const struct decode_options *options);

void lookup_keys_of_packet(struct lookup_keys *ret, const struct packet *packet,
                           const struct decode_options *options);

/* The identity under which the later fragments of this first one are found. */
void lookup_fragments_of(struct flow_key *ret, const struct packet *first);

/* Part of the format of segments: it must never change without the version. */
static inline uint32_t lookup_hash(const struct flow_key *identity)
{
    return flow_key_tag(identity);
}
