/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/flow.h"
#include "packet/packet.h"

/*
 * The TCP model: connection state, and per side sequence accounting (retransmissions, order,
 * window, bytes in flight), as twenty years of Argus 3 records have it. The rules are observed
 * behaviour, deliberately kept: plain unsigned comparisons, no reassembly.
 */

/* The first packet of a flow, or of a new connection on its ports. `side` sent it. */
void flow_tcp_first(struct flow_tcp *tcp, unsigned side, const struct packet *packet);

/* True if the next packet is one that the state has no room for without the flow's sums. */
static inline bool flow_tcp_needs_sums(const struct flow_tcp *tcp, const struct packet *packet)
{
    const struct flow_tcp_side *a = &tcp->side[SRC], *b = &tcp->side[DST];
    unsigned counters = a->windows | a->retrans | b->windows | b->retrans;
    /* A counter that is half full has room for what one packet may add. */
    return counters >> 15 || packet->u.tcp.seq + packet->app_bytes < packet->u.tcp.seq;
}

/*
 * A further packet; true if it is a retransmission. `sums`, of both sides, unless it does not need
 * them. `tracks_duplicates`: data under the IP identification of the side's data before were sent
 * once and captured twice, and are no retransmission.
 */
bool flow_tcp_next(struct flow_tcp *tcp, struct flow_tcp_sums *sums, unsigned side,
                   const struct packet *packet, uint32_t quirks, bool tracks_duplicates);

/* True if this packet opens a new connection on the ports of one that has ended. */
bool flow_tcp_restarts(const struct flow_tcp *tcp, const struct packet *packet, uint32_t quirks);

/*
 * True if this packet is the SYN that its SYN+ACK, the flow's first packet, has overtaken. Its
 * sender should become the source before flow_tcp_next sees it.
 */
bool flow_tcp_late_syn(const struct flow_tcp *tcp, unsigned side, const struct packet *packet);

/*
 * Forgets what belongs to one record only, when the first packet of the next one has come. `sums`:
 * NULL if there are none.
 */
void flow_tcp_new_period(struct flow_tcp *tcp, struct flow_tcp_sums *sums);

/* Fills in the network block; `whole` once the flow has had more than one packet. */
void flow_tcp_report(const struct flow_tcp *tcp, const struct flow_tcp_sums *sums, bool whole,
                     struct record_net *ret);
