/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/shards_internal.h"
#include "packets.h"

/* What a flow's own few bytes have no room for is counted all the same. */

enum { RECORDS_MOST = 8 };
static const uint32_t LARGE = 3000000000; /* two of them are more than 32 bits */

struct bench {
    struct shards *shards;
    struct record records[RECORDS_MOST];
    unsigned count;
};

static int keep(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    struct bench *b = arg;
    assert_in_range(b->count, 0, RECORDS_MOST - 1);
    b->records[b->count++] = *r;
    return 0;
}

static struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof(*b));
    struct error err;
    assert_non_null(b);
    assert_int_equal(shards_new(&b->shards, &meter_defaults, keep, b, &err), 0);
    return b;
}

static void feed(struct bench *b, struct packet packet)
{
    struct error err;
    struct keyed_packet keyed = {.packet = packet};
    keyed_packet_complete(&keyed, 0);
    assert_int_equal(shards_packets(b->shards, &keyed, 1, &err), 0);
}

static void finish(struct bench *b)
{
    struct error err;
    struct meter_counts counts;
    assert_int_equal(shards_flush(b->shards, &err), 0);
    shards_get_counts(b->shards, &counts);
    assert_int_equal(counts.packets, counts.recorded_packets);
    assert_int_equal(counts.bytes, counts.recorded_bytes);
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        assert_int_equal(b->shards->meters[i]->extras.live, 0);
}

static void bench_free(struct bench *b)
{
    shards_free(b->shards);
    free(b);
}

static void assert_metric(const struct record *r, unsigned side, uint64_t packets, uint64_t bytes)
{
    assert_int_equal(r->metric.packets[side], packets);
    assert_int_equal(r->metric.bytes[side], bytes);
}

/* --- counters --------------------------------------------------------------------------------- */

static struct packet large_packet(double time, bool back)
{
    struct packet p = back ? packet_udp(time, HOST_B, 2000, HOST_A, 1000)
                           : packet_udp(time, HOST_A, 1000, HOST_B, 2000);
    p.bytes = LARGE;
    p.app_bytes = LARGE - 42;
    return p;
}

static void test_large_counters(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (unsigned n = 0; n < 5; n++)
        feed(b, large_packet(n * 0.1, false));
    for (unsigned n = 0; n < 2; n++)
        feed(b, large_packet(n * 0.1, true));
    feed(b, packet_udp(6, HOST_A, 1000, HOST_B, 2000));
    finish(b);
    assert_int_equal(b->count, 2);
    assert_metric(&b->records[0], SRC, 5, UINT64_C(5) * LARGE);
    assert_metric(&b->records[0], DST, 2, UINT64_C(2) * LARGE);
    assert_int_equal(b->records[0].metric.app_bytes[SRC], UINT64_C(5) * (LARGE - 42));
    assert_metric(&b->records[1], SRC, 1, 60);
    assert_metric(&b->records[1], DST, 0, 0);
    bench_free(b);
}

/* Each counter alone, as it comes to its limit packet by packet. */
static void test_counters_that_fill_up(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    struct packet p = packet_udp(0, HOST_A, 1000, HOST_B, 2000);
    p.bytes = 65000;
    p.app_bytes = 64000;
    enum { PACKETS = 70000 };
    for (unsigned n = 0; n < PACKETS; n++)
        feed(b, p);
    finish(b);
    assert_int_equal(b->count, 1);
    assert_metric(&b->records[0], SRC, PACKETS, UINT64_C(65000) * PACKETS);
    assert_int_equal(b->records[0].metric.app_bytes[SRC], UINT64_C(64000) * PACKETS);
    bench_free(b);
}

/* The packets themselves are too many to be sent here: a flow that has had so many goes on. */
static void test_very_many_packets(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    struct packet p = packet_udp(0, HOST_A, 1000, HOST_B, 2000);
    feed(b, p);
    struct meter *meter = b->shards->meters[0];
    if (!meter->periods.in_order.head)
        meter = b->shards->meters[1];
    const uint32_t had = UINT32_MAX - 2;
    meter_flow(meter, meter->periods.in_order.head)->packets[SRC] = had;
    for (unsigned n = 0; n < 5; n++)
        feed(b, p);
    meter->counts.packets += had - 1;
    finish(b);
    assert_metric(&b->records[0], SRC, UINT64_C(5) + had, 360);
    bench_free(b);
}

/* Fragments that were counted before their first one came, and what it brings itself. */
static void test_large_fragments(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (unsigned n = 0; n < 3; n++) {
        struct packet p =
            packet_fragment(n * 0.1, HOST_A, HOST_B, 7, n < 2 ? FRAG_LATER : FRAG_FIRST);
        p.bytes = LARGE;
        feed(b, p);
    }
    finish(b);
    assert_int_equal(b->count, 1);
    assert_metric(&b->records[0], SRC, 3, UINT64_C(3) * LARGE);
    bench_free(b);
}

/* --- TCP -------------------------------------------------------------------------------------- */

static struct packet segment(double time, bool back, uint32_t seq, uint32_t ack, uint32_t size)
{
    struct packet p = back ? packet_tcp(time, HOST_B, 80, HOST_A, 1000)
                           : packet_tcp(time, HOST_A, 1000, HOST_B, 80);
    p.u.tcp.flags = TCP_ACK;
    p.u.tcp.seq = seq;
    p.u.tcp.ack = ack;
    p.app_bytes = size;
    return p;
}

static void open_connection(struct bench *b, double time, uint32_t seq)
{
    struct packet syn = segment(time, false, seq, 0, 0);
    struct packet answer = segment(time, true, 1, seq + 1, 0);
    syn.u.tcp.flags = TCP_SYN;
    answer.u.tcp.flags = TCP_SYN | TCP_ACK;
    feed(b, syn);
    feed(b, answer);
    feed(b, segment(time, false, seq + 1, 2, 0));
}

/* A SYN again and again, which is what a retransmission is for certain. */
static void repeat_syn(struct bench *b, double time, uint32_t seq, unsigned times)
{
    struct packet syn = segment(time, false, seq, 0, 0);
    syn.u.tcp.flags = TCP_SYN;
    for (unsigned n = 0; n < times; n++)
        feed(b, syn);
}

static void test_many_retransmissions(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    enum { TIMES = 200000 };
    repeat_syn(b, 0, 1000, TIMES + 1);
    repeat_syn(b, 6, 1000, 3);
    finish(b);
    assert_int_equal(b->count, 2);
    assert_int_equal(b->records[0].net.u.tcp.side[SRC].retrans, TIMES);
    assert_int_equal(b->records[1].net.u.tcp.side[SRC].retrans, 3);
    bench_free(b);
}

/* Acknowledgements are counted over all periods. */
static void test_many_windows(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    enum { TIMES = 150000 };
    open_connection(b, 0, 1000);
    for (unsigned n = 0; n < TIMES; n++)
        feed(b, segment(0.1, true, 2, 1002 + n, 0));
    feed(b, segment(6, true, 2, 1002 + TIMES, 0));
    finish(b);
    assert_int_equal(b->count, 2);
    assert_int_equal(b->records[0].net.u.tcp.side[SRC].windows, TIMES);
    assert_int_equal(b->records[1].net.u.tcp.side[SRC].windows, TIMES + 1);
    bench_free(b);
}

/* Sequence numbers wrap within a segment: what was before is told apart, until the next record. */
static void wrap_sequence(struct bench *b)
{
    open_connection(b, 0, UINT32_MAX - 150);
    feed(b, segment(0.1, false, UINT32_MAX - 149, 2, 100));
    feed(b, segment(0.2, false, UINT32_MAX - 49, 2, 100));
}

static void test_wrapped_sequence(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    wrap_sequence(b);
    feed(b, segment(6, false, 50, 2, 10));
    finish(b);
    assert_int_equal(b->count, 2);
    assert_int_equal(b->records[0].net.u.tcp.side[SRC].ack_bytes, 101);
    assert_int_equal(b->records[0].net.u.tcp.side[DST].ack_bytes, 0);
    assert_int_equal(b->records[1].net.u.tcp.side[SRC].ack_bytes, 0);
    bench_free(b);
}

/* A new connection on the same ports knows nothing of it, in the same period or later. */
static void test_new_connection(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    wrap_sequence(b);
    struct packet reset = segment(0.3, false, 50, 2, 0);
    reset.u.tcp.flags = TCP_RST;
    feed(b, reset);
    open_connection(b, 0.4, 5000);
    finish(b);
    assert_int_equal(b->count, 2);
    assert_int_equal(b->records[0].net.u.tcp.side[SRC].ack_bytes, 101);
    assert_int_equal(b->records[1].net.u.tcp.side[SRC].ack_bytes, 0);
    bench_free(b);
}

/* The SYN that its answer has overtaken turns the flow, and all that belongs to its sides. */
static void test_turned_flow(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    struct packet answer = segment(0, true, 1, 1001, 0), syn = segment(0.1, false, 1000, 0, 0);
    answer.u.tcp.flags = TCP_SYN | TCP_ACK;
    answer.bytes = LARGE;
    answer.has_mpls = true;
    answer.mpls = 0x12345678;
    syn.u.tcp.flags = TCP_SYN;
    feed(b, answer);
    feed(b, syn);
    finish(b);
    assert_int_equal(b->count, 1);
    assert_metric(&b->records[0], SRC, 1, 60);
    assert_metric(&b->records[0], DST, 1, LARGE);
    assert_int_equal(b->records[0].mpls.count[SRC], 0);
    assert_int_equal(b->records[0].mpls.count[DST], 1);
    assert_int_equal(b->records[0].mpls.label[DST][0], 0x12345678);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_counters),       cmocka_unit_test(test_counters_that_fill_up),
        cmocka_unit_test(test_very_many_packets),    cmocka_unit_test(test_large_fragments),
        cmocka_unit_test(test_many_retransmissions), cmocka_unit_test(test_many_windows),
        cmocka_unit_test(test_wrapped_sequence),     cmocka_unit_test(test_new_connection),
        cmocka_unit_test(test_turned_flow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
