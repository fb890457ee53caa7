/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bytes.h"
#include "session.h"

/* Everything that is neither TCP nor UDP: ICMP echo, ARP, ESP, SCTP, IGMP. */
enum { ETHER_ARP = 0x0806 };
enum { IP_ICMP = 1, IP_IGMP = 2, IP_ESP = 50, IP_ICMP6 = 58, IP_SCTP = 132 };
enum { ARP = 0 };
enum { ECHO_REPLY = 0, ECHO_REQUEST = 8, ECHO_REQUEST6 = 128, ECHO_REPLY6 = 129, ECHO_SIZE = 64 };

static void open_echo(struct session *s, bool is_ip6)
{
    session_choose_hosts(s, is_ip6);
    memset(s->ends.port, 0, sizeof(s->ends.port));
    s->protocol = is_ip6 ? IP_ICMP6 : IP_ICMP;
    s->u.datagram.id = (uint16_t)rng_next(&s->rng);
    s->u.datagram.left = 2 * rng_between(&s->rng, 1, 5);
    s->u.datagram.gap_us = rng_skewed(&s->rng, 300, 150000);
    s->planned = s->u.datagram.left;
}

void echo_open(struct session *s)
{
    open_echo(s, false);
}

void echo_open6(struct session *s)
{
    open_echo(s, true);
}

nsec_t echo_next(struct session *s, struct frame_writer *w)
{
    struct datagram_state *d = &s->u.datagram;
    bool is_reply = d->direction == BACK;
    uint8_t message[ECHO_SIZE] = {s->ends.is_ip6 ? ECHO_REQUEST6 : ECHO_REQUEST};
    if (is_reply)
        message[0] = s->ends.is_ip6 ? ECHO_REPLY6 : ECHO_REPLY;
    store_be16(message + 4, d->id);
    store_be16(message + 6, d->sequence);
    for (unsigned i = 8; i < sizeof(message); i++)
        message[i] = (uint8_t)i;
    s->direction = d->direction;
    wire_icmp(w, &s->ends, d->direction, payload_of(message, sizeof(message)));
    d->direction = !d->direction;
    d->sequence += is_reply;
    if (!--d->left)
        return SESSION_END;
    return is_reply ? NSEC_PER_SEC - d->gap_us * NSEC_PER_USEC : d->gap_us * NSEC_PER_USEC;
}

void arp_open(struct session *s)
{
    session_choose_hosts(s, false);
    /* Both are on this network. */
    store_be32(s->ends.address[1], 0x0a000000 + rng_below(&s->rng, 4096));
    s->ends.mac[1][0] = 0x02;
    store_be32(s->ends.mac[1] + 2, load_be32(s->ends.address[1]) & 0xffffff);
    memset(s->ends.port, 0, sizeof(s->ends.port));
    s->protocol = ARP;
    s->u.datagram.left = rng_chance(&s->rng, 900) ? 2 : 1;
    s->planned = s->u.datagram.left;
}

nsec_t arp_next(struct session *s, struct frame_writer *w)
{
    static const uint8_t HEADER[] = {0, 1, 8, 0, 6, 4, 0};
    int from = s->u.datagram.direction;
    uint8_t message[46] = {0}; /* 28, and padding to the shortest Ethernet frame */
    memcpy(message, HEADER, sizeof(HEADER));
    message[7] = from == FORTH ? 1 : 2;
    memcpy(message + 8, s->ends.mac[from], 6);
    memcpy(message + 14, s->ends.address[from], 4);
    if (from == BACK)
        memcpy(message + 18, s->ends.mac[FORTH], 6);
    memcpy(message + 24, s->ends.address[!from], 4);

    struct ends ends = s->ends;
    if (from == FORTH)
        memset(ends.mac[BACK], 0xff, 6); /* a question is for all */
    wire_ether(w, &ends, from, ETHER_ARP);
    wire_append(w, payload_of(message, sizeof(message)));
    s->direction = (uint8_t)from;
    s->u.datagram.direction = BACK;
    return --s->u.datagram.left ? 300 * NSEC_PER_USEC : SESSION_END;
}

void esp_open(struct session *s)
{
    session_choose_hosts(s, false);
    memset(s->ends.port, 0, sizeof(s->ends.port));
    s->protocol = IP_ESP;
    s->u.datagram.left = rng_skewed(&s->rng, 2, 400);
    s->u.datagram.spi = (uint32_t)rng_next(&s->rng) | 0x100;
    s->planned = s->u.datagram.left;
}

nsec_t esp_next(struct session *s, struct frame_writer *w)
{
    struct datagram_state *d = &s->u.datagram;
    uint8_t message[152];
    struct payload sealed = bulk_slice(s->bulk, sizeof(message) - 8, d->left);
    store_be32(message, d->spi);
    store_be32(message + 4, ++d->sequence);
    memcpy(message + 8, sealed.data, sealed.size);
    s->direction = FORTH;
    wire_ip(w, &s->ends, FORTH, IP_ESP, payload_of(message, sizeof(message)));
    return --d->left ? rng_between(&s->rng, 1, 50) * NSEC_PER_MSEC : SESSION_END;
}

void sctp_open(struct session *s)
{
    session_choose_hosts(s, false);
    s->ends.port[1] = 2905;
    s->protocol = IP_SCTP;
    s->u.datagram.left = rng_skewed(&s->rng, 4, 100);
    s->u.datagram.spi = (uint32_t)rng_next(&s->rng);
    s->planned = s->u.datagram.left;
}

/* A packet of one DATA chunk (RFC 9260), forth and back by turns. */
nsec_t sctp_next(struct session *s, struct frame_writer *w)
{
    enum { COMMON = 12, CHUNK = 16, USER = 64, SIZE = COMMON + CHUNK + USER };
    struct datagram_state *d = &s->u.datagram;
    uint8_t message[SIZE] = {0}, from = d->direction;
    store_be16(message, s->ends.port[from]);
    store_be16(message + 2, s->ends.port[!from]);
    store_be32(message + 4, d->spi + from);
    message[COMMON + 1] = 3; /* whole message */
    store_be16(message + COMMON + 2, CHUNK + USER);
    store_be32(message + COMMON + 4, d->sequence);
    memcpy(message + COMMON + CHUNK, bulk_slice(s->bulk, USER, d->left).data, USER);
    store_le32(message + 8, crc32c(message, SIZE));
    s->direction = from;
    wire_ip(w, &s->ends, from, IP_SCTP, payload_of(message, SIZE));
    d->sequence += from;
    d->direction = !from;
    return --d->left ? rng_between(&s->rng, 2, 200) * NSEC_PER_MSEC : SESSION_END;
}

void igmp_open(struct session *s)
{
    session_choose_hosts(s, false);
    memset(s->ends.port, 0, sizeof(s->ends.port));
    s->protocol = IP_IGMP;
    store_be32(s->ends.address[1], 0xefff0000 + rng_below(&s->rng, 256)); /* 239.255.0.0/16 */
    static const uint8_t MULTICAST[3] = {0x01, 0x00, 0x5e};
    memcpy(s->ends.mac[1], MULTICAST, 3);
    memcpy(s->ends.mac[1] + 3, s->ends.address[1] + 1, 3);
    s->ends.mac[1][3] &= 0x7f;
    s->ends.ttl[0] = 1;
    s->planned = 1;
}

nsec_t igmp_next(struct session *s, struct frame_writer *w)
{
    uint8_t message[8] = {0x16}; /* version 2 membership report */
    memcpy(message + 4, s->ends.address[1], 4);
    store_be16(message + 2, wire_checksum(payload_of(message, sizeof(message))));
    s->direction = FORTH;
    wire_ip(w, &s->ends, FORTH, IP_IGMP, payload_of(message, sizeof(message)));
    return SESSION_END;
}
