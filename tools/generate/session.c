/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>

#include "base/bytes.h"

enum { CLIENTS = 4096, SERVERS = 1 << 17, SCANNERS = 12 };

const struct session_kind SESSION_KINDS[] = {
    {"web", tcp_open_web, tcp_next},
    {"mail", tcp_open_mail, tcp_next},
    {"shell", tcp_open_shell, tcp_next},
    {"other", tcp_open_other, tcp_next},
    {"web6", tcp_open_web6, tcp_next},
    {"vlan", tcp_open_vlan, tcp_next},
    {"gre", tcp_open_gre, tcp_next},
    {"probe", tcp_open_probe, tcp_next},
    {"flood", tcp_open_flood, tcp_next},
    {"dns", dns_open, dns_next},
    {"dns6", dns_open6, dns_next},
    {"ntp", ntp_open, stream_next},
    {"stream", stream_open, stream_next},
    {"stream6", stream_open6, stream_next},
    {"fragments", fragments_open, fragments_next},
    {"unreachable", unreachable_open, unreachable_next},
    {"echo", echo_open, echo_next},
    {"echo6", echo_open6, echo_next},
    {"arp", arp_open, arp_next},
    {"esp", esp_open, esp_next},
    {"sctp", sctp_open, sctp_next},
    {"igmp", igmp_open, igmp_next},
    {"scan-horizontal", scan_open_horizontal, scan_next},
    {"scan-vertical", scan_open_vertical, scan_next},
    {"scan-block", scan_open_block, scan_next},
    {"scan-stealth", scan_open_stealth, scan_next},
    {"scan-udp", scan_open_udp, scan_next},
    {"scan-sweep", scan_open_sweep, scan_next},
    {"scan-slow", scan_open_slow, scan_next},
    {"watch", watch_open, scan_next},
    {"peer", peer_open, stream_next},
    {NULL, NULL, NULL},
};

static void set_address(struct ends *ends, int side, uint32_t ip4)
{
    if (ends->is_ip6) {
        static const uint8_t PREFIX[4] = {0x20, 0x01, 0x0d, 0xb8};
        memcpy(ends->address[side], PREFIX, 4);
        store_be32(ends->address[side] + 12, ip4);
    } else {
        store_be32(ends->address[side], ip4);
    }
}

void session_choose_hosts(struct session *s, bool is_ip6)
{
    static const uint8_t ROUTER[6] = {0x02, 0, 0, 0xff, 0xff, 0xfe};
    struct ends *ends = &s->ends;
    /* Some hosts talk much more than others. */
    uint32_t client = rng_skewed(&s->rng, 16, CLIENTS), server = rng_skewed(&s->rng, 64, SERVERS);
    ends->is_ip6 = is_ip6;
    set_address(ends, 0, 0x0a000000 + client);     /* 10.0.0.0/8 */
    set_address(ends, 1, 0xc6120000 + server - 1); /* 198.18.0.0/15, for benchmarks */
    ends->mac[0][0] = 0x02;
    store_be32(ends->mac[0] + 2, client);
    memcpy(ends->mac[1], ROUTER, sizeof(ROUTER));
    ends->port[0] = (uint16_t)rng_between(&s->rng, 32768, 60999);
    ends->ip_id[0] = (uint16_t)rng_next(&s->rng);
    ends->ip_id[1] = (uint16_t)rng_next(&s->rng);
    ends->ttl[0] = rng_chance(&s->rng, 500) ? 64 : 128;
    ends->ttl[1] = (uint8_t)(64 - rng_between(&s->rng, 3, 20));
}

void session_choose_scanner(struct session *s)
{
    session_choose_hosts(s, false);
    uint32_t target = (uint32_t)rng_next(&s->rng);
    set_address(&s->ends, 0, 0xcb007100 + 10 + rng_below(&s->rng, SCANNERS)); /* 203.0.113.0/24 */
    set_address(&s->ends, 1, 0x0a000000 + (target & 0xfffff));                /* 10.0.0.0/12 */
    memcpy(s->ends.mac[0], s->ends.mac[1], 6);
    s->ends.mac[1][3] = 0;
    s->ends.ttl[0] = 48;
}

void session_choose_spoofed(struct session *s)
{
    session_choose_hosts(s, false);
    set_address(&s->ends, 0, (uint32_t)rng_next(&s->rng));
    set_address(&s->ends, 1, 0xc6120001); /* 198.18.0.1 */
    memcpy(s->ends.mac[0], s->ends.mac[1], 6);
    s->ends.port[0] = (uint16_t)rng_between(&s->rng, 1024, 65535);
}

void session_set_hosts(struct session *s, uint32_t source, uint32_t target)
{
    set_address(&s->ends, 0, source);
    set_address(&s->ends, 1, target);
}
