/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/flow.h"
#include "packet/packet.h"

/*
 * Protocol objects other than TCP: what a flow's record says of ICMP, ESP, RTP, RTCP, ARP and
 * 802.11 beyond its key. Small state, held only by flows that need it.
 */

/* How many bytes of its payload these functions look at, at most. */
size_t flow_object_payload(const struct packet *packet);

/* True if this packet gives a flow without an object a reason to have one. */
bool flow_object_wanted(const struct flow *flow, const struct packet *packet);

/* Sets the object up from the packet that made it wanted. */
void flow_object_first(struct flow_object *object, const struct flow *flow, unsigned side,
                       const struct packet *packet);

/* Follows a further packet of the flow. */
void flow_object_next(struct flow_object *object, unsigned side, const struct packet *packet);
