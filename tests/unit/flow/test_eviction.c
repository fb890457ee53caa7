/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow/shards_internal.h"
#include "packets.h"

/* Which flows leave at the memory limit. Those to watch are of UDP, told apart by their port. */

enum { WATCHED_MOST = 8000, FLOOD = 40000 };
enum { ONE_FLOW = 512 }; /* may be beyond the limit until the next packet comes */

struct bench {
    struct shards *shards;
    unsigned records[WATCHED_MOST], packets[WATCHED_MOST];
    unsigned first_cut; /* the first of the watched that was cut, and how many were */
    unsigned cut;
    uint32_t flood; /* flows of one SYN */
};

static int keep(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    struct bench *b = arg;
    if (r->key.protocol != 17)
        return 0;
    const uint16_t flow = r->key.port[SRC];
    b->records[flow]++;
    b->packets[flow] += (unsigned)(r->metric.packets[SRC] + r->metric.packets[DST]);
    if (r->option == OPTION_CONTINUED && !b->cut++)
        b->first_cut = flow;
    return 0;
}

static struct bench *bench_new(bool half_flows)
{
    struct meter_options options = meter_defaults;
    struct error err;
    struct bench *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    options.memory_limit = FLOW_SHARDS << 20; /* in one shard are all: some 3700 flows */
    options.status_interval = 3600 * NSEC_PER_SEC;
    options.half_flows = half_flows;
    assert_int_equal(shards_new(&b->shards, &options, keep, b, &err), 0);
    return b;
}

static void feed(struct bench *b, struct packet packet)
{
    struct error err;
    struct keyed_packet keyed = {.packet = packet};
    keyed_packet_complete(&keyed, 0);
    assert_int_equal(shards_packets(b->shards, &keyed, 1, &err), 0);
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        assert_in_range(meter_memory(b->shards->meters[i]), 0, (1 << 20) + ONE_FLOW);
}

static void feed_watched(struct bench *b, double time, unsigned flow)
{
    feed(b, packet_udp(time, HOST_A, (uint16_t)flow, HOST_B, 53));
}

static void feed_syn(struct bench *b, double time)
{
    struct packet p = packet_tcp(time, HOST_A, (uint16_t)b->flood, HOST_B, 80);
    p.src[1] = (uint8_t)(b->flood++ >> 16);
    p.u.tcp.flags = TCP_SYN;
    feed(b, p);
}

static struct meter_counts finish(struct bench *b)
{
    struct error err;
    struct meter_counts counts;
    assert_int_equal(shards_flush(b->shards, &err), 0);
    shards_get_counts(b->shards, &counts);
    assert_int_equal(counts.packets, counts.recorded_packets);
    assert_int_equal(counts.bytes, counts.recorded_bytes);
    assert_int_equal(counts.flows_live, 0);
    return counts;
}

static void bench_free(struct bench *b)
{
    shards_free(b->shards);
    free(b);
}

/* Many flows that go on through a flood are not cut, wherever they stand. */
static void check_busy_flows(bool half_flows)
{
    enum { BUSY = 300 };
    struct bench *b = bench_new(half_flows);
    for (unsigned n = 0; n < FLOOD; n++) {
        feed_watched(b, n * 1e-4, n % BUSY);
        feed_syn(b, n * 1e-4);
    }
    assert_true(finish(b).evicted > 0);
    assert_int_equal(b->cut, 0);
    for (unsigned i = 0; i < BUSY; i++) {
        assert_int_equal(b->records[i], 1);
        assert_in_range(b->packets[i], FLOOD / BUSY, FLOOD / BUSY + 1);
    }
    bench_free(b);
}

static void test_busy_flows_survive(void **state)
{
    (void)state;
    check_busy_flows(false);
    check_busy_flows(true);
}

/* Flows that have gone silent leave, those that began first first; one that goes on stays. */
static void test_silent_flows_leave(void **state)
{
    (void)state;
    enum { FLOWS = 1000, BUSY = 0 };
    struct bench *b = bench_new(false);
    for (unsigned twice = 0; twice < 2; twice++)
        for (unsigned i = 0; i < FLOWS; i++)
            feed_watched(b, twice + i * 1e-4, i);
    for (unsigned n = 0; n < FLOOD; n++) {
        feed_syn(b, 2 + n * 1e-4);
        if (n % 100 == 0)
            feed_watched(b, 2 + n * 1e-4, BUSY);
    }
    assert_int_equal(b->cut, FLOWS - 1);
    assert_int_equal(b->first_cut, 1);
    finish(b);
    assert_int_equal(b->records[BUSY], 1);
    bench_free(b);
}

/* More flows than there is room for, none of which is silent for long. */
static void test_too_many_busy_flows(void **state)
{
    (void)state;
    struct bench *b = bench_new(false);
    for (unsigned round = 0; round < 5; round++)
        for (unsigned i = 0; i < WATCHED_MOST; i++)
            feed_watched(b, round + i * 1e-4, i);
    assert_true(finish(b).evicted > WATCHED_MOST);
    for (unsigned i = 0; i < WATCHED_MOST; i++)
        assert_int_equal(b->packets[i], 5);
    bench_free(b);
}

/* Neither a clock that falls back nor one that stands still keeps the meter from its limit. */
static void test_strange_clocks(void **state)
{
    (void)state;
    const double times[] = {2e9, 1e9, 1e9, 3e9, 0, 1};
    struct bench *b = bench_new(false);
    for (unsigned t = 0; t < sizeof(times) / sizeof(times[0]); t++)
        for (unsigned n = 0; n < 5000; n++) {
            feed_watched(b, times[t], n % 100);
            feed_syn(b, times[t]);
        }
    finish(b);
    bench_free(b);
}

/* What is only remembered goes before anything is cut, longest idle first. */
static void test_remembered_flows_leave_first(void **state)
{
    (void)state;
    enum { FLOWS = 1000 };
    struct bench *b = bench_new(false);
    struct meter_counts counts;
    for (unsigned i = 0; i < FLOWS; i++)
        feed_watched(b, i * 1e-4, i);
    b->shards->options.status_interval = 0;
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        b->shards->meters[i]->timeouts[TIMEOUT_IP] = 3600 * NSEC_PER_SEC;
    feed_watched(b, 1, FLOWS);
    b->shards->options.status_interval = 3600 * NSEC_PER_SEC;
    for (unsigned n = 0; n < 5500; n++)
        feed_watched(b, 2 + n * 1e-4, FLOWS + n);
    shards_get_counts(b->shards, &counts);
    assert_int_equal(counts.evicted, 0);
    assert_in_range(counts.forgotten, 1, FLOWS - 1);
    feed_watched(b, 3, FLOWS - 1); /* still known: its second record */
    finish(b);
    assert_int_equal(b->records[FLOWS - 1], 2);
    bench_free(b);
}

/* A flood of flows of one size leaves; those of another size that come behind it have all the room.
 */
static void check_other_sizes(bool half_flows)
{
    enum { FLOWS = 2000 };
    struct bench *b = bench_new(half_flows);
    for (unsigned n = 0; n < FLOOD; n++)
        feed_watched(b, n * 1e-4, n % WATCHED_MOST);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned n = 0; n < FLOWS; n++) {
            struct packet p =
                packet_tcp(5000 + round * 100 + n * 1e-4, HOST_A, (uint16_t)n, HOST_B, 80);
            p.u.tcp.flags = round ? TCP_ACK : TCP_SYN;
            feed(b, p);
        }
    struct meter_counts counts;
    shards_get_counts(b->shards, &counts);
    assert_int_equal(counts.flows_live, FLOWS);
    finish(b);
    bench_free(b);
}
static void test_other_sizes(void **state)
{
    (void)state;
    check_other_sizes(false);
    check_other_sizes(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busy_flows_survive),
        cmocka_unit_test(test_silent_flows_leave),
        cmocka_unit_test(test_too_many_busy_flows),
        cmocka_unit_test(test_strange_clocks),
        cmocka_unit_test(test_other_sizes),
        cmocka_unit_test(test_remembered_flows_leave_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
