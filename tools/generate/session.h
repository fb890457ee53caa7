/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "random.h"
#include "wire.h"

/*
 * Session: one conversation, played packet by packet. Each kind of session has an `open` that
 * chooses what will happen, and a `next` that writes the next frame and says when the one after
 * it is due. A session has its own generator of random numbers, so what it says does not depend
 * on what else is on the wire.
 */
enum { SESSION_END = -1, SESSION_ROWS = 2 };

/* What an observer should count: a line of the truth file. */
struct tally {
    uint64_t packets[2], bytes[2];
    nsec_t first, last;
};

struct tcp_state {
    uint8_t phase, ending, sender, service;
    bool timestamps, greeted[2];
    uint8_t unacked;           /* data segments since the last acknowledgement */
    uint16_t exchanges;        /* request and answer pairs still to come */
    uint32_t seq[2];           /* next of each side */
    uint32_t left;             /* bytes of this burst still to be sent */
    uint32_t held_seq, held;   /* a segment kept back, to arrive out of order */
    uint32_t again_seq, again; /* a segment that will be sent once more */
    uint32_t rtt_us, clock;
};

struct datagram_state {
    uint32_t left;     /* packets still to come */
    uint32_t gap_us;   /* between them */
    uint32_t size;     /* of a payload; of the whole datagram for fragments */
    uint32_t offset;   /* of the next fragment */
    uint32_t spi;      /* of FORTH; BACK uses the next number */
    uint16_t id;       /* of DNS and echo */
    uint16_t sequence; /* of echo and ESP */
    uint8_t direction;
    bool is_answered, is_reversed;
};

struct scan_state {
    uint32_t source, target; /* addresses; the first one of the targets */
    uint32_t hosts, ports;   /* how many of them are tried */
    uint32_t left;           /* probes still to come */
    uint32_t gap_us;         /* between them */
    uint32_t answered;       /* how many of a thousand are */
    uint32_t opened;         /* and of these, by a SYN+ACK */
    uint16_t port;           /* the first one */
    uint8_t flags, last_flags, step;
};

struct session {
    const struct session_kind *kind;
    const struct bulk *bulk;
    struct rng rng;
    struct ends ends;
    struct tally tally[SESSION_ROWS];
    uint32_t planned;  /* packets, roughly; known after open */
    uint8_t protocol;  /* of the first row, as IP numbers them; 0: ARP */
    uint8_t direction; /* of the frame just written */
    uint8_t row;       /* it belongs to */
    union {
        struct tcp_state tcp;
        struct datagram_state datagram;
        struct scan_state scan;
    } u;
};

struct session_kind {
    const char *name;
    void (*open)(struct session *s);
    /* Writes a frame, sets direction and row; nanoseconds to the next one, or SESSION_END. */
    nsec_t (*next)(struct session *s, struct frame_writer *w);
};

/* Hosts of the play: clients inside, servers outside, a few scanners. */
void session_choose_hosts(struct session *s, bool is_ip6);
void session_choose_scanner(struct session *s);
void session_choose_spoofed(struct session *s); /* anybody, to one server */

void session_set_hosts(struct session *s, uint32_t source, uint32_t target); /* IPv4 */

/* The kinds; `kinds` ends with a NULL name. */
extern const struct session_kind SESSION_KINDS[];

void tcp_open_web(struct session *s);
void tcp_open_mail(struct session *s);
void tcp_open_shell(struct session *s);
void tcp_open_other(struct session *s);
void tcp_open_web6(struct session *s);
void tcp_open_vlan(struct session *s);
void tcp_open_gre(struct session *s);
void tcp_open_probe(struct session *s);
void tcp_open_flood(struct session *s);
nsec_t tcp_next(struct session *s, struct frame_writer *w);

void dns_open(struct session *s);
void dns_open6(struct session *s);
nsec_t dns_next(struct session *s, struct frame_writer *w);
void ntp_open(struct session *s);
void stream_open(struct session *s);
void stream_open6(struct session *s);
nsec_t stream_next(struct session *s, struct frame_writer *w);
void fragments_open(struct session *s);
nsec_t fragments_next(struct session *s, struct frame_writer *w);
void unreachable_open(struct session *s);
nsec_t unreachable_next(struct session *s, struct frame_writer *w);

void echo_open(struct session *s);
void echo_open6(struct session *s);
nsec_t echo_next(struct session *s, struct frame_writer *w);
void arp_open(struct session *s);
nsec_t arp_next(struct session *s, struct frame_writer *w);
void esp_open(struct session *s);
nsec_t esp_next(struct session *s, struct frame_writer *w);
void sctp_open(struct session *s);
nsec_t sctp_next(struct session *s, struct frame_writer *w);
void igmp_open(struct session *s);
nsec_t igmp_next(struct session *s, struct frame_writer *w);

void scan_open_horizontal(struct session *s);
void scan_open_vertical(struct session *s);
void scan_open_block(struct session *s);
void scan_open_stealth(struct session *s);
void scan_open_udp(struct session *s);
void scan_open_sweep(struct session *s);
void scan_open_slow(struct session *s);
void watch_open(struct session *s);
nsec_t scan_next(struct session *s, struct frame_writer *w);
void peer_open(struct session *s);
