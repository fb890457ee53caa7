/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/key.h"

/*
 * Keying: by what packets are told apart, when that is something else than what key.h has. A flow
 * may be all that two addresses say to each other (a *pair*, "matrix" in Argus), headers around the
 * packet may tell it apart from others, and each direction may be a flow of its own.
 */
enum flow_basis {
    FLOW_BASIS_TUPLE,    /* as flow_key_build has it */
    FLOW_BASIS_IP_PAIR,  /* what is not IP keeps its key */
    FLOW_BASIS_MAC_PAIR, /* and the type of the frame; what has no Ethernet header keeps its key */
};

enum flow_key_part {
    FLOW_KEY_VLAN = 1 << 0,   /* identifier of the innermost tag; without one, 0 */
    FLOW_KEY_MPLS = 1 << 1,   /* outermost label; without one, 0 */
    FLOW_KEY_LABELS = 1 << 2, /* all labels, by their hash */
    FLOW_KEY_ETHER = 1 << 3,  /* link addresses and type of the innermost frame, by their hash */
};

struct flow_keying {
    uint8_t basis; /* enum flow_basis */
    uint8_t parts; /* enum flow_key_part */
    bool one_way;
};

static inline bool flow_keying_is_usual(const struct flow_keying *keying)
{
    return keying->basis == FLOW_BASIS_TUPLE && !keying->parts && !keying->one_way;
}

/*
 * The words of ARGUS_FLOW_KEY, "CLASSIC_5_TUPLE+VLAN", and of ARGUS_FLOW_TYPE. Case does not
 * matter. *ret keeps what the text does not speak of.
 */
int flow_keying_parse_key(const char *text, struct flow_keying *ret, struct error *err) MUST_USE;
int flow_keying_parse_type(const char *text, struct flow_keying *ret, struct error *err) MUST_USE;

/*
 * Gives a packet, whose key is the usual one, its key of this keying. What a packet says beyond its
 * pair is nothing to the flow of a pair: such a packet loses its upper layer, and is no fragment.
 */
void keyed_packet_rekey(struct keyed_packet *p, const struct flow_keying *keying, uint32_t quirks);

/* The keys of a tuple's fragments, and of the flow that an ICMP error, which quotes `inner`, is
 * about; the latter true when inner's sender is the second end. */
void flow_key_of_fragment(struct flow_key *ret, const struct packet *packet,
                          const struct flow_keying *keying);
bool flow_key_of_quoted(struct flow_key *ret, const struct packet *error,
                        const struct packet *inner, const struct flow_keying *keying,
                        uint32_t quirks);

/*
 * The key of the pair that the packet is of; false if it is of none. *ret_second as
 * flow_key_build.
 */
bool flow_key_of_pair(struct flow_key *ret, const struct packet *packet, enum flow_basis basis,
                      bool *ret_second);
