/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"

/*
 * What readers of the format do to a record after parsing it, so that everyone sees the same
 * values: times are spread over the sides that have packets, the stored direction is resolved, and
 * a TCP flow whose first seen packet is its SYN+ACK is turned round.
 */
enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17 };

/* --- times ------------------------------------------------------------------------------------ */

static bool is_unset(nsec_t t)
{
    return nsec_seconds(t) == 0;
}

static void exchange(nsec_t *a, nsec_t *b)
{
    nsec_t kept = *a;
    *a = *b;
    *b = kept;
}

/* Unset ends are their starts, and starts come before ends. */
static void complete_sides(struct record_time *t)
{
    for (unsigned side = SRC; side <= DST; side++) {
        if (!t->has_start[side])
            t->start[side] = 0;
        if (!t->has_last[side])
            t->last[side] = 0;
        if (is_unset(t->last[side]))
            t->last[side] = t->start[side];
        else if (t->start[side] > t->last[side])
            exchange(&t->start[side], &t->last[side]);
    }
}

static void copy_side(struct record_time *t, unsigned to, unsigned from)
{
    t->start[to] = t->start[from];
    t->last[to] = t->last[from];
    t->has_start[to] = t->has_start[from];
    t->has_last[to] = t->has_last[from];
}

static void move_side(struct record_time *t, unsigned to, unsigned from)
{
    copy_side(t, to, from);
    t->start[from] = t->last[from] = 0;
    t->has_start[from] = t->has_last[from] = false;
}

/* One packet each way: the one known pair of times is that of both packets. */
static void split_pair(struct record_time *t)
{
    if (is_unset(t->start[SRC]) && !is_unset(t->start[DST])) {
        t->start[SRC] = t->last[SRC] = t->last[DST];
        t->last[DST] = t->start[DST];
    } else if (!is_unset(t->start[SRC]) && is_unset(t->start[DST])) {
        t->start[DST] = t->last[DST] = t->last[SRC];
        t->last[SRC] = t->start[SRC];
    }
}

static void spread_both(struct record_time *t, const uint64_t packets[2])
{
    if (packets[SRC] == 1 && packets[DST] == 1) {
        split_pair(t);
    } else {
        if (is_unset(t->start[SRC]) && !is_unset(t->start[DST]))
            copy_side(t, SRC, DST);
        else if (!is_unset(t->start[SRC]) && is_unset(t->start[DST]))
            copy_side(t, DST, SRC);
        for (unsigned side = SRC; side <= DST; side++)
            if (packets[side] == 1 && nsec_seconds(t->start[side]) != nsec_seconds(t->last[side])) {
                if (is_unset(t->start[side]))
                    t->start[side] = t->last[side];
                else
                    t->last[side] = t->start[side];
            }
    }
    for (unsigned side = SRC; side <= DST; side++)
        t->has_start[side] = t->has_last[side] = true;
}

/* A side without packets has no times; one without length has one. */
static void trim_sides(struct record_time *t, const uint64_t packets[2])
{
    if (!t->has_start[SRC] && !t->has_start[DST])
        for (unsigned side = SRC; side <= DST; side++) {
            t->has_start[side] = !is_unset(t->start[side]);
            t->has_last[side] = !is_unset(t->last[side]);
        }
    for (unsigned side = SRC; side <= DST; side++) {
        if (t->start[side] == t->last[side])
            t->has_last[side] = false;
        if (!packets[side])
            t->has_start[side] = t->has_last[side] = false;
        if (t->last[side] < t->start[side])
            exchange(&t->start[side], &t->last[side]);
    }
}

static void spread_times(struct record *r)
{
    struct record_time *t = &r->time;
    static const uint64_t none[2];
    const uint64_t *packets = record_has(r, BLOCK_METRIC) ? r->metric.packets : none;
    complete_sides(t);
    if (packets[SRC] && packets[DST])
        spread_both(t, packets);
    else if (packets[SRC] && is_unset(t->start[SRC]) && !is_unset(t->start[DST]))
        move_side(t, SRC, DST);
    else if (packets[DST] && is_unset(t->start[DST]) && !is_unset(t->start[SRC]))
        move_side(t, DST, SRC);
    if (record_has(r, BLOCK_METRIC))
        trim_sides(t, packets);
    if (packets[SRC] + packets[DST] != 1)
        return;
    unsigned side = packets[SRC] ? SRC : DST;
    bool lived_on = side == SRC && record_has(r, BLOCK_ICMP); /* until an error about it came */
    if (t->start[side] != t->last[side] && !lived_on) {
        t->stored_start = t->start[side];
        t->start[side] = t->last[side];
        t->has_last[side] = false;
    }
}

/* --- direction -------------------------------------------------------------------------------- */

static void exchange_key(struct record_key *key)
{
    bool has_ports = (key->protocol == PROTO_TCP || key->protocol == PROTO_UDP) &&
                     !(key->family == FAMILY_IP4 && key->flags & KEY_FRAGMENT);
    for (unsigned i = 0; i < 16; i++) {
        uint8_t kept = key->addr[SRC][i];
        key->addr[SRC][i] = key->addr[DST][i];
        key->addr[DST][i] = kept;
    }
    uint8_t prefix = key->prefix[SRC];
    key->prefix[SRC] = key->prefix[DST];
    key->prefix[DST] = prefix;
    if (has_ports) {
        uint16_t port = key->port[SRC];
        key->port[SRC] = key->port[DST];
        key->port[DST] = port;
    }
    key->reverse = false;
}

/* The source's flags tell of a connection although no more than its SYN+ACK was recognised. */
static bool flags_show_server(const struct record *r)
{
    enum { FLAG_FIN = 1, FLAG_SYN = 2, FLAG_RST = 4 };
    const struct record_metric *m = &r->metric;
    uint8_t src = r->net.u.tcp.side[SRC].flags, dst = r->net.u.tcp.side[DST].flags;
    if (!record_has(r, BLOCK_METRIC) || !(src & FLAG_SYN) || dst & FLAG_RST)
        return false;
    if (m->packets[SRC] > 5 && m->packets[DST] > 5)
        return true;
    return !m->packets[DST] && src & FLAG_FIN && m->packets[SRC] &&
           m->bytes[SRC] / m->packets[SRC] > 60;
}

static bool began_with_synack(const struct record *r)
{
    const uint32_t went_on = TCPS_EST | TCPS_FIN | TCPS_FINACK | TCPS_NORMAL_CLOSE;
    uint32_t status = r->net.u.tcp.status;
    if ((status & (TCPS_SYN | TCPS_SYNACK)) != TCPS_SYNACK)
        return false;
    if (r->net.form == NET_TCP_PERF)
        return status & went_on || flags_show_server(r);
    return r->net.form == NET_TCP_STATUS && status & went_on;
}

static void correct_tcp(struct record *r)
{
    if (r->key.flags & KEY_DIRECTION || !record_has(r, BLOCK_NET) || !began_with_synack(r))
        return;
    record_reverse(r);
    r->net.u.tcp.status |= TCPS_NORMAL_CLOSE;
    r->key.flags |= KEY_DIRECTION; /* so that who writes it anew does not turn it twice */
}

/* A reply without its request: what came is the responder's, shown as the answer that it is. */
static void correct_icmp(struct record *r)
{
    if (!(r->key.flags & KEY_DIRECTION) || !record_has(r, BLOCK_METRIC) ||
        !r->metric.packets[SRC] || r->metric.packets[DST])
        return;
    bool known = record_has(r, BLOCK_NET) && r->net.form == NET_ICMP;
    uint8_t type = known ? r->net.u.icmp.type : 0;
    if (type != 0 && type != 14 && type != 16 && type != 18)
        return;
    r->key.u.icmp.type = type;
    r->key.u.icmp.code = known ? r->net.u.icmp.code : 0;
    record_reverse(r);
}

static void correct_direction(struct record *r)
{
    struct record_key *key = &r->key;
    bool ip = (key->family == FAMILY_IP4 || key->family == FAMILY_IP6) &&
              (key->class == KEY_5TUPLE || key->class == KEY_LAYER3_MATRIX);
    if (ip && key->reverse)
        exchange_key(key);
    if (key->class == KEY_ARP && key->family == FAMILY_ARP && key->reverse) {
        exchange_key(key); /* so that the requester stays where it is */
        record_reverse(r);
        key->reverse = false;
    } else if (key->class == KEY_5TUPLE && key->family == FAMILY_IP4) {
        if (key->protocol == PROTO_TCP)
            correct_tcp(r);
        else if (key->protocol == PROTO_ICMP && !(key->flags & KEY_FRAGMENT))
            correct_icmp(r);
    }
}

/* A side that sent nothing in this period has no window and flags to show. */
static void clear_silent_tcp(struct record *r)
{
    if (!record_has(r, BLOCK_NET | BLOCK_METRIC) ||
        (r->net.form != NET_TCP_PERF && r->net.form != NET_TCP_STATUS))
        return;
    for (unsigned side = SRC; side <= DST; side++)
        if (!r->metric.packets[side])
            r->net.u.tcp.side[side].window = r->net.u.tcp.side[side].flags = 0;
}

void record_normalise(struct record *r)
{
    if (r->type == RECORD_MAR)
        return;
    clear_silent_tcp(r);
    if (record_has(r, BLOCK_TIME))
        spread_times(r);
    if (record_has(r, BLOCK_FLOW))
        correct_direction(r);
}
