/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/shards.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"
#include "packets.h"

/* --- a meter whose records are kept ----------------------------------------------------------- */

enum { RECORDS_MOST = 64 };

struct bench {
    uint32_t quirks;
    struct shards *meter;
    struct record records[RECORDS_MOST];
    unsigned count;
};

static int keep(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    struct bench *b = arg;
    if (b->count < RECORDS_MOST)
        b->records[b->count] = *r;
    b->count++;
    return 0;
}

static struct bench *bench_new(const struct meter_options *options)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct error err;
    assert_non_null(b);
    b->quirks = options->quirks;
    assert_int_equal(shards_new(&b->meter, options, keep, b, &err), 0);
    return b;
}

static void feed(struct bench *b, struct packet packet)
{
    struct error err;
    struct keyed_packet keyed = {.packet = packet};
    keyed_packet_complete(&keyed, b->quirks);
    assert_int_equal(shards_packets(b->meter, &keyed, 1, &err), 0);
}

static void finish(struct bench *b)
{
    struct error err;
    struct meter_counts counts;
    assert_int_equal(shards_flush(b->meter, &err), 0);
    shards_get_counts(b->meter, &counts);
    assert_int_equal(counts.packets, counts.recorded_packets);
    assert_int_equal(counts.bytes, counts.recorded_bytes);
    assert_int_equal(counts.flows_live, 0);
}

static void bench_free(struct bench *b)
{
    shards_free(b->meter);
    free(b);
}

/* "start-last:src/dst" of each record, times in seconds. */
static void assert_records(struct bench *b, const char *expected)
{
    char text[2048] = "";
    size_t size = 0;
    for (unsigned i = 0; i < b->count && i < RECORDS_MOST; i++) {
        const struct record *r = &b->records[i];
        size +=
            (size_t)snprintf(text + size, sizeof(text) - size, "%s%g-%g:%u/%u", i ? " " : "",
                             (double)record_start(r) / 1e9, (double)record_last(r) / 1e9,
                             (unsigned)r->metric.packets[SRC], (unsigned)r->metric.packets[DST]);
    }
    assert_string_equal(text, expected);
}

/* --- status interval -------------------------------------------------------------------------- */

static const struct period_case {
    double interval;
    double times[16]; /* up to the first negative one */
    const char *records;
} period_cases[] = {
    {5, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1}, "0-4:5/0 5-9:5/0 10-12:3/0"},
    {3,
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, -1},
     "0-2:3/0 3-5:3/0 6-8:3/0 9-11:3/0 12-12:1/0"},
    {5, {0, 4.9, 5.1, 9.8, 10.2, -1}, "0-4.9:2/0 5.1-9.8:2/0 10.2-10.2:1/0"},
    {5, {0, 3, 7, 11.9, 12.1, -1}, "0-3:2/0 7-11.9:2/0 12.1-12.1:1/0"},
    {0, {0, 0.5, 1, -1}, "0-0:1/0 0.5-0.5:1/0 1-1:1/0"},
    {0.5, {0, 0.4, 0.6, 1.2, 1.3, -1}, "0-0.4:2/0 0.6-0.6:1/0 1.2-1.3:2/0"},
    {5, {0, 1, 100, 101, -1}, "0-1:2/0 100-101:2/0"},
    {5, {10, 8, 9, -1}, "8-10:3/0"},
};

static void test_periods(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(period_cases); i++) {
        const struct period_case *c = &period_cases[i];
        struct meter_options options = meter_defaults;
        options.status_interval = (nsec_t)llround(c->interval * 1e9);
        struct bench *b = bench_new(&options);
        for (unsigned n = 0; c->times[n] >= 0; n++)
            feed(b, packet_udp(c->times[n], HOST_A, 1000, HOST_B, 2000));
        finish(b);
        assert_records(b, c->records);
        assert_int_equal(b->records[0].cause, CAUSE_START);
        for (unsigned n = 1; n < b->count; n++) {
            assert_int_equal(b->records[n].cause, CAUSE_STATUS);
            assert_int_equal(b->records[n].transport.sequence, 1);
        }
        bench_free(b);
    }
}

/* Records come in the order in which their periods began, not that of their ends. */
static void test_order_of_records(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    const struct {
        double time;
        uint16_t flow;
    } packets[] = {{0, 1}, {1, 2}, {2, 3}, {3, 1}, {4, 4}, {6, 2}, {6.5, 3}};
    for (size_t i = 0; i < ARRAY_SIZE(packets); i++)
        feed(b, packet_udp(packets[i].time, HOST_A, packets[i].flow, HOST_B, 2000));
    finish(b);
    assert_records(b, "0-3:2/0 1-1:1/0 2-6.5:2/0 4-4:1/0 6-6:1/0");
    bench_free(b);
}

/* How long silence may be before the same key is a new flow, with other traffic every 0.5 s. */
static void test_idle_memory(void **state)
{
    (void)state;
    const struct {
        uint8_t protocol;
        double gap;
        bool same;
    } cases[] = {
        {17, 35, true}, {17, 36, false},  {6, 65, true},   {6, 66, false},
        {1, 10, true},  {1, 10.6, false}, {132, 35, true}, {132, 36, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct bench *b = bench_new(&meter_defaults);
        feed(b, packet_ip4(0, HOST_A, HOST_B, cases[i].protocol));
        for (double t = 0.5; t < cases[i].gap; t += 0.5)
            feed(b, packet_ip4(t, HOST_R, HOST_R, 200));
        feed(b, packet_ip4(cases[i].gap, HOST_A, HOST_B, cases[i].protocol));
        finish(b);
        assert_int_equal(b->records[b->count - 1].cause,
                         cases[i].same ? CAUSE_STATUS : CAUSE_START);
        bench_free(b);
    }
}

/* --- direction and keys ----------------------------------------------------------------------- */

static void test_first_sender_is_source(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    feed(b, packet_udp(1, HOST_B, 53000, HOST_A, 2000));
    feed(b, packet_udp(2, HOST_A, 2000, HOST_B, 53000));
    feed(b, packet_udp(3, HOST_A, 2000, HOST_B, 53000));
    finish(b);
    assert_records(b, "1-3:1/2");
    assert_int_equal(b->records[0].key.addr[SRC][3], HOST_B);
    assert_int_equal(b->records[0].key.port[SRC], 53000);
    assert_int_equal(b->records[0].key.port[DST], 2000);
    bench_free(b);
}

static void test_same_address_both_ends(void **state)
{
    (void)state;
    const uint32_t quirks[] = {0, 1u << QUIRK_IP6_SAME_ADDRESS};
    for (unsigned i = 0; i < 2; i++) {
        struct meter_options options = meter_defaults;
        options.quirks = quirks[i];
        struct bench *b = bench_new(&options);
        for (unsigned n = 0; n < 2; n++) {
            struct packet p = packet_ip6(n, HOST_A, HOST_A, 17);
            p.has_ports = true;
            p.src_port = (uint16_t)(n ? 2000 : 1000);
            p.dst_port = (uint16_t)(n ? 1000 : 2000);
            feed(b, p);
        }
        finish(b);
        assert_records(b, i ? "0-0:1/0 1-1:1/0" : "0-1:1/1");
        bench_free(b);
    }
}

static void test_dns_id_tells_queries_apart(void **state)
{
    (void)state;
    static const uint8_t ids[2][2] = {{0, 1}, {0, 2}};
    struct bench *b = bench_new(&meter_defaults);
    for (unsigned n = 0; n < 2; n++) {
        struct packet p = packet_udp(n, HOST_A, 4000, HOST_B, 53);
        p.payload = (struct view){ids[n], 2};
        feed(b, p);
    }
    struct packet answer = packet_udp(2, HOST_B, 53, HOST_A, 4000);
    answer.payload = (struct view){ids[0], 2};
    feed(b, answer);
    finish(b);
    assert_records(b, "0-2:1/1 1-1:1/0");
    bench_free(b);
}

static void test_ping(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    struct packet request = packet_icmp(1, HOST_A, HOST_B, 8, 0);
    struct packet reply = packet_icmp(2, HOST_B, HOST_A, 0, 0);
    struct packet other = packet_icmp(3, HOST_B, HOST_A, 0, 0);
    request.u.icmp.id = reply.u.icmp.id = other.u.icmp.id = 77;
    request.u.icmp.seq = reply.u.icmp.seq = 1;
    other.u.icmp.seq = 2;
    feed(b, request);
    feed(b, reply);
    feed(b, other);
    finish(b);
    assert_records(b, "1-2:1/1 3-3:1/0");
    assert_int_equal(b->records[0].key.u.icmp.type, 8);
    assert_int_equal(b->records[0].key.addr[SRC][3], HOST_A);
    /* A reply alone: the responder is the source, under the name of the request. */
    assert_int_equal(b->records[1].key.u.icmp.type, 8);
    assert_int_equal(b->records[1].key.flags, KEY_DIRECTION);
    assert_int_equal(b->records[1].net.u.icmp.type, 0);
    assert_int_equal(b->records[1].key.addr[SRC][3], HOST_B);
    bench_free(b);
}

static void test_arp_reply_joins_request(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    feed(b, packet_arp(1, HOST_A, HOST_B, 1));
    feed(b, packet_arp(2, HOST_B, HOST_A, 2));
    feed(b, packet_arp(3, HOST_A, HOST_B, 9));
    finish(b);
    assert_records(b, "1-2:1/1 3-3:1/0");
    assert_int_equal(b->records[0].net.form, NET_ARP);
    assert_int_equal(b->records[0].net.u.arp_hardware[5], HOST_B);
    bench_free(b);
}

/* --- TCP -------------------------------------------------------------------------------------- */

struct segment {
    double time;
    uint8_t from; /* HOST_A (port 1000) or HOST_B (port 80) */
    uint8_t flags;
    uint32_t seq, ack, length;
};

static void feed_tcp(struct bench *b, const struct segment *s)
{
    struct packet p = s->from == HOST_A ? packet_tcp(s->time, HOST_A, 1000, HOST_B, 80)
                                        : packet_tcp(s->time, HOST_B, 80, HOST_A, 1000);
    p.u.tcp.flags = s->flags;
    p.u.tcp.seq = s->seq;
    p.u.tcp.ack = s->ack;
    p.app_bytes = s->length;
    feed(b, p);
}

static void feed_segments(struct bench *b, const struct segment *segments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        feed_tcp(b, &segments[i]);
}

static const struct segment connection[] = {
    {0.0, HOST_A, TCP_SYN, 100, 0, 0},
    {0.1, HOST_B, TCP_SYN | TCP_ACK, 500, 101, 0},
    {0.3, HOST_A, TCP_ACK, 101, 501, 0},
    {0.4, HOST_A, TCP_ACK | TCP_PSH, 101, 501, 50},
    {0.5, HOST_B, TCP_ACK, 501, 151, 0},
    {0.6, HOST_A, TCP_FIN | TCP_ACK, 151, 501, 0},
    {0.7, HOST_B, TCP_FIN | TCP_ACK, 501, 152, 0},
    {0.8, HOST_A, TCP_ACK, 152, 502, 0},
};

static void test_tcp_connection(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    feed_segments(b, connection, ARRAY_SIZE(connection));
    finish(b);
    assert_records(b, "0-0.8:5/3");
    const struct record_tcp *tcp = &b->records[0].net.u.tcp;
    assert_int_equal(b->records[0].net.form, NET_TCP_PERF);
    assert_int_equal(tcp->status, TCPS_SYN | TCPS_SYNACK | TCPS_EST | TCPS_FIN | TCPS_FINACK);
    assert_int_equal(tcp->state, 9);
    assert_int_equal(tcp->synack_usec, 100000);
    assert_int_equal(tcp->ackdat_usec, 200000);
    assert_int_equal(tcp->side[SRC].bytes, 50);
    assert_int_equal(tcp->side[SRC].retrans, 0);
    bench_free(b);
}

static void test_tcp_retransmission(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    feed_segments(b, connection, 4);
    const struct segment again = {0.45, HOST_A, TCP_ACK | TCP_PSH, 101, 501, 50};
    feed_tcp(b, &again);
    finish(b);
    const struct record_tcp *tcp = &b->records[0].net.u.tcp;
    assert_int_equal(tcp->side[SRC].retrans, 1);
    assert_true(tcp->status & TCPS_RETRANS_SRC);
    assert_false(tcp->status & TCPS_RETRANS_DST);
    bench_free(b);
}

/* A SYN+ACK that negotiates ECN is one, except to 3.0.8. */
static void test_tcp_ecn_handshake(void **state)
{
    (void)state;
    const uint32_t quirks[] = {0, 1u << QUIRK_EXACT_SYNACK};
    for (unsigned i = 0; i < 2; i++) {
        struct meter_options options = meter_defaults;
        options.quirks = quirks[i];
        struct bench *b = bench_new(&options);
        const struct segment segments[] = {
            {0, HOST_A, TCP_SYN | TCP_ECE | TCP_CWR, 100, 0, 0},
            {0.1, HOST_B, TCP_SYN | TCP_ACK | TCP_ECE, 500, 101, 0},
            {0.2, HOST_A, TCP_ACK, 101, 501, 0},
        };
        feed_segments(b, segments, ARRAY_SIZE(segments));
        finish(b);
        const struct record_tcp *tcp = &b->records[0].net.u.tcp;
        assert_int_equal(tcp->synack_usec, i ? 0 : 100000);
        assert_int_equal(!(tcp->status & TCPS_SYNACK), i);
        bench_free(b);
    }
}

/* Ports used again after a reset: the old record stops, the new one has the new initiator's view.
 */
static void test_tcp_port_reuse(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    const struct segment segments[] = {
        {0.0, HOST_A, TCP_SYN, 100, 0, 0},   {0.1, HOST_B, TCP_SYN | TCP_ACK, 500, 101, 0},
        {0.2, HOST_A, TCP_ACK, 101, 501, 0}, {0.3, HOST_A, TCP_RST, 101, 0, 0},
        {1.0, HOST_B, TCP_SYN, 900, 0, 0},   {1.1, HOST_A, TCP_SYN | TCP_ACK, 700, 901, 0},
    };
    feed_segments(b, segments, ARRAY_SIZE(segments));
    finish(b);
    assert_records(b, "0-0.3:3/1 1-1.1:1/1");
    assert_int_equal(b->records[0].cause, CAUSE_STOP);
    assert_int_equal(b->records[1].cause, CAUSE_START);
    assert_int_equal(b->records[1].transport.sequence, 1);
    assert_int_equal(b->records[1].key.port[SRC], 80);
    assert_int_equal(b->records[1].net.u.tcp.side[SRC].seq_base, 900);
    bench_free(b);
}

static void test_tcp_syn_after_synack(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    const struct segment segments[] = {
        {0.0, HOST_B, TCP_SYN | TCP_ACK, 500, 101, 0},
        {0.1, HOST_A, TCP_SYN, 100, 0, 0},
        {0.2, HOST_A, TCP_ACK, 101, 501, 0},
    };
    feed_segments(b, segments, ARRAY_SIZE(segments));
    finish(b);
    assert_records(b, "0-0.2:2/1");
    const struct record *r = &b->records[0];
    assert_int_equal(r->key.port[DST], 80);
    assert_int_equal(r->net.u.tcp.status, TCPS_SYN | TCPS_SYNACK | TCPS_EST);
    assert_int_equal(r->net.u.tcp.side[SRC].retrans, 0);
    bench_free(b);
}

/* --- fragments -------------------------------------------------------------------------------- */

static void test_fragments_any_order(void **state)
{
    (void)state;
    static const enum packet_frag orders[][3] = {
        {FRAG_FIRST, FRAG_LATER, FRAG_LATER},
        {FRAG_LATER, FRAG_FIRST, FRAG_LATER},
        {FRAG_LATER, FRAG_LATER, FRAG_FIRST},
    };
    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct bench *b = bench_new(&meter_defaults);
        for (unsigned n = 0; n < 3; n++)
            feed(b, packet_fragment(n, HOST_A, HOST_B, 77, orders[i][n]));
        finish(b);
        assert_records(b, "0-2:3/0");
        assert_int_equal(b->records[0].key.port[SRC], 1000);
        assert_true(b->records[0].ipattr.fragments[SRC]);
        bench_free(b);
    }
}

/* Orphans are never lost, not even after their first record. */
static void test_orphan_fragments(void **state)
{
    (void)state;
    const double times[] = {0, 9, 12, 20};
    struct bench *b = bench_new(&meter_defaults);
    for (size_t i = 0; i < ARRAY_SIZE(times); i++)
        feed(b, packet_fragment(times[i], HOST_A, HOST_B, 77, FRAG_LATER));
    finish(b);
    assert_records(b, "0-0:1/0 9-12:2/0 20-20:1/0");
    assert_int_equal(b->records[0].key.flags, KEY_FRAGMENT);
    bench_free(b);
}

/* --- ICMP errors ------------------------------------------------------------------------------ */

static void test_error_is_mapped(void **state)
{
    (void)state;
    static const uint8_t quoted[28] = {0x45, 0,    0,    52,   0, 1,      0,  0, 64, 17,
                                       0,    0,    10,   0,    0, HOST_A, 10, 0, 0,  HOST_B,
                                       0x03, 0xe8, 0x07, 0xd0, 0, 32,     0,  0};
    struct bench *b = bench_new(&meter_defaults);
    feed(b, packet_udp(0, HOST_A, 1000, HOST_B, 2000));
    struct packet error = packet_icmp(0.1, HOST_B, HOST_A, 3, 3);
    error.u.icmp.inner = (struct view){quoted, sizeof(quoted)};
    feed(b, error);
    finish(b);
    assert_records(b, "0-0.1:1/0 0.1-0.1:1/0");
    assert_true(record_has(&b->records[0], BLOCK_ICMP));
    assert_int_equal(b->records[0].icmp.kind, 1);
    assert_int_equal(b->records[0].icmp.reporter[3], HOST_B);
    assert_int_equal(b->records[1].key.inner_protocol, 17);
    bench_free(b);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* A flood of flows under a small limit: the limit holds, every packet is in a record. */
static void test_memory_limit(void **state)
{
    (void)state;
    struct meter_options options = meter_defaults;
    options.memory_limit = 1 << 20;
    options.status_interval = 3600 * NSEC_PER_SEC;
    struct bench *b = bench_new(&options);
    enum { FLOWS = 50000 };
    for (unsigned n = 0; n < FLOWS; n++) {
        struct packet p = packet_tcp(n * 1e-5, HOST_A, (uint16_t)n, HOST_B, 80);
        p.src[1] = (uint8_t)(n >> 16);
        p.u.tcp.flags = TCP_SYN;
        feed(b, p);
    }
    struct meter_counts counts;
    shards_get_counts(b->meter, &counts);
    assert_true(counts.memory_bytes <= options.memory_limit);
    assert_true(counts.evicted > 0);
    finish(b);
    assert_int_equal(b->count, FLOWS);
    assert_int_equal(b->records[0].option, OPTION_CONTINUED);
    bench_free(b);
}

/* A clock that jumps by years, both ways, neither stalls nor loses. */
static void test_jumping_clock(void **state)
{
    (void)state;
    const double times[] = {1.0e9, 1.0e9 + 1, 4.0e9, 1.0e9 + 2, 0, 1.0e9 + 3, 2.0e9};
    struct bench *b = bench_new(&meter_defaults);
    for (size_t i = 0; i < ARRAY_SIZE(times); i++)
        feed(b, packet_udp(times[i], HOST_A, (uint16_t)(i % 3), HOST_B, 2000));
    finish(b);
    bench_free(b);
}

static void advance(struct bench *b, nsec_t now)
{
    struct error err;
    assert_int_equal(shards_advance(b->meter, now, &err), 0);
}

/* Time that passes without a packet closes flows and forgets them; before any, it does nothing. */
static void test_silence(void **state)
{
    (void)state;
    struct bench *b = bench_new(&meter_defaults);
    advance(b, 1000 * NSEC_PER_SEC);
    feed(b, packet_udp(1, HOST_A, 1000, HOST_B, 2000));
    advance(b, 5 * NSEC_PER_SEC);
    assert_int_equal(b->count, 0);
    advance(b, 6 * NSEC_PER_SEC);
    assert_int_equal(b->count, 1);
    feed(b, packet_udp(35, HOST_A, 1000, HOST_B, 2000)); /* still known */
    advance(b, 200 * NSEC_PER_SEC);
    advance(b, 300 * NSEC_PER_SEC);
    feed(b, packet_udp(301, HOST_A, 1000, HOST_B, 2000));
    finish(b);
    assert_int_equal(b->count, 3);
    assert_int_equal(b->records[1].transport.sequence, 1);
    assert_int_equal(b->records[2].transport.sequence, 2);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_order_of_records),
        cmocka_unit_test(test_idle_memory),
        cmocka_unit_test(test_first_sender_is_source),
        cmocka_unit_test(test_same_address_both_ends),
        cmocka_unit_test(test_dns_id_tells_queries_apart),
        cmocka_unit_test(test_ping),
        cmocka_unit_test(test_arp_reply_joins_request),
        cmocka_unit_test(test_tcp_connection),
        cmocka_unit_test(test_tcp_retransmission),
        cmocka_unit_test(test_tcp_ecn_handshake),
        cmocka_unit_test(test_tcp_port_reuse),
        cmocka_unit_test(test_tcp_syn_after_synack),
        cmocka_unit_test(test_fragments_any_order),
        cmocka_unit_test(test_orphan_fragments),
        cmocka_unit_test(test_error_is_mapped),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_jumping_clock),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
