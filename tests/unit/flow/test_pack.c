/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "flow/shards_internal.h"
#include "packets.h"
#include "record/wire.h"

/* Packing moves flows and what they have; no record shows it. */

struct log {
    uint8_t *bytes;
    size_t size, capacity;
};

struct bench {
    struct shards *shards[2]; /* the second are packed again and again */
    struct log logs[2];
};

static int keep(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    struct log *log = arg;
    log->bytes = mem_grow(log->bytes, &log->capacity, log->size + 4096, 1);
    log->size += wire_encode(r, log->bytes + log->size);
    return 0;
}

static void bench_init(struct bench *b, bool half_flows)
{
    struct meter_options options = meter_defaults;
    struct error err;
    *b = (struct bench){0};
    options.half_flows = half_flows;
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(shards_new(&b->shards[i], &options, keep, &b->logs[i], &err), 0);
}

static void feed(struct bench *b, struct packet packet)
{
    struct keyed_packet keyed = {.packet = packet};
    struct error err;
    keyed_packet_complete(&keyed, 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(shards_packets(b->shards[i], &keyed, 1, &err), 0);
}

static void finish(struct bench *b)
{
    for (unsigned i = 0; i < 2; i++) {
        struct error err;
        struct meter_counts counts;
        assert_int_equal(shards_flush(b->shards[i], &err), 0);
        shards_get_counts(b->shards[i], &counts);
        assert_int_equal(counts.packets, counts.recorded_packets);
        assert_int_equal(counts.flows_live, 0);
    }
    assert_int_equal(b->logs[0].size, b->logs[1].size);
    assert_memory_equal(b->logs[0].bytes, b->logs[1].bytes, b->logs[0].size);
    for (unsigned i = 0; i < 2; i++) {
        shards_free(b->shards[i]);
        free(b->logs[i].bytes);
    }
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* --- packets of all sorts --------------------------------------------------------------------- */

static struct packet segment(double time, uint16_t port, uint32_t r)
{
    static const uint8_t flags[] = {TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK,
                                    TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST};
    struct packet p = r % 2 ? packet_tcp(time, HOST_A, port, HOST_B, 80)
                            : packet_tcp(time, HOST_B, 80, HOST_A, port);
    p.u.tcp.flags = flags[r / 2 % 6];
    p.u.tcp.seq = r % 7 ? r * 100 : UINT32_MAX - 10; /* which wraps */
    p.u.tcp.ack = r * 50;
    p.app_bytes = r % 100;
    return p;
}

/* An ICMP error about a datagram of UDP. */
static struct packet error_about(double time, uint16_t port)
{
    static uint8_t quoted[28] = {0x45, 0, 0, 60, 0,  0, 0, 0,      64, 17, 0, 0,
                                 10,   0, 0, 0,  10, 0, 0, HOST_B, 0,  0,  0, 53};
    quoted[15] = HOST_A;
    store_be16(quoted + 20, port);
    struct packet p = packet_icmp(time, HOST_R, HOST_A, 3, 3);
    p.u.icmp.inner = (struct view){quoted, sizeof(quoted)};
    return p;
}

static struct packet any_packet(double time, uint32_t r)
{
    const uint16_t n = (uint16_t)(r / 64 % 300);
    struct packet p = packet_udp(time, HOST_A, n, HOST_B, 53);
    switch (r % 10) {
    case 0:
    case 1:
    case 2:
        return segment(time, n, r / 10);
    case 3:
        return packet_fragment(time, HOST_A, (uint8_t)(n % 8), n, FRAG_FIRST);
    case 4:
        return packet_fragment(time, HOST_A, (uint8_t)(n % 8), n, FRAG_LATER);
    case 5:
        return error_about(time, n);
    case 6:
        p.has_mpls = true;
        p.mpls = r;
        return p;
    case 7:
        return packet_arp(time, HOST_A, (uint8_t)n, (uint16_t)(1 + r / 10 % 2));
    case 8:
        p = packet_icmp(time, HOST_A, HOST_B, 8, 0);
        p.u.icmp.id = n;
        return p;
    default:
        return p;
    }
}

/* --- the tests -------------------------------------------------------------------------------- */

static void check_any_traffic(bool half_flows, uint32_t random)
{
    struct bench b;
    double time = 1e6;
    bench_init(&b, half_flows);
    for (unsigned i = 0; i < 20000; i++) {
        const uint32_t r = next_random(&random);
        time += r % 4999 == 0 ? 1e4 : r % 499 == 0 ? -2 : r % 1009 == 0 ? 20 : 0.01;
        feed(&b, any_packet(time, next_random(&random)));
        for (unsigned shard = 0; shard < FLOW_SHARDS && r % 97 == 0; shard++) {
            struct error err;
            assert_int_equal(meter_pack(b.shards[1]->meters[shard], &err), 0);
            assert_int_equal(meter_slack(b.shards[1]->meters[shard]), 0);
        }
    }
    finish(&b);
}

static void test_any_traffic(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        check_any_traffic(false, seed);
        check_any_traffic(true, seed);
    }
}

/* Of some errors the packet is of one shard, and what it is about of the other. */
static void test_errors_let_pack(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, false);
    struct keyed_packet flow = {.packet = packet_udp(1e6, HOST_A, 7, HOST_B, 53)}, error;
    keyed_packet_complete(&flow, 0);
    feed(&b, flow.packet);
    uint8_t reporter = HOST_R;
    do {
        error.packet = error_about(1e6 + 1, 7);
        error.packet.src[3] = reporter++;
        keyed_packet_complete(&error, 0);
    } while (error.shard == flow.shard);
    struct meter *m = b.shards[1]->meters[flow.shard];
    m->wants_to_pack = true;
    feed(&b, error.packet);
    assert_false(m->wants_to_pack);
    finish(&b);
}

/* Many flows come and go; those that stay are few, and behind them there is nothing but zeros. */
static void check_is_given_back(struct pool *pool)
{
    const uint32_t had = pool->high;
    assert_in_range(had, 30000, 40000);
    struct pool_packing packing;
    assert_in_range(pool->live, 1, 100);
    pool_packing_begin(&packing, pool);
    pool_packing_end(&packing);
    assert_int_equal(pool->high, pool->live);
    for (uint32_t place = pool->live; place < had; place++) {
        const uint8_t *at = pool_at(pool, pool_ref(pool, place));
        for (size_t i = 0; i < pool->object_size; i++)
            assert_int_equal(at[i], 0);
    }
}

static void test_memory_is_given_back(void **state)
{
    (void)state;
    struct pool_space space;
    struct pool pool;
    uint32_t refs[30000];
    assert_true(pool_space_init(&space, sizeof(struct flow), 60000, 2));
    pool_init(&pool, &space);
    for (unsigned i = 0; i < 30000; i++) {
        refs[i] = pool_take(&pool);
        memset(pool_at(&pool, refs[i]), 0xff, sizeof(struct flow));
    }
    for (unsigned i = 29999; i >= 50; i--)
        pool_give(&pool, refs[i]);
    check_is_given_back(&pool);
    for (unsigned i = 50; i < 30000; i++)
        assert_int_equal(pool_take(&pool), refs[i]);
    pool_release(&pool);
    pool_space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_traffic),
        cmocka_unit_test(test_errors_let_pack),
        cmocka_unit_test(test_memory_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
