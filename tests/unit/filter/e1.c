/* SPDX-License-Identifier: Apache-2.0 */
#include "e1.h"

#include <arpa/inet.h>
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

enum { ICMP = 1, TCP = 6, UDP = 17, ESP = 50 };
enum { TCP_REPLIED = TCPS_SYN | TCPS_SYNACK, TCP_OPEN = TCP_REPLIED | TCPS_EST };
enum { F = 1, S = 2, R = 4, P = 8, A = 0x10 };

struct row {
    double start, duration; /* seconds after EPOCH */
    uint8_t protocol;
    const char *src, *dst;
    uint16_t sport, dport;
    uint64_t packets[2], bytes[2];
    uint32_t status;
    uint8_t flags[2];
};

static const double EPOCH = 1700000000; /* 2023-11-14 22:13:20 UTC */
static const char client[] = "10.1.0.1", server[] = "10.2.0.2";

static const struct row rows[] = {
    {0.0,
     6.02,
     TCP,
     client,
     server,
     1111,
     80,
     {9, 7},
     {986, 1378},
     TCP_OPEN | TCPS_FIN | TCPS_FINACK,
     {F | S | P | A, F | S | P | A}},
    {0.5,
     6.0,
     TCP,
     client,
     server,
     1112,
     25,
     {7, 7},
     {878, 1378},
     TCP_OPEN | TCPS_RESET_DST,
     {S | P | A, S | R | P | A}},
    {0.7,
     3.1,
     TCP,
     client,
     server,
     1113,
     443,
     {5, 4},
     {570, 816},
     TCP_OPEN,
     {S | P | A, S | P | A}},
    {1.0, 0.01, UDP, client, server, 5000, 53, {1, 1}, {52, 102}, 0, {0}},
    {2.0, 0, TCP, client, server, 1114, 80, {1, 0}, {54, 0}, TCPS_SYN, {S, 0}},
    {2.0, 0, UDP, client, server, 5001, 53, {1, 0}, {52, 0}, 0, {0}},
    {2.2,
     0.1,
     TCP,
     client,
     server,
     1115,
     80,
     {1, 1},
     {54, 54},
     TCPS_SYN | TCPS_RESET_DST,
     {S, R | A}},
    {2.4, 0, TCP, client, server, 1116, 80, {1, 0}, {104, 0}, TCPS_EST, {P | A, 0}},
    {2.5, 0.1, TCP, client, server, 1117, 80, {1, 1}, {104, 54}, TCPS_EST, {P | A, A}},
    {2.7, 0.1, TCP, client, server, 1118, 22, {1, 1}, {54, 54}, TCP_REPLIED, {S, S | A}},
    {2.9, 0, TCP, client, server, 1119, 80, {1, 0}, {54, 0}, TCPS_FIN, {F | A, 0}},
    {3.0, 0, TCP, server, client, 80, 1120, {1, 0}, {54, 0}, TCPS_SYNACK, {S | A, 0}},
    {3.0, 3.0, UDP, client, "239.1.1.1", 5002, 9999, {4, 0}, {568, 0}, 0, {0}},
    {3.1, 0, TCP, client, server, 1121, 80, {1, 0}, {54, 0}, TCPS_RESET_SRC, {R, 0}},
    {4.0, 1.0, UDP, client, server, 5003, 6000, {2, 1}, {104, 52}, 0, {0}},
    {6.0, 0.05, ICMP, client, server, 0x0800, 77, {1, 1}, {74, 74}, 0, {0}},
    {6.9, 0.1, UDP, client, "10.9.9.9", 5010, 161, {1, 0}, {52, 0}, 0, {0}},
    {7.0, 0, ICMP, "10.3.0.3", client, 0x0301, 0, {1, 0}, {70, 0}, 0, {0}},
    {7.5, 0, ICMP, "10.3.0.3", client, 0x0b00, 0, {1, 0}, {70, 0}, 0, {0}},
    {8.0, 0.1, UDP, "fd00::1", "fd00::2", 5000, 53, {1, 1}, {72, 82}, 0, {0}},
    {8.2, 0.1, TCP, "fd00::1", "fd00::2", 1111, 80, {2, 1}, {148, 74}, TCP_OPEN, {S | A, S | A}},
    {9.0, 0.001, 0, client, server, 0, 0, {1, 1}, {42, 42}, 0, {0}}, /* ARP */
    {10.0, 0, UDP, client, server, 7000, 7001, {1, 0}, {51, 0}, 0, {0}},
    {11.0, 0.5, ESP, client, server, 0, 0, {2, 0}, {164, 0}, 0, {0}},
    {12.0, 0.01, UDP, client, server, 8000, 8001, {2, 0}, {2076, 0}, 0, {0}},
    {13.0,
     1.9,
     TCP,
     client,
     server,
     1200,
     80,
     {5, 2},
     {470, 108},
     TCP_OPEN | TCPS_RETRANS_SRC,
     {S | P | A, S | A}},
};

/* What the rows have no column for. */
enum { MAPPED = 17, ARP = 22, TAGGED = 23, SECURITY = 24, FRAGMENTS = 25, RETRANSMITTED = 26 };

static nsec_t at(double seconds)
{
    return (nsec_t)llround((EPOCH + seconds) * 1e6) * NSEC_PER_USEC;
}

static void fill_key(struct record_key *key, const struct row *row)
{
    bool is_ip6 = strchr(row->src, ':');
    *key = (struct record_key){
        .class = row->protocol ? KEY_5TUPLE : KEY_ARP,
        .family = !row->protocol ? FAMILY_ARP
                  : is_ip6       ? FAMILY_IP6
                                 : FAMILY_IP4,
        .protocol = row->protocol,
        .prefix = {is_ip6 ? 128 : 32, is_ip6 ? 128 : 32},
    };
    int made = inet_pton(is_ip6 ? AF_INET6 : AF_INET, row->src, key->addr[SRC]);
    made += inet_pton(is_ip6 ? AF_INET6 : AF_INET, row->dst, key->addr[DST]);
    assert(made == 2);
    if (row->protocol == TCP || row->protocol == UDP) {
        key->port[SRC] = row->sport;
        key->port[DST] = row->dport;
    } else if (row->protocol == ICMP) {
        key->u.icmp.type = (uint8_t)(row->sport >> 8);
        key->u.icmp.code = (uint8_t)row->sport;
        key->u.icmp.id = htons(row->dport);
    } else if (key->family == FAMILY_ARP) {
        key->u.arp.hardware_type = 1;
        key->u.arp.protocol_type = 0x800;
        key->u.arp.operation = 1;
        key->u.arp.hardware_size = 6;
        key->u.arp.protocol_size = key->u.arp.hardware_kept = 4;
    }
}

static void fill_tcp(struct record *r, const struct row *row)
{
    r->net.form = NET_TCP_PERF;
    r->net.u.tcp.status = row->status;
    for (unsigned side = SRC; side <= DST; side++) {
        r->net.u.tcp.side[side].flags = row->flags[side];
        r->net.u.tcp.side[side].seq_base = row->packets[side] ? 1000 + side : 0;
        r->net.u.tcp.side[side].window = row->packets[side] ? 512 : 0;
    }
}

static void fill_icmp(struct record *r)
{
    r->net.form = NET_ICMP;
    r->net.u.icmp.type = r->key.u.icmp.type;
    r->net.u.icmp.code = r->key.u.icmp.code;
    memcpy(r->net.u.icmp.addr[0], r->key.addr[SRC], 4);
    memcpy(r->net.u.icmp.addr[1], r->key.addr[DST], 4);
}

static void fill_sides(struct record *r, const struct row *row)
{
    nsec_t ends[2] = {at(row->start), at(row->start + row->duration)};
    for (unsigned side = SRC; side <= DST; side++) {
        uint64_t count = row->packets[side];
        r->metric.packets[side] = count;
        r->metric.bytes[side] = row->bytes[side];
        r->time.has_start[side] = count;
        r->time.has_last[side] = count > 1;
        r->time.start[side] = ends[count == 1 ? side : 0];
        r->time.last[side] = ends[1];
        r->mac.addr[side][0] = 2;
        r->mac.addr[side][5] = (uint8_t)(1 + side);
        r->ipattr.has[side] = count && row->protocol;
        r->ipattr.ttl[side] = 64;
    }
    r->time.bidirectional = true;
}

static void fill_special(struct record *r, unsigned number)
{
    switch (number) {
    case MAPPED:
        r->blocks |= BLOCK_ICMP;
        r->icmp = (struct record_icmp){
            .kind = 1, .type = 3, .code = 1, .size = 8, .reporter = {10, 3, 0, 3}};
        r->time.has_last[SRC] = true;
        return;
    case ARP:
        memset(r->mac.addr[DST], 0xff, 6);
        return;
    case TAGGED:
        r->blocks |= BLOCK_VLAN;
        r->vlan.has[SRC] = true;
        r->vlan.tci[SRC] = 3u << 13 | 100;
        return;
    case SECURITY:
        r->key.u.spi = 0x1234;
        r->net.form = NET_ESP;
        r->net.u.esp = (struct record_esp){.status = 0x10, .spi = 0x1234, .last_seq = 5, .lost = 2};
        return;
    case FRAGMENTS:
        r->ipattr.fragments[SRC] = true;
        return;
    case RETRANSMITTED:
        r->net.u.tcp.side[SRC].retrans = 2;
        return;
    default:
        return;
    }
}

static void fill(struct record *r, const struct row *row, unsigned number)
{
    *r = (struct record){
        .type = RECORD_FAR,
        .version = 3,
        .cause = CAUSE_START,
        .blocks = BLOCK_TRANSPORT | BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_MAC,
        .transport =
            {.flags = 3, .id_form = 1, .id_size = 4, .id = {192, 0, 2, 1}, .sequence = number},
        .mac.ethertype = 0x800,
    };
    fill_key(&r->key, row);
    fill_sides(r, row);
    if (row->protocol)
        r->blocks |= BLOCK_IPATTR;
    if (row->protocol == TCP || row->protocol == ESP || row->protocol == ICMP)
        r->blocks |= BLOCK_NET;
    if (row->protocol == TCP)
        fill_tcp(r, row);
    else if (row->protocol == ICMP)
        fill_icmp(r);
    fill_special(r, number);
}

void e1_make(struct record ret[E1_COUNT])
{
    static_assert(ARRAY_SIZE(rows) == E1_COUNT - 1, "one record a row, and one of management");
    ret[0] = (struct record){.type = RECORD_MAR,
                             .version = 3,
                             .cause = CAUSE_START,
                             .mar = {.cookie = 0xe5712dcb, .now = at(0), .start = at(0)}};
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        fill(&ret[i + 1], &rows[i], i + 1);
}
