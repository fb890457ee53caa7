/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "session.h"

/*
 * UDP: DNS lookups, NTP, long streams one way or both, datagrams in fragments, and datagrams to
 * ports where nobody listens, which an ICMP error answers.
 */
enum { FRAGMENT_SIZE = 1480, UDP_HEADER = 8 };

static nsec_t around(struct session *s, uint32_t us)
{
    return (us - us / 10 + rng_below(&s->rng, us / 5 + 1)) * NSEC_PER_USEC;
}

/* A lookup of one of some names: header (RFC 1035, 4.1.1) and question. */
static uint32_t put_question(uint8_t *at, const struct session *s, bool is_answer)
{
    static const char NAMES[][12] = {"www", "mail", "ftp", "ns1", "static", "api", "updates"};
    const char *name = NAMES[s->u.datagram.id % ARRAY_SIZE(NAMES)];
    uint32_t length = (uint32_t)strlen(name), size = 12;
    memset(at, 0, 12);
    store_be16(at, s->u.datagram.id);
    store_be16(at + 2, is_answer ? 0x8180 : 0x0100);
    store_be16(at + 4, 1);
    store_be16(at + 6, is_answer);
    at[size++] = (uint8_t)length;
    memcpy(at + size, name, length);
    size += length;
    static const uint8_t REST[] = {7,   'e', 'x', 'a', 'm', 'p', 'l', 'e', 3,
                                   'c', 'o', 'm', 0,   0,   1,   0,   1};
    memcpy(at + size, REST, sizeof(REST));
    return size + (uint32_t)sizeof(REST);
}

static uint32_t put_answer(uint8_t *at, const struct session *s)
{
    /* The name is that of the question; type A, class IN, a minute to live, four bytes. */
    static const uint8_t RECORD[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 18, 0, 1};
    uint32_t size = put_question(at, s, true);
    memcpy(at + size, RECORD, sizeof(RECORD));
    return size + (uint32_t)sizeof(RECORD);
}

static void open_datagrams(struct session *s, bool is_ip6, uint16_t port, uint32_t packets)
{
    session_choose_hosts(s, is_ip6);
    s->protocol = 17;
    s->ends.port[1] = port;
    s->u.datagram.id = (uint16_t)rng_next(&s->rng);
    s->u.datagram.left = packets;
    s->planned = packets;
}

void dns_open(struct session *s)
{
    open_datagrams(s, false, 53, rng_chance(&s->rng, 960) ? 2 : 1);
}

void dns_open6(struct session *s)
{
    open_datagrams(s, true, 53, 2);
}

nsec_t dns_next(struct session *s, struct frame_writer *w)
{
    uint8_t message[128];
    bool is_answer = s->u.datagram.direction == BACK;
    uint32_t size = is_answer ? put_answer(message, s) : put_question(message, s, false);
    s->direction = s->u.datagram.direction;
    wire_udp(w, &s->ends, s->direction, payload_of(message, size));
    s->u.datagram.direction = BACK;
    return --s->u.datagram.left ? around(s, rng_skewed(&s->rng, 500, 100000)) : SESSION_END;
}

void ntp_open(struct session *s)
{
    open_datagrams(s, false, 123, 2);
    if (rng_chance(&s->rng, 500))
        s->ends.port[0] = 123;
    s->u.datagram.size = 48;
    s->u.datagram.gap_us = 20000;
    s->u.datagram.is_answered = true;
}

static void open_stream(struct session *s, bool is_ip6)
{
    uint16_t port = (uint16_t)rng_between(&s->rng, 1024, 32767);
    open_datagrams(s, is_ip6, rng_chance(&s->rng, 400) ? 443 : port, rng_skewed(&s->rng, 4, 5000));
    s->u.datagram.size = rng_skewed(&s->rng, 40, 1400);
    s->u.datagram.gap_us = rng_skewed(&s->rng, 500, 60000);
    s->u.datagram.is_answered = rng_chance(&s->rng, 700);
}

void stream_open(struct session *s)
{
    open_stream(s, false);
}

void stream_open6(struct session *s)
{
    open_stream(s, true);
}

nsec_t stream_next(struct session *s, struct frame_writer *w)
{
    struct datagram_state *d = &s->u.datagram;
    s->direction = d->direction;
    wire_udp(w, &s->ends, d->direction, bulk_slice(s->bulk, d->size, d->left));
    d->direction = d->is_answered && d->direction == FORTH ? BACK : FORTH;
    return --d->left ? around(s, d->gap_us) : SESSION_END;
}

void fragments_open(struct session *s)
{
    uint32_t datagrams = rng_skewed(&s->rng, 1, 8);
    open_datagrams(s, false, 2049, datagrams);
    s->u.datagram.size = rng_between(&s->rng, 2000, 8192);
    s->u.datagram.is_reversed = rng_chance(&s->rng, 100); /* as old Linux sent them */
    s->planned = datagrams * (s->u.datagram.size / FRAGMENT_SIZE + 1);
    s->ends.ip_id[FORTH]++;
    if (s->u.datagram.is_reversed)
        s->u.datagram.offset =
            (s->u.datagram.size + UDP_HEADER - 1) / FRAGMENT_SIZE * FRAGMENT_SIZE;
}

/* Goes to the fragment that is sent after this one; false when the datagram is complete. */
static bool next_fragment(struct datagram_state *d)
{
    uint32_t total = d->size + UDP_HEADER;
    if (d->is_reversed) {
        bool more = d->offset > 0;
        d->offset = more ? d->offset - FRAGMENT_SIZE : (total - 1) / FRAGMENT_SIZE * FRAGMENT_SIZE;
        return more;
    }
    d->offset += FRAGMENT_SIZE;
    if (d->offset < total)
        return true;
    d->offset = 0;
    return false;
}

nsec_t fragments_next(struct session *s, struct frame_writer *w)
{
    struct datagram_state *d = &s->u.datagram;
    uint32_t rest = d->size + UDP_HEADER - d->offset;
    uint32_t size = rest < FRAGMENT_SIZE ? rest : FRAGMENT_SIZE;
    struct fragment fragment = {
        .offset = d->offset,
        .datagram_size = d->size,
        .more = rest > FRAGMENT_SIZE,
    };
    size -= d->offset ? 0 : UDP_HEADER;
    wire_udp_fragment(w, &s->ends, FORTH, &fragment, bulk_slice(s->bulk, size, d->offset));
    s->direction = FORTH;
    if (next_fragment(d))
        return around(s, 15);
    s->ends.ip_id[FORTH]++;
    return --d->left ? around(s, 50000) : SESSION_END;
}

void unreachable_open(struct session *s)
{
    open_datagrams(s, false, (uint16_t)rng_between(&s->rng, 33434, 33534), 2);
    s->u.datagram.size = 40;
}

/* Type 3 code 3: the header and the first eight bytes of the datagram are quoted (RFC 792). */
static void put_unreachable(struct session *s, struct frame_writer *w)
{
    uint8_t message[8 + 28] = {3, 3};
    struct frame_writer quoted = {.snap = FRAME_ROOM};
    struct ends ends = s->ends;
    ends.ip_id[FORTH]--;
    wire_udp(&quoted, &ends, FORTH, bulk_slice(s->bulk, s->u.datagram.size, 0));
    memcpy(message + 8, quoted.bytes + 14, 28);
    wire_icmp(w, &s->ends, BACK, payload_of(message, sizeof(message)));
}

nsec_t unreachable_next(struct session *s, struct frame_writer *w)
{
    if (s->u.datagram.left-- == 2) {
        wire_udp(w, &s->ends, FORTH, bulk_slice(s->bulk, s->u.datagram.size, 0));
        s->direction = FORTH;
        return around(s, 30000);
    }
    put_unreachable(s, w);
    s->direction = BACK;
    s->row = 1;
    return SESSION_END;
}
