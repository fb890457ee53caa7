/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/half.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "flow/shards.h"
#include "packets.h"
#include "record/wire.h"

/* --- meters with and without half flows ------------------------------------------------------- */

struct log {
    uint8_t *bytes;
    size_t size, capacity;
    uint64_t packets;
};

static int keep(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    struct log *log = arg;
    log->bytes = mem_grow(log->bytes, &log->capacity, log->size + 4096, 1);
    log->size += wire_encode(r, log->bytes + log->size);
    log->packets += r->metric.packets[SRC] + r->metric.packets[DST];
    return 0;
}

struct bench {
    struct shards *meters[2]; /* the second has half flows */
    struct log logs[2];
};

static void bench_init(struct bench *b, const struct meter_options *options)
{
    struct error err;
    *b = (struct bench){0};
    for (unsigned i = 0; i < 2; i++) {
        struct meter_options each = *options;
        each.half_flows = i;
        assert_int_equal(shards_new(&b->meters[i], &each, keep, &b->logs[i], &err), 0);
    }
}

static void feed(struct bench *b, const struct packet *packets, unsigned count)
{
    struct keyed_packet keyed[16] = {0};
    struct error err;
    assert_in_range(count, 0, ARRAY_SIZE(keyed));
    for (unsigned i = 0; i < count; i++) {
        keyed[i].packet = packets[i];
        keyed_packet_complete(&keyed[i], 0);
    }
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(shards_packets(b->meters[i], keyed, count, &err), 0);
}

static void finish(struct bench *b)
{
    struct error err;
    for (unsigned i = 0; i < 2; i++) {
        struct meter_counts counts;
        assert_int_equal(shards_flush(b->meters[i], &err), 0);
        shards_get_counts(b->meters[i], &counts);
        assert_int_equal(counts.packets, counts.recorded_packets);
        assert_int_equal(counts.packets, b->logs[i].packets);
        assert_int_equal(counts.flows_live, 0);
    }
}

static void bench_free(struct bench *b)
{
    for (unsigned i = 0; i < 2; i++) {
        shards_free(b->meters[i]);
        free(b->logs[i].bytes);
    }
}

static void assert_same(const struct bench *b)
{
    assert_int_equal(b->logs[0].size, b->logs[1].size);
    assert_memory_equal(b->logs[0].bytes, b->logs[1].bytes, b->logs[0].size);
}

/* --- what fits -------------------------------------------------------------------------------- */

enum kind { SYN, SYN_WITH_OPTIONS, ACK, RESET, UDP, DNS, ECHO, KIND_FITS };
enum { VLAN = KIND_FITS, LARGE, ECHO_REPLY, TIMESTAMP, RARE_SHIFT, CUT, IP6, ARP, GRE, KINDS };

/* A packet that nobody may answer; each number has a host and a port of its own. */
static struct packet make(unsigned kind, double time, unsigned n)
{
    uint8_t dst = (uint8_t)(100 + n % 100);
    struct packet tcp = packet_tcp(time, HOST_A, (uint16_t)(2000 + n / 100), dst, 80);
    struct packet udp = packet_udp(time, dst, (uint16_t)(2000 + n / 100), HOST_A, 500);
    tcp.u.tcp = (struct packet_tcp){.seq = n * 77777, .window = 512, .flags = TCP_SYN};
    tcp.ip_id = (uint16_t)(n * 3);
    switch (kind) {
    case SYN_WITH_OPTIONS:
        tcp.u.tcp.options = TCPOPT_BIT_MSS | TCPOPT_BIT_WSCALE | TCPOPT_BIT_CC_ECHO;
        tcp.u.tcp.window_shift = 14;
        tcp.u.tcp.flags |= TCP_ECE | TCP_CWR;
        return tcp;
    case ACK:
        tcp.u.tcp.flags = TCP_ACK;
        tcp.u.tcp.ack = n * 99999;
        tcp.app_bytes = 10;
        return tcp;
    case RESET:
        tcp.u.tcp.flags = TCP_RST | TCP_ACK;
        tcp.u.tcp.ack = n;
        return tcp;
    case RARE_SHIFT:
        tcp.u.tcp.window_shift = 16;
        return tcp;
    case CUT:
        tcp.has_tcp = false;
        return tcp;
    case VLAN:
        tcp.has_vlan = true;
        return tcp;
    case UDP:
        udp.tos = 8;
        return udp;
    case LARGE:
        udp.bytes = UINT16_MAX + 1;
        return udp;
    case DNS:
        udp.dst_port = 53;
        udp.payload = (struct view){(const uint8_t *)"\x12\x34", 2};
        return udp;
    case ECHO:
    case ECHO_REPLY:
    case TIMESTAMP: {
        struct packet icmp = packet_icmp(time, HOST_A, dst, kind == ECHO ? 8 : 0, 0);
        if (kind == TIMESTAMP)
            icmp.u.icmp.type = 13;
        icmp.u.icmp.id = (uint16_t)n;
        icmp.u.icmp.seq = (uint16_t)(n * 5);
        return icmp;
    }
    case IP6:
        return packet_ip6(time, HOST_A, dst, 17);
    case ARP:
        return packet_arp(time, HOST_A, dst, 1);
    case GRE:
        return packet_ip4(time, HOST_A, dst, 47);
    default:
        return tcp;
    }
}

static uint64_t memory_of(const struct shards *meter)
{
    struct meter_counts counts;
    shards_get_counts(meter, &counts);
    return counts.memory_bytes;
}

static void test_what_fits(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        struct bench b;
        bench_init(&b, &meter_defaults);
        for (unsigned n = 0; n < 2000; n++) {
            struct packet p = make(kind, n * 0.001, n);
            feed(&b, &p, 1);
        }
        if (kind < KIND_FITS)
            assert_in_range(memory_of(b.meters[1]), 0, memory_of(b.meters[0]) - 2000 * 64);
        finish(&b);
        assert_same(&b);
        bench_free(&b);
    }
}

/* --- becoming whole --------------------------------------------------------------------------- */

/* What comes after a first packet of its number. */
static struct packet answer(unsigned kind, double time, unsigned n, unsigned how)
{
    struct packet p = make(kind, time, n);
    uint8_t kept[16];
    if (how == 0) /* once more */
        return p;
    if (how == 1) { /* an ICMP error about it */
        static uint8_t quoted[16][28];
        static unsigned next;
        uint8_t *at = quoted[next++ % 16];
        memset(at, 0, 28);
        at[0] = 0x45;
        at[9] = p.protocol;
        store_be16(at + 2, 60);
        memcpy(at + 12, p.src, 4);
        memcpy(at + 16, p.dst, 4);
        store_be16(at + 20, p.src_port);
        store_be16(at + 22, p.dst_port);
        struct packet error = packet_icmp(time, HOST_R, HOST_A, 3, 3);
        error.u.icmp.inner = (struct view){at, 28};
        return error;
    }
    memcpy(kept, p.src, 16);
    memcpy(p.src, p.dst, 16);
    memcpy(p.dst, kept, 16);
    uint16_t port = p.src_port;
    p.src_port = p.dst_port;
    p.dst_port = port;
    if (p.has_tcp)
        p.u.tcp = (struct packet_tcp){.seq = n, .ack = n * 77777 + 1, .flags = TCP_SYN | TCP_ACK};
    if (kind == ECHO)
        p.u.icmp.type = 0;
    return p;
}

/* At once, in the same batch, later, when the record was written, when it is forgotten. */
static void test_becoming_whole(void **state)
{
    (void)state;
    static const double waits[] = {0, 0.5, 4.9, 6, 20, 200, 90000};
    for (unsigned i = 0; i < ARRAY_SIZE(waits); i++)
        for (unsigned how = 0; how < 3; how++) {
            struct bench b;
            bench_init(&b, &meter_defaults);
            for (unsigned n = 0; n < 8 * KINDS; n += 8) {
                struct packet batch[16];
                for (unsigned j = 0; j < 8; j++)
                    batch[j] = make((n + j) % KINDS, n * 0.01, n + j);
                for (unsigned j = 0; j < 8; j++)
                    batch[8 + j] = answer((n + j) % KINDS, n * 0.01 + waits[i], n + j, how);
                feed(&b, batch, 16);
            }
            finish(&b);
            assert_same(&b);
            bench_free(&b);
        }
}

/* Any packets in any order, with a clock that jumps both ways. */
static void test_any_traffic(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (unsigned round = 0; round < 8; round++) {
        struct bench b;
        double time = 1e6;
        bench_init(&b, &meter_defaults);
        for (unsigned i = 0; i < 3000; i++) {
            struct packet p;
            random = random * 1664525 + 1013904223;
            unsigned r = random >> 8;
            time += r % 997 == 0 ? 1e5 : r % 499 == 0 ? -50 : r % 89 == 0 ? 3 : 0.001;
            unsigned kind = r / 7 % KINDS, n = r / 1000 % (50u << round);
            p = r % 3 ? make(kind, time, n) : answer(kind, time, n, r / 3 % 3);
            feed(&b, &p, 1);
        }
        finish(&b);
        assert_same(&b);
        bench_free(&b);
    }
}

/* At the limit, different flows are cut; no packet is lost. */
static void test_limit(void **state)
{
    (void)state;
    struct bench b;
    struct meter_options options = meter_defaults;
    struct meter_counts whole, half;
    options.memory_limit = 1 << 20;
    bench_init(&b, &options);
    for (unsigned n = 0; n < 10000; n++) {
        struct packet p[2] = {make(n % KINDS, n * 0.0001, n), answer(n % KINDS, n * 0.0001, n, 2)};
        feed(&b, p, n % 5 ? 1 : 2);
    }
    assert_in_range(memory_of(b.meters[0]), 0, options.memory_limit);
    assert_in_range(memory_of(b.meters[1]), 0, options.memory_limit);
    shards_get_counts(b.meters[0], &whole);
    shards_get_counts(b.meters[1], &half);
    assert_true(half.evicted > 0 && half.evicted < whole.evicted);
    finish(&b);
    bench_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits),
        cmocka_unit_test(test_becoming_whole),
        cmocka_unit_test(test_any_traffic),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
