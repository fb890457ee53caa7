/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bytes.h"
#include "session.h"

/*
 * Scanners: a session is all that one source tries, probe after probe, with what answers; and peers
 * of a peer-to-peer network, half of which are gone.
 */
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, ECHO_REPLY = 0, ECHO_REQUEST = 8 };
enum {
    INSIDE = 0x0a000000,
    INSIDE_SCANNERS = 0x0ac80000,
    INSIDE_WATCHERS = 0x0ac90000,
    OUTSIDE = 0xc6330000
};
enum { PEERS = 64, PEERS_FIRST = 0x0a4d0000, PEER_PORT = 6881 };

enum step { PROBE, ANSWER, RESET };

static uint32_t outside_scanner(struct session *s)
{
    return 0x2d000000 + rng_below(&s->rng, 1 << 24); /* 45.0.0.0/8 */
}

/* Of `hosts` hosts these ports; `gap_us` between probes. */
static void open_scan(struct session *s, uint8_t protocol, uint32_t hosts, uint32_t ports,
                      uint32_t gap_us)
{
    struct scan_state *scan = &s->u.scan;
    const bool is_inside = rng_chance(&s->rng, 150);
    session_choose_hosts(s, false);
    s->protocol = protocol;
    scan->source = is_inside ? INSIDE_SCANNERS + rng_below(&s->rng, 1 << 16) : outside_scanner(s);
    scan->target = is_inside ? OUTSIDE + rng_below(&s->rng, 1 << 12)
                             : INSIDE + (rng_below(&s->rng, 1 << 12) << 8);
    scan->hosts = hosts;
    scan->ports = ports;
    scan->port = 1;
    scan->left = hosts * ports;
    scan->gap_us = gap_us;
    scan->flags = SYN;
    scan->last_flags = RST;
    scan->answered = 300;
    scan->opened = 100;
    s->planned = scan->left + scan->left / 3;
}

static void choose_port(struct session *s)
{
    static const uint16_t PORTS[] = {23, 22, 445, 3389, 80, 443, 5900, 1433};
    s->u.scan.port = PORTS[rng_below(&s->rng, 8)];
}

void scan_open_horizontal(struct session *s)
{
    open_scan(s, IP_TCP, rng_skewed(&s->rng, 60, 1000), 1, rng_skewed(&s->rng, 1000, 500000));
    choose_port(s);
}

void scan_open_vertical(struct session *s)
{
    open_scan(s, IP_TCP, 1, rng_skewed(&s->rng, 60, 1000), rng_skewed(&s->rng, 1000, 500000));
    s->u.scan.answered = 900; /* the host is there */
    s->u.scan.opened = 30;
}

void scan_open_block(struct session *s)
{
    open_scan(s, IP_TCP, rng_between(&s->rng, 8, 32), rng_between(&s->rng, 8, 32), 20000);
    s->u.scan.port = 80;
}

void scan_open_stealth(struct session *s)
{
    static const uint8_t FLAGS[] = {FIN, 0, FIN | PSH | URG, ACK};
    open_scan(s, IP_TCP, rng_skewed(&s->rng, 60, 400), 1, rng_skewed(&s->rng, 1000, 500000));
    choose_port(s);
    s->u.scan.flags = FLAGS[rng_below(&s->rng, 4)];
    s->u.scan.opened = 0;
}

void scan_open_udp(struct session *s)
{
    open_scan(s, IP_UDP, rng_skewed(&s->rng, 60, 1000), 1, rng_skewed(&s->rng, 1000, 500000));
    s->u.scan.port = rng_chance(&s->rng, 500) ? 161 : 1900;
    s->u.scan.answered = 50;
}

void scan_open_sweep(struct session *s)
{
    open_scan(s, IP_ICMP, rng_skewed(&s->rng, 60, 500), 1, rng_skewed(&s->rng, 1000, 500000));
    s->u.scan.answered = rng_between(&s->rng, 50, 400);
}

/* A probe a minute. */
void scan_open_slow(struct session *s)
{
    open_scan(s, IP_TCP, rng_between(&s->rng, 45, 120), 1, 60000000);
    choose_port(s);
}

/* No scan, but who looks if services are up: opens TCP in due form, and closes it. */
void watch_open(struct session *s)
{
    open_scan(s, IP_TCP, rng_between(&s->rng, 30, 80), 1, 1000000);
    s->u.scan.source = INSIDE_WATCHERS + rng_below(&s->rng, 1 << 16);
    s->u.scan.port = 443;
    s->u.scan.answered = 950;
    s->u.scan.opened = 1000;
    s->u.scan.last_flags = FIN | ACK;
}

/* --- packets ---------------------------------------------------------------------------------- */

static void aim(struct session *s)
{
    struct scan_state *scan = &s->u.scan;
    /* Through all hosts, port by port. */
    const uint32_t at = scan->hosts * scan->ports - scan->left;
    session_set_hosts(s, scan->source, scan->target + at % scan->hosts);
    s->ends.port[0] = (uint16_t)rng_between(&s->rng, 32768, 60999);
    s->ends.port[1] = (uint16_t)(scan->port + at / scan->hosts);
}

static void put_tcp(struct session *s, struct frame_writer *w, int direction, uint8_t flags)
{
    const struct tcp_segment segment = {
        .seq = 1000, .ack = flags & ACK ? 1001 : 0, .window = 1024, .flags = flags};
    wire_tcp(w, &s->ends, direction, &segment, (struct payload){0});
}

static void put_echo(struct session *s, struct frame_writer *w, int direction)
{
    uint8_t message[40] = {direction == FORTH ? ECHO_REQUEST : ECHO_REPLY};
    store_be16(message + 4, s->ends.port[0]);
    wire_icmp(w, &s->ends, direction, payload_of(message, sizeof(message)));
}

static void put_probe(struct session *s, struct frame_writer *w, int direction, uint8_t flags)
{
    s->direction = (uint8_t)direction;
    if (s->protocol == IP_TCP)
        put_tcp(s, w, direction, flags);
    else if (s->protocol == IP_UDP)
        wire_udp(w, &s->ends, direction, bulk_slice(s->bulk, 40, s->u.scan.left));
    else
        put_echo(s, w, direction);
}

static nsec_t go_on(struct session *s)
{
    struct scan_state *scan = &s->u.scan;
    scan->step = PROBE;
    if (!--scan->left)
        return SESSION_END;
    const uint32_t gap = scan->gap_us;
    return (gap - gap / 10 + rng_below(&s->rng, gap / 5 + 1)) * NSEC_PER_USEC;
}

nsec_t scan_next(struct session *s, struct frame_writer *w)
{
    struct scan_state *scan = &s->u.scan;
    switch (scan->step) {
    case PROBE:
        aim(s);
        put_probe(s, w, FORTH, scan->flags);
        if (!rng_chance(&s->rng, scan->answered))
            return go_on(s);
        scan->step = ANSWER;
        return rng_between(&s->rng, 500, 50000) * NSEC_PER_USEC;
    case ANSWER:
        if (scan->flags == SYN && s->protocol == IP_TCP && rng_chance(&s->rng, scan->opened)) {
            put_probe(s, w, BACK, SYN | ACK);
            scan->step = RESET;
            return 100 * NSEC_PER_USEC;
        }
        put_probe(s, w, BACK, RST | ACK);
        return go_on(s);
    default:
        put_probe(s, w, FORTH, scan->last_flags);
        return go_on(s);
    }
}

/* --- peers ------------------------------------------------------------------------------------ */

/* A few datagrams to a peer, which has a port of its own, or the one that all have at first. */
void peer_open(struct session *s)
{
    ntp_open(s);
    session_set_hosts(s, PEERS_FIRST + rng_below(&s->rng, PEERS),
                      OUTSIDE + rng_below(&s->rng, 1 << 16));
    s->ends.port[0] = PEER_PORT;
    s->ends.port[1] =
        rng_chance(&s->rng, 250) ? PEER_PORT : (uint16_t)rng_between(&s->rng, 1024, 65535);
    s->u.datagram.is_answered = rng_chance(&s->rng, 450);
    s->u.datagram.left = s->planned = rng_between(&s->rng, 2, 6);
    s->u.datagram.size = 100;
}
