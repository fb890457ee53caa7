/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/flow.h"
#include "flow/meter.h"
#include "packet/packet.h"

/*
 * What few flows have: MPLS labels, counters of many digits, the ICMP error mapped onto a flow. And
 * measurements that are off by default: link addresses, inter-packet times, packet sizes, user
 * data, keystrokes. One object for all of them, held by every flow when an option asks for one,
 * else without the measurements and only by the flows that need it.
 */

/* True if the options want an object for every flow. */
bool flow_extra_wanted(const struct meter_options *options);

/* Size of an object with room for the user data and the keystrokes that the options ask for. */
size_t flow_extra_size(const struct meter_options *options);

/* Takes a packet of the flow into account. `retransmitted`: a TCP side's retransmission. */
void flow_extra_packet(struct flow_extra *extra, unsigned side, const struct packet *packet,
                       bool retransmitted, const struct meter_options *options);

/* Forgets what was measured for one record only. */
void flow_extra_new_period(struct flow_extra *extra, const struct meter_options *options);

/* Forgets what belongs to one connection only: another one on its ports begins. */
void flow_extra_restart(struct flow_extra *extra, const struct meter_options *options);

/* Fills in the record's blocks; user data stay borrowed from the object. */
void flow_extra_report(const struct flow_extra *extra, const struct meter_options *options,
                       struct record *ret);

/* Exchanges the sides. */
void flow_extra_swap(struct flow_extra *extra, const struct meter_options *options);
