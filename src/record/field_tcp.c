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

GETTER(get_window)
{
    const struct record_tcp *tcp = record_tcp(r);
    if (!tcp || !r->metric.packets[SRC] || (arg == DST && !r->metric.packets[DST]))
        return;
    const struct record_tcp_side *side = &tcp->side[arg];
    value_uint(ret, (uint32_t)side->window << (side->window_shift & 31));
}

/* What the other side's window lets through in each round trip; in thousands of bits a second. */
GETTER(get_tcp_limit)
{
    const double kilobits_per_byte = 8e-3, second = 1e-6;
    const struct record_tcp *tcp = record_tcp(r);
    struct value window = {.kind = VALUE_NONE};
    if (!record_is_flow(r))
        return;
    value_real(ret, 0);
    if (!tcp || !record_has(r, BLOCK_METRIC))
        return;
    get_window(r, !arg, &window);
    double round_trip = (double)((uint64_t)tcp->synack_usec + tcp->ackdat_usec) * second;
    if (window.kind == VALUE_UINT && round_trip > 0)
        ret->u.real = (double)window.u.uint * kilobits_per_byte / round_trip;
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
