/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/keying.h"

/* Of nearly all packets this says that they are no ICMP errors. */
static inline bool flow_may_be_error(const struct packet *packet)
{
    return packet->has_upper;
}

/*
 * Of an ICMP error that quotes a datagram, whose flow may be in another shard than the error's own:
 * makes the same packet with the key of that flow. False if it is none.
 */
bool flow_error_about(const struct packet *packet, uint32_t quirks,
                      const struct flow_keying *keying, struct keyed_packet *ret);
