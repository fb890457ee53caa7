/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_get.h"
#include "record/state.h"

GETTER(get_gap)
{
    const struct record_tcp *tcp = record_tcp(r);
    if (tcp)
        value_uint(ret, r->net.form == NET_TCP_PERF ? tcp_gap(&tcp->side[arg]) : 0);
}

GETTER(get_round_trip)
{
    const struct record_tcp *tcp = record_tcp(r);
    uint32_t usec = 0;
    if (!record_is_flow(r))
        return;
    if (tcp && arg != TCP_ACKDAT)
        usec += tcp->synack_usec;
    if (tcp && arg != TCP_SYNACK)
        usec += tcp->ackdat_usec;
    value_span(ret, (nsec_t)usec * NSEC_PER_USEC);
}

GETTER(get_tcp_base)
{
    const struct record_tcp *tcp = record_tcp(r);
    if (tcp && (tcp->side[arg].seq_base || (arg == DST && r->key.family == FAMILY_IP6)))
        value_uint(ret, tcp->side[arg].seq_base);
}

static uint32_t window_bytes(const struct record_tcp_side *side)
{
    return (uint32_t)side->window << (side->window_shift & 31);
}

GETTER(get_window)
{
    const struct record_tcp *tcp = record_tcp(r);
    if (tcp && r->metric.packets[SRC] && (arg == SRC || r->metric.packets[DST]))
        value_uint(ret, window_bytes(&tcp->side[arg]));
}

/* A part of the handshake this short is what a host takes, not the network: the sensor stands
   beside it, and the other part is all of the way. */
enum { HOST_USEC = 100 };

static uint64_t network_usec(const struct record_tcp *tcp)
{
    if (tcp->ackdat_usec < HOST_USEC && tcp->synack_usec)
        return tcp->synack_usec;
    if (tcp->synack_usec < HOST_USEC && tcp->ackdat_usec)
        return tcp->ackdat_usec;
    return (uint64_t)tcp->synack_usec + tcp->ackdat_usec;
}

/* What the other side's window lets through in each round trip; in thousands of bits a second. */
GETTER(get_tcp_limit)
{
    const double kilobits_per_byte = 8e-3, second = 1e-6;
    const struct record_tcp *tcp = record_tcp(r);
    if (!record_is_flow(r))
        return;
    value_real(ret, 0);
    if (!tcp || !record_has(r, BLOCK_METRIC) || !network_usec(tcp))
        return;
    double round_trip = (double)network_usec(tcp) * second;
    ret->u.real = window_bytes(&tcp->side[!arg]) * kilobits_per_byte / round_trip;
}

GETTER(get_tcp_options)
{
    const struct record_tcp *tcp = record_tcp(r);
    (void)arg;
    if (!tcp || !tcp->options)
        return;
    ret->kind = VALUE_TEXT;
    tcp_options_text(tcp->options, ret->text);
}
