/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "session.h"

/*
 * TCP connections: handshake, requests and answers in segments with acknowledgements, now and
 * then a segment twice or two in the wrong order, and an end: in peace (FIN), in anger (RST), or
 * none at all.
 *
 * A connection goes through phases; each phase is a function that says what the next segment is
 * and when the one after it comes.
 */
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { MSS = 1448, ACK_EVERY = 2 };

enum phase { OPEN_SYN, OPEN_SYNACK, OPEN_ACK, DATA, CLOSE_FIRST, CLOSE_SECOND, CLOSE_ACK, RESET };

enum ending {
    ENDS_WITH_FIN,
    ENDS_WITH_RST,
    ENDS_OPEN,  /* the capture sees no end */
    UNANSWERED, /* the SYN falls into a hole */
    REFUSED,
    HALF_OPEN, /* SYN and SYN+ACK, then the opener resets */
};

struct service {
    uint16_t port; /* 0: any high one */
    uint16_t exchanges_most;
    uint32_t request_most, answer_most; /* bytes */
    bool server_speaks_first;
    const char *hello[2]; /* first words of either side */
};

enum { WEB, SECURE_WEB, MAIL, SHELL, OTHER, PROBE };

static const struct service SERVICES[] = {
    [WEB] = {80,
             6,
             1200,
             200000,
             false,
             {"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"}},
    [SECURE_WEB] = {443, 10, 4000, 200000, false, {NULL, NULL}},
    [MAIL] = {25,
              8,
              30000,
              200,
              true,
              {"EHLO client.example.org\r\n", "220 mail.example.com ESMTP\r\n"}},
    [SHELL] = {22, 60, 96, 400, true, {"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_8.9\r\n"}},
    [OTHER] = {0, 20, 20000, 20000, false, {NULL, NULL}},
    [PROBE] = {0, 0, 0, 0, false, {NULL, NULL}},
};

static nsec_t microseconds(struct session *s, uint32_t least, uint32_t most)
{
    return rng_between(&s->rng, least, most) * NSEC_PER_USEC + rng_below(&s->rng, 1000);
}

static nsec_t round_trip(struct session *s)
{
    uint32_t rtt = s->u.tcp.rtt_us;
    return microseconds(s, rtt, rtt + rtt / 8);
}

/* A segment to be written, filled in by a phase. */
struct step {
    uint8_t flags, direction;
    uint32_t seq, size;
};

static void begin_burst(struct session *s, uint8_t sender)
{
    struct tcp_state *t = &s->u.tcp;
    const struct service *service = &SERVICES[t->service];
    uint32_t most = sender == FORTH ? service->request_most : service->answer_most;
    t->sender = sender;
    t->left = rng_skewed(&s->rng, 20 + most / 100, most);
    if (service->hello[sender] && !t->greeted[sender])
        t->left = (uint32_t)strlen(service->hello[sender]);
    t->greeted[sender] = true;
}

static nsec_t open_syn(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->flags = SYN;
    step->seq = t->seq[FORTH];
    if (t->ending == UNANSWERED) {
        if (!t->exchanges--)
            return SESSION_END;
        return NSEC_PER_SEC + microseconds(s, 0, 5000); /* tries again */
    }
    if (rng_chance(&s->rng, 5))
        return NSEC_PER_SEC; /* lost behind us */
    t->seq[FORTH]++;
    t->phase = OPEN_SYNACK;
    return round_trip(s);
}

static nsec_t open_synack(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->direction = BACK;
    step->seq = t->seq[BACK]++;
    step->flags = SYN | ACK;
    if (t->ending == REFUSED) {
        step->flags = RST | ACK;
        step->seq = 0;
        return SESSION_END;
    }
    t->phase = t->ending == HALF_OPEN ? RESET : OPEN_ACK;
    return microseconds(s, 30, 300);
}

static nsec_t open_ack(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->flags = ACK;
    step->seq = t->seq[FORTH];
    t->phase = DATA;
    begin_burst(s, SERVICES[t->service].server_speaks_first ? BACK : FORTH);
    return t->sender == FORTH ? microseconds(s, 50, 2000) : round_trip(s);
}

/* The burst is over and acknowledged: the other side's turn, or the end. */
static nsec_t next_burst(struct session *s)
{
    struct tcp_state *t = &s->u.tcp;
    bool is_pair_done = t->sender == (SERVICES[t->service].server_speaks_first ? FORTH : BACK);
    if (is_pair_done && !--t->exchanges) {
        t->phase = t->ending == ENDS_WITH_RST ? RESET : CLOSE_FIRST;
        return t->ending == ENDS_OPEN ? SESSION_END : microseconds(s, 100, 100000);
    }
    begin_burst(s, !t->sender);
    return is_pair_done ? microseconds(s, 1000, 2000000) : round_trip(s);
}

static nsec_t acknowledge(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->direction = !t->sender;
    step->flags = ACK;
    step->seq = t->seq[step->direction];
    t->unacked = 0;
    return t->left ? microseconds(s, 5, 200) : next_burst(s);
}

/* A segment that was sent before, or that should have been. */
static nsec_t late_segment(struct session *s, struct step *step, uint32_t seq, uint32_t size)
{
    step->direction = s->u.tcp.sender;
    step->flags = ACK;
    step->seq = seq;
    step->size = size;
    return microseconds(s, 5, 200);
}

static nsec_t data(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    if (t->held) {
        uint32_t size = t->held;
        t->held = 0;
        return late_segment(s, step, t->held_seq, size);
    }
    if (t->again) {
        uint32_t size = t->again;
        t->again = 0;
        return late_segment(s, step, t->again_seq, size);
    }
    if (t->unacked >= ACK_EVERY || !t->left)
        return acknowledge(s, step);

    uint32_t size = t->left < MSS ? t->left : MSS;
    if (t->left > 2 * MSS && rng_chance(&s->rng, 4)) { /* the next one overtakes this one */
        t->held_seq = t->seq[t->sender];
        t->held = size;
        t->seq[t->sender] += size;
        t->left -= size;
        t->unacked++;
    }
    step->direction = t->sender;
    step->flags = t->left == size ? PSH | ACK : ACK;
    step->seq = t->seq[t->sender];
    step->size = size;
    t->seq[t->sender] += size;
    t->left -= size;
    t->unacked++;
    if (rng_chance(&s->rng, 5)) { /* it will be lost behind us */
        t->again_seq = step->seq;
        t->again = size;
        return 200 * NSEC_PER_MSEC + microseconds(s, 0, 1000);
    }
    return t->left ? microseconds(s, 5, 100) : microseconds(s, 20, 500);
}

static nsec_t close_first(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->flags = FIN | ACK;
    step->direction = t->sender;
    step->seq = t->seq[t->sender]++;
    t->phase = CLOSE_SECOND;
    return round_trip(s);
}

static nsec_t close_second(struct session *s, struct step *step)
{
    struct tcp_state *t = &s->u.tcp;
    step->flags = FIN | ACK;
    step->direction = !t->sender;
    step->seq = t->seq[step->direction]++;
    t->phase = CLOSE_ACK;
    return microseconds(s, 20, 200);
}

static nsec_t close_ack(struct session *s, struct step *step)
{
    step->flags = ACK;
    step->direction = s->u.tcp.sender;
    step->seq = s->u.tcp.seq[step->direction];
    return SESSION_END;
}

static nsec_t reset(struct session *s, struct step *step)
{
    step->flags = RST;
    step->direction = FORTH;
    step->seq = s->u.tcp.seq[FORTH];
    return SESSION_END;
}

static nsec_t (*const PHASES[])(struct session *, struct step *) = {
    [OPEN_SYN] = open_syn,       [OPEN_SYNACK] = open_synack,
    [OPEN_ACK] = open_ack,       [DATA] = data,
    [CLOSE_FIRST] = close_first, [CLOSE_SECOND] = close_second,
    [CLOSE_ACK] = close_ack,     [RESET] = reset,
};

nsec_t tcp_next(struct session *s, struct frame_writer *w)
{
    struct tcp_state *t = &s->u.tcp;
    struct step step = {0};
    nsec_t delay = PHASES[t->phase](s, &step);

    struct tcp_segment segment = {
        .seq = step.seq,
        .ack = step.flags & ACK ? t->seq[!step.direction] : 0,
        .window = step.flags & RST ? 0 : 502,
        .flags = step.flags,
        .timestamps = t->timestamps && !(step.flags & RST),
        .clock = t->clock++,
    };
    const char *hello = SERVICES[t->service].hello[step.direction];
    struct payload payload = {0};
    if (step.size && hello && step.size == strlen(hello))
        payload = payload_of(hello, step.size);
    else if (step.size)
        payload = bulk_slice(s->bulk, step.size, step.seq);
    wire_tcp(w, &s->ends, step.direction, &segment, payload);
    s->direction = step.direction;
    return delay;
}

static void open_service(struct session *s, uint8_t service, bool is_ip6)
{
    struct tcp_state *t = &s->u.tcp;
    const struct service *what = &SERVICES[service];
    session_choose_hosts(s, is_ip6);
    s->protocol = 6;
    s->ends.port[1] = what->port ? what->port : (uint16_t)rng_between(&s->rng, 1024, 32767);
    t->service = service;
    t->phase = OPEN_SYN;
    t->timestamps = rng_chance(&s->rng, 700);
    t->exchanges = (uint16_t)rng_skewed(&s->rng, 1, what->exchanges_most);
    t->rtt_us = rng_skewed(&s->rng, 500, 200000);
    t->seq[FORTH] = (uint32_t)rng_next(&s->rng);
    t->seq[BACK] = (uint32_t)rng_next(&s->rng);
    t->clock = (uint32_t)rng_next(&s->rng);

    /* How it will end: per mille, in the order of enum ending. */
    static const uint16_t ENDINGS[] = {850, 60, 30, 30, 30};
    uint32_t chosen = rng_below(&s->rng, 1000), ending = 0;
    while (ending < ARRAY_SIZE(ENDINGS) && chosen >= ENDINGS[ending])
        chosen -= ENDINGS[ending++];
    check(ending < ARRAY_SIZE(ENDINGS));
    t->ending = (uint8_t)ending;
    if (ending == UNANSWERED)
        t->exchanges = 2;
    uint32_t bytes = what->request_most / 8 + what->answer_most / 8;
    s->planned = ending == UNANSWERED ? 3 : 6 + t->exchanges * (3 + bytes / MSS);
}

void tcp_open_web(struct session *s)
{
    open_service(s, rng_chance(&s->rng, 400) ? WEB : SECURE_WEB, false);
}

void tcp_open_mail(struct session *s)
{
    open_service(s, MAIL, false);
}

void tcp_open_shell(struct session *s)
{
    open_service(s, SHELL, false);
}

void tcp_open_other(struct session *s)
{
    open_service(s, OTHER, false);
}

void tcp_open_web6(struct session *s)
{
    open_service(s, SECURE_WEB, true);
}

void tcp_open_vlan(struct session *s)
{
    open_service(s, rng_chance(&s->rng, 500) ? WEB : MAIL, false);
    s->ends.vlan_id = (uint16_t)rng_between(&s->rng, 2, 40);
}

void tcp_open_gre(struct session *s)
{
    open_service(s, SHELL, rng_chance(&s->rng, 200));
    s->ends.in_gre = true;
}

void tcp_open_probe(struct session *s)
{
    static const uint16_t TARGETS[] = {23, 22, 25, 80, 443, 445, 1433, 3306, 3389, 5060, 8080};
    struct tcp_state *t = &s->u.tcp;
    open_service(s, PROBE, false);
    session_choose_scanner(s);
    s->ends.port[1] = TARGETS[rng_below(&s->rng, ARRAY_SIZE(TARGETS))];
    t->timestamps = false;
    t->exchanges = rng_chance(&s->rng, 50);
    t->ending = rng_chance(&s->rng, 850) ? UNANSWERED : REFUSED;
    if (rng_chance(&s->rng, 30))
        t->ending = HALF_OPEN;
    s->planned = 1;
}

void tcp_open_flood(struct session *s)
{
    struct tcp_state *t = &s->u.tcp;
    open_service(s, PROBE, false);
    session_choose_spoofed(s);
    s->ends.port[1] = 80;
    t->timestamps = false;
    t->exchanges = 0;
    t->ending = UNANSWERED;
    s->planned = 1;
}
