/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/tcp.h"

#include <string.h>

/* Connection states, by the numbers that records carry. */
enum {
    STATE_CLOSED = 0,
    STATE_LISTEN = 1,
    STATE_SYN_SENT = 2,
    STATE_SYN_RECEIVED = 3,
    STATE_ESTABLISHED = 4,
    STATE_FIN_WAIT1 = 6,
    STATE_CLOSING = 7,
    STATE_FIN_WAIT2 = 9,
};

/*
 * Conditions of one side. In records they are pairs of bits, of which a side's status has both, and
 * that of the connection the side's own. Here they are the first bit of the pair, and moved so that
 * 16 bits are enough for them and for what was seen of the connection.
 */
enum {
    CONDITIONS_AT = 3,
    SIDE_RETRANS = TCPS_RETRANS_SRC >> CONDITIONS_AT,
    SIDE_WINSHUT = TCPS_WINSHUT_SRC >> CONDITIONS_AT,
    SIDE_RESET = TCPS_RESET_SRC >> CONDITIONS_AT,
    SIDE_OUT_OF_ORDER = TCPS_OUT_OF_ORDER_SRC >> CONDITIONS_AT,
    SIDE_DUPLICATE = TCPS_DUPLICATE_SRC >> CONDITIONS_AT,
    SIDE_OF_PERIOD = SIDE_RETRANS | SIDE_WINSHUT | SIDE_RESET | SIDE_OUT_OF_ORDER,
    SIDE_CONDITIONS = SIDE_OF_PERIOD | SIDE_DUPLICATE,
    SEEN = TCPS_SYN | TCPS_SYNACK | TCPS_EST | TCPS_FIN | TCPS_FINACK,
};

_Static_assert(!(SEEN & SIDE_CONDITIONS), "what was seen and conditions have bits of their own");

/* Options, moved in the same way. */
enum {
    SRC_ECN = TCPOPT_BIT_SRC_ECN >> TCPOPT_BITS_AT,
    DST_ECN = TCPOPT_BIT_DST_ECN >> TCPOPT_BITS_AT,
};

enum { FLAGS_CORE = TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST };

/* One packet on its way through the rules: X sent it, Y is the other side. */
struct segment {
    struct flow_tcp *tcp;
    struct flow_tcp_sums *sums; /* of X; NULL if this packet does not need them */
    struct flow_tcp_side *x, *y;
    unsigned side; /* that of X */
    const struct packet_tcp *p;
    nsec_t now;
    uint32_t length; /* payload bytes */
    uint16_t id;
    uint8_t flags;
    uint8_t core; /* the flags that "exactly" compares: all of them, or the four that decide */
    bool tracks_duplicates;
};

static struct segment segment_make(struct flow_tcp *tcp, unsigned side, const struct packet *packet,
                                   uint32_t quirks)
{
    uint8_t flags = packet->u.tcp.flags;
    return (struct segment){
        .tcp = tcp,
        .x = &tcp->side[side],
        .y = &tcp->side[!side],
        .side = side,
        .p = &packet->u.tcp,
        .now = packet->time,
        .length = packet->app_bytes,
        .id = __builtin_bswap16(packet->ip_id),
        .flags = flags,
        .core = quirk_is(quirks, QUIRK_EXACT_SYNACK) ? flags : flags & FLAGS_CORE,
    };
}

static void retransmission(struct flow_tcp_side *x)
{
    x->retrans++;
    x->status |= SIDE_RETRANS;
}

static void take_options(struct flow_tcp *tcp, struct flow_tcp_side *x, const struct packet_tcp *p)
{
    tcp->options |= (uint16_t)(p->options >> TCPOPT_BITS_AT);
    if (p->options & TCPOPT_BIT_WSCALE)
        x->shift = p->window_shift;
}

/* What a SYN or SYN+ACK says of explicit congestion notification (RFC 3168, 6.1.1). */
static void take_ecn_setup(struct flow_tcp *tcp, const struct packet_tcp *p)
{
    uint8_t syn = p->flags & (TCP_SYN | TCP_ACK), ecn = p->flags & (TCP_ECE | TCP_CWR);
    if (syn == TCP_SYN && ecn == (TCP_ECE | TCP_CWR))
        tcp->options |= SRC_ECN;
    if (syn == (TCP_SYN | TCP_ACK) && ecn == TCP_ECE)
        tcp->options |= DST_ECN;
}

/* --- the first packet ------------------------------------------------------------------------- */

/* What the flags of a first packet say. RST is handled before. */
static void first_state(struct flow_tcp *tcp, uint8_t flags)
{
    switch (flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_PSH | TCP_URG)) {
    case TCP_SYN:
        tcp->status = TCPS_SYN;
        tcp->state = STATE_SYN_SENT;
        return;
    case TCP_SYN | TCP_ACK:
        tcp->status = TCPS_SYNACK;
        tcp->state = STATE_SYN_RECEIVED;
        return;
    case TCP_FIN:
    case TCP_FIN | TCP_ACK:
        tcp->status = TCPS_FIN;
        tcp->state = STATE_FIN_WAIT1;
        return;
    case TCP_ACK:
    case TCP_ACK | TCP_PSH:
    case TCP_ACK | TCP_URG:
    case TCP_ACK | TCP_PSH | TCP_URG:
    case TCP_PSH:
    case TCP_URG:
    case TCP_PSH | TCP_URG:
        tcp->status = TCPS_EST;
        tcp->state = STATE_ESTABLISHED;
        return;
    default:
        tcp->status = TCPS_EST;
        tcp->state = STATE_CLOSING;
    }
}

static void first_reset(struct segment *s)
{
    s->tcp->state = STATE_LISTEN;
    s->x->status = SIDE_RESET;
    s->x->base = s->p->seq ? s->p->seq - 1 : s->p->ack - 1;
    s->x->seq = s->p->seq ? s->p->seq + s->length : s->p->ack - 1;
    s->y->ack = s->p->ack - 1;
}

void flow_tcp_first(struct flow_tcp *tcp, unsigned side, const struct packet *packet)
{
    memset(tcp, 0, sizeof(*tcp));
    struct segment s = segment_make(tcp, side, packet, 0);
    take_options(tcp, s.x, s.p);
    take_ecn_setup(tcp, s.p);
    s.x->bytes = s.length;
    s.x->flags = s.flags;
    tcp->last[side] = s.now;
    if (s.flags & TCP_RST) {
        first_reset(&s);
        return;
    }
    first_state(tcp, s.flags);
    bool syn = tcp->state == STATE_SYN_SENT || tcp->state == STATE_SYN_RECEIVED;
    s.x->base = syn ? s.p->seq : s.p->seq - 1;
    s.x->seq = syn ? s.p->seq : s.p->seq + s.length;
    s.x->window = s.p->window;
    bool acks = tcp->state == STATE_SYN_RECEIVED || tcp->state == STATE_ESTABLISHED;
    if (acks && (s.flags & TCP_ACK))
        s.y->ack = s.p->ack - 1;
}

/* --- sequence accounting ---------------------------------------------------------------------- */

static void take_window(struct segment *s)
{
    bool ends = s->flags & (TCP_FIN | TCP_RST);
    if (ends)
        return;
    if (s->p->window)
        s->x->window = s->p->window;
    else
        s->x->status |= SIDE_WINSHUT;
}

static void count_payload(struct segment *s)
{
    struct flow_tcp_side *x = s->x;
    if (!s->length || !s->y->window)
        return;
    x->bytes += s->length;
    if (x->flags & TCP_FIN) {
        if (s->p->seq < x->seq)
            retransmission(x);
        else if (!(s->flags & TCP_FIN))
            x->status |= SIDE_OUT_OF_ORDER;
    }
    if (!(s->flags & TCP_SYN))
        x->win_bytes += s->length;
}

/* New data, or old data, or data out of order: the first rule that applies tells. */
static void place_segment(struct segment *s, uint32_t end)
{
    struct flow_tcp_side *x = s->x;
    uint32_t most = end > x->seq ? end : x->seq;
    int step = s->id - x->id;
    if (x->window) {
        if (step < 0 && step > -5000) {
            x->status |= SIDE_OUT_OF_ORDER;
        } else if (x->win_bytes > most - 1 - s->y->ack ||
                   (end < x->seq && s->p->seq == s->y->ack + 1)) {
            retransmission(x);
            x->win_bytes -= s->length;
        } else if (end < x->seq) {
            x->status |= SIDE_OUT_OF_ORDER;
        }
    }
    x->seq = most;
}

static void take_sequence(struct segment *s)
{
    struct flow_tcp_side *x = s->x;
    uint32_t seq = s->p->seq, end = seq + s->length;
    if (end < seq) { /* the sequence numbers wrap within this segment */
        s->sums->ack_bytes += x->seq - x->base;
        x->base = x->seq = end;
        return;
    }
    if (!x->base) { /* the side's first packet */
        x->base = seq;
        x->seq = end;
        return;
    }
    if (!s->length)
        return;
    if (s->tracks_duplicates && s->id && s->id == x->id) {
        x->status |= SIDE_DUPLICATE;
        return;
    }
    if (s->y->window) {
        uint32_t behind = s->y->ack - seq;
        if (seq >= s->y->ack) {
            place_segment(s, end);
        } else if (behind < (uint32_t)x->window >> (x->shift & 31)) {
            retransmission(x);
            x->win_bytes -= s->length;
        }
    }
    x->id = s->id;
}

static void take_ack(struct segment *s)
{
    struct flow_tcp_side *x = s->x, *y = s->y;
    if (!(s->flags & TCP_ACK) || !s->p->ack)
        return;
    if (x->ack && y->seq > x->ack)
        y->win_bytes = y->seq - 1 - x->ack;
    uint32_t ack = s->p->ack - 1;
    if (ack == x->ack)
        return;
    if (!x->ack || y->seq == s->p->ack) {
        y->win_bytes = 0;
        if (y->seq == s->p->ack)
            y->windows++;
    } else if (!(s->flags & TCP_SYN)) {
        uint32_t acked = ack - x->ack;
        y->win_bytes -= acked < y->win_bytes ? acked : y->win_bytes;
        y->windows++;
    }
    x->ack = ack;
}

/* --- the state machine ------------------------------------------------------------------------ */

static uint32_t usec_between(nsec_t a, nsec_t b)
{
    nsec_t span = a > b ? a / 1000 - b / 1000 : b / 1000 - a / 1000;
    return (uint32_t)span;
}

static void enter(struct segment *s, uint8_t state, uint16_t status)
{
    s->tcp->state = state;
    s->tcp->status |= status;
    s->x->status |= status;
}

static void on_reset(struct segment *s)
{
    uint32_t seq = s->p->seq;
    bool fits;
    if (s->tcp->state == STATE_SYN_SENT) {
        fits = s->y->seq == s->x->ack;
        s->tcp->state = fits ? STATE_SYN_SENT : STATE_CLOSING;
    } else {
        uint32_t ack = s->x->ack;
        fits = ack <= seq && seq < ack + ((uint32_t)s->x->window >> (s->x->shift & 31));
        s->tcp->state = fits ? STATE_CLOSED : STATE_CLOSING;
    }
    s->x->status |= SIDE_RESET;
}

static void on_opening(struct segment *s)
{
    if (s->core == TCP_SYN) {
        retransmission(s->x);
    } else if (s->core == (TCP_SYN | TCP_ACK)) {
        enter(s, STATE_SYN_RECEIVED, TCPS_SYNACK);
        if (s->y->seq == s->x->ack)
            s->tcp->synack_usec = usec_between(s->now, s->tcp->last[!s->side]);
    } else if (s->flags & TCP_FIN) {
        enter(s, STATE_FIN_WAIT1, TCPS_FIN);
    } else if (s->flags & TCP_ACK) {
        enter(s, STATE_ESTABLISHED, TCPS_EST);
    }
}

static void on_syn_received(struct segment *s)
{
    if (s->flags & TCP_FIN) {
        enter(s, STATE_FIN_WAIT1, TCPS_FIN);
    } else if (s->flags & TCP_SYN) {
        retransmission(s->x);
    } else if (s->flags & TCP_ACK) {
        enter(s, STATE_ESTABLISHED, TCPS_EST);
        if (s->x->seq == s->y->ack)
            s->tcp->ackdat_usec = usec_between(s->now, s->tcp->last[!s->side]);
    }
}

static void on_established(struct segment *s)
{
    if (s->flags & TCP_FIN) {
        enter(s, STATE_FIN_WAIT1, TCPS_FIN);
    } else if (s->flags & TCP_SYN) {
        retransmission(s->x);
        if (s->flags & TCP_ACK)
            s->tcp->status |= TCPS_SYNACK | TCPS_EST;
    }
}

static void on_closing(struct segment *s)
{
    if (s->flags & TCP_FIN) {
        if (s->flags & TCP_ACK)
            enter(s, s->tcp->state, TCPS_FIN);
        else if (s->y->status & TCPS_FINACK)
            retransmission(s->x);
    }
    if ((s->flags & TCP_ACK) && !s->length && (s->y->status & TCPS_FIN) && s->y->seq == s->x->ack) {
        s->tcp->state = STATE_FIN_WAIT2;
        s->tcp->status |= TCPS_FINACK;
        s->y->status |= TCPS_FINACK;
    }
}

static void advance_state(struct segment *s)
{
    if (s->flags & TCP_RST) {
        on_reset(s);
        return;
    }
    switch (s->tcp->state) {
    case STATE_LISTEN:
    case STATE_SYN_SENT:
        on_opening(s);
        return;
    case STATE_SYN_RECEIVED:
        on_syn_received(s);
        return;
    case STATE_ESTABLISHED:
        on_established(s);
        return;
    case STATE_FIN_WAIT1:
    case STATE_FIN_WAIT2:
        on_closing(s);
        return;
    default:
        return;
    }
}

/* The SYN that its SYN+ACK has overtaken: the connection is as if it had come first. */
static void take_late_syn(struct segment *s)
{
    s->tcp->status |= TCPS_SYN;
    s->x->base = s->x->seq = s->p->seq;
    s->x->window = s->p->window;
    s->tcp->last[s->side] = s->now;
}

static void pour(struct flow_tcp *tcp, struct flow_tcp_sums *sums)
{
    for (unsigned side = SRC; side <= DST; side++) {
        struct flow_tcp_side *x = &tcp->side[side];
        sums[side].windows += x->windows;
        sums[side].retrans += x->retrans;
        x->windows = x->retrans = 0;
    }
}

bool flow_tcp_next(struct flow_tcp *tcp, struct flow_tcp_sums *sums, unsigned side,
                   const struct packet *packet, uint32_t quirks, bool tracks_duplicates)
{
    if (sums)
        pour(tcp, sums);
    struct segment s = segment_make(tcp, side, packet, quirks);
    s.sums = sums ? &sums[side] : NULL;
    s.tracks_duplicates = tracks_duplicates;
    const uint16_t retrans_before = s.x->retrans;
    take_options(tcp, s.x, s.p);
    if (!quirk_is(quirks, QUIRK_EXACT_SYNACK))
        take_ecn_setup(tcp, s.p);
    s.x->flags |= s.flags;
    if (side == SRC && !s.x->base && flow_tcp_late_syn(tcp, DST, packet)) {
        take_late_syn(&s);
        return false;
    }
    if ((s.flags & TCP_ECE) && (s.flags & TCP_ACK) && (tcp->options & (SRC_ECN | DST_ECN)))
        tcp->status |= (uint16_t)(TCPS_ECN_SRC << side);
    if (s.core != TCP_SYN) {
        take_window(&s);
        count_payload(&s);
        take_sequence(&s);
        take_ack(&s);
    }
    advance_state(&s);
    tcp->last[side] = s.now;
    return s.x->retrans != retrans_before;
}

bool flow_tcp_restarts(const struct flow_tcp *tcp, const struct packet *packet, uint32_t quirks)
{
    uint8_t flags = packet->u.tcp.flags;
    uint8_t core = quirk_is(quirks, QUIRK_EXACT_SYNACK) ? flags : flags & FLAGS_CORE;
    if (core != TCP_SYN)
        return false;
    return tcp->state == STATE_CLOSED || tcp->state == STATE_CLOSING ||
           tcp->state == STATE_FIN_WAIT1;
}

bool flow_tcp_late_syn(const struct flow_tcp *tcp, unsigned side, const struct packet *packet)
{
    return tcp->state == STATE_SYN_RECEIVED && !(tcp->status & TCPS_SYN) && side == DST &&
           (packet->u.tcp.flags & FLAGS_CORE) == TCP_SYN;
}

void flow_tcp_new_period(struct flow_tcp *tcp, struct flow_tcp_sums *sums)
{
    for (unsigned side = SRC; side <= DST; side++) {
        struct flow_tcp_side *x = &tcp->side[side];
        x->status &= (uint16_t)~SIDE_OF_PERIOD;
        x->retrans = 0;
        x->bytes = x->win_bytes = 0;
        x->flags = 0;
        x->id = 0;
        x->base = x->seq;
        if (sums)
            sums[side].retrans = sums[side].ack_bytes = 0;
    }
}

/* --- the report ------------------------------------------------------------------------------- */

/* The first bit of each pair of a side's conditions, as records have them. */
static uint32_t conditions(const struct flow_tcp_side *x)
{
    return (uint32_t)(x->status & SIDE_CONDITIONS) << CONDITIONS_AT;
}

static void report_side(const struct flow_tcp_side *x, const struct flow_tcp_sums *sums,
                        struct record_tcp_side *ret)
{
    *ret = (struct record_tcp_side){
        .status = (uint32_t)(x->status & SEEN) | conditions(x) | conditions(x) << 1,
        .seq_base = x->base,
        .seq = x->seq,
        .ack = x->ack,
        .windows = x->windows,
        .bytes = x->bytes,
        .retrans = x->retrans,
        .win_bytes = x->win_bytes,
        .window = x->window,
        .flags = x->flags,
        .window_shift = x->shift,
    };
    if (!sums)
        return;
    ret->windows += sums->windows;
    ret->retrans += sums->retrans;
    ret->ack_bytes = sums->ack_bytes;
}

void flow_tcp_report(const struct flow_tcp *tcp, const struct flow_tcp_sums *sums, bool whole,
                     struct record_net *ret)
{
    struct record_tcp *r = &ret->u.tcp;
    ret->form = whole ? NET_TCP_PERF : NET_TCP_INIT;
    ret->qualifier = 0;
    for (unsigned side = SRC; side <= DST; side++) {
        report_side(&tcp->side[side], sums ? &sums[side] : NULL, &r->side[side]);
        r->side[side].last = tcp->last[side];
    }
    r->status = tcp->status;
    if (whole)
        r->status |= conditions(&tcp->side[SRC]) | conditions(&tcp->side[DST]) << 1;
    else
        r->status |= r->side[SRC].status & (TCPS_RESET_SRC | TCPS_RESET_DST);
    r->state = tcp->state;
    r->options = (uint32_t)tcp->options << TCPOPT_BITS_AT;
    r->synack_usec = tcp->synack_usec;
    r->ackdat_usec = tcp->ackdat_usec;
}
