/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "flow/key.h"
#include "record/record.h"

/*
 * Identity: as much of a flow's key as its records tell, in a form that does not depend on who is
 * called the source. A packet and the record that counts it have equal identities. The other way
 * round a few flows share one, because records leave out what told them apart: queries of DNS
 * between the same ports, ARP from several network cards of one address.
 *
 * An identity is a struct flow_key, hashed and compared as such.
 */
void flow_identity_of_key(struct flow_key *ret, const struct flow_key *key); /* may be the same */

/*
 * True if the identity of a packet's key is the key itself, as of most packets. False does not say
 * that it is not.
 */
static inline bool flow_identity_is_key(const struct flow_key *key)
{
    enum { PROTO_TCP = 6, PROTO_UDP = 17 };
    bool has_ports = key->protocol == PROTO_TCP || key->protocol == PROTO_UDP;
    if (!has_ports || key->id)
        return false;
    if (key->kind == FLOW_IP4)
        return true;
    return key->kind == FLOW_IP6 && memcmp(key->addr[0], key->addr[1], sizeof(key->addr[0]));
}

/*
 * True if a record of this identity may tell of many flows (keying.h): the index, which knows each
 * of them by its own, cannot be asked for it.
 */
bool flow_identity_is_of_pair(const struct flow_key *identity);

/* Puts the ends of an identity of TCP or UDP, set by hand, into their order. */
void flow_identity_order(struct flow_key *identity);

/*
 * The identity of the packets that a record stands for. False if the record has no flow key, or one
 * of a kind that no sensor of packets makes.
 */
bool flow_identity_of_record(struct flow_key *ret, const struct record *r) MUST_USE;
