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

/* True if the identity of the key is the key itself; false does not say that it is not. */
bool flow_identity_is_key(const struct flow_key *key);

/* Puts the ends of an identity of TCP or UDP, set by hand, into their order. */
void flow_identity_order(struct flow_key *identity);

/*
 * The identity of the packets that a record stands for. False if the record has no flow key, or one
 * of a kind that no sensor of packets makes.
 */
bool flow_identity_of_record(struct flow_key *ret, const struct record *r) MUST_USE;
