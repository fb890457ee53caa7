/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/shards.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/mapping.h"
#include "packets.h"

/* --- which shard ------------------------------------------------------------------------------ */

static const struct flow_keying keyings[] = {
    {0},
    {.one_way = true},
    {.parts = FLOW_KEY_VLAN | FLOW_KEY_MPLS | FLOW_KEY_ETHER, .one_way = true},
};

static uint8_t shard_by(const struct packet *packet, const struct flow_keying *keying,
                        uint32_t quirks)
{
    struct keyed_packet keyed = {.packet = *packet};
    keyed_packet_complete(&keyed, quirks);
    keyed_packet_rekey(&keyed, keying, quirks);
    return keyed.shard;
}

static uint8_t shard_of(const struct packet *packet)
{
    return shard_by(packet, &keyings[0], 0);
}

static uint8_t shard_of_fragments(const struct packet *packet, const struct flow_keying *keying)
{
    struct flow_key key;
    flow_key_of_fragment(&key, packet, keying);
    return flow_key_shard(&key, flow_key_tag(&key));
}

static struct packet answer_to(struct packet p)
{
    struct packet answer = p;
    memcpy(answer.src, p.dst, sizeof(answer.src));
    memcpy(answer.dst, p.src, sizeof(answer.dst));
    answer.src_port = p.dst_port;
    answer.dst_port = p.src_port;
    return answer;
}

/* A linear congruential generator; its low bits are not random. */
static uint32_t chance(void)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 32);
}

static void fill(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)chance();
}

/* Any packet over IP, with what each protocol has its key from. */
static struct packet random_packet(void)
{
    struct packet p = {.kind = chance() % 2 ? PACKET_IP4 : PACKET_IP6};
    size_t size = p.kind == PACKET_IP4 ? 4 : 16;
    p.protocol = (uint8_t)chance();
    fill(p.src, size);
    fill(p.dst, size);
    if (chance() % 8 == 0)
        memcpy(p.dst, p.src, size);
    p.frag_id = chance();
    p.has_tcp = p.protocol == 6;
    p.has_ports = p.protocol == 6 || p.protocol == 17;
    p.has_upper = !p.has_ports && chance() % 2;
    if (p.has_upper)
        fill((uint8_t *)&p.u, 12);
    p.u.icmp.inner.size = 0;
    if (p.has_ports) {
        p.src_port = (uint16_t)chance();
        p.dst_port = (uint16_t)chance();
    }
    return p;
}

/* All fragments of a datagram go where its flow is, and so do those of the answer to it. */
static void test_fragments(void **state)
{
    (void)state;
    unsigned of_shard[FLOW_SHARDS] = {0};
    enum { PACKETS = 20000 };
    for (unsigned n = 0; n < PACKETS; n++) {
        struct packet p = random_packet();
        for (unsigned i = 0; i < 2 * ARRAY_SIZE(keyings); i++) {
            const struct flow_keying *keying = &keyings[i / 2];
            const uint32_t quirks = i % 2 ? QUIRKS_ALL_308 : 0;
            p.frag = FRAG_FIRST;
            uint8_t shard = shard_by(&p, keying, quirks);
            assert_int_equal(shard_of_fragments(&p, keying), shard);
            p.frag = FRAG_LATER;
            assert_int_equal(shard_by(&p, keying, quirks), shard);
            of_shard[shard]++;
        }
    }
    const unsigned fair = 2 * ARRAY_SIZE(keyings) * PACKETS / FLOW_SHARDS;
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        assert_in_range(of_shard[i], fair * 9 / 10, fair * 11 / 10);
}

static void test_both_directions(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 20000; n++) {
        struct packet p = random_packet();
        struct packet answer = answer_to(p);
        if (p.has_upper || p.protocol == 2) /* these say themselves what an answer is */
            continue;
        assert_int_equal(shard_of(&p), shard_of(&answer));
    }
}

/* A membership report is of a flow whose address is the group, its fragments are not. */
static void test_groups(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 1000; n++) {
        struct packet p = random_packet();
        p.kind = PACKET_IP4;
        p.protocol = 2;
        p.has_ports = p.has_tcp = false;
        p.has_upper = true;
        fill(p.u.igmp.group, 4);
        assert_int_equal(shard_of(&p), shard_of_fragments(&p, &keyings[0]));
    }
}

/* The error is where it would be anyway; what it tells, it tells where the flow is. */
static void test_errors(void **state)
{
    (void)state;
    unsigned apart = 0;
    for (unsigned n = 0; n < 200; n++) {
        struct packet p = packet_udp(0, (uint8_t)n, 1000, HOST_B, 2000);
        struct packet error = packet_icmp(1, HOST_R, (uint8_t)n, 3, 3);
        uint8_t quoted[28] = {0x45, 0, 0, 60, 0, 0, 0, 0, 9, 17};
        memcpy(quoted + 12, p.src, 4);
        memcpy(quoted + 16, p.dst, 4);
        store_be16(quoted + 20, 1000);
        store_be16(quoted + 22, 2000);
        error.u.icmp.inner = (struct view){quoted, sizeof(quoted)};
        struct keyed_packet about, keyed = {.packet = p};
        keyed_packet_complete(&keyed, 0);
        assert_true(flow_error_about(&error, 0, &keyings[0], &about));
        assert_true(flow_key_equal(&about.key, &keyed.key));
        assert_int_equal(about.shard, keyed.shard);
        assert_true(about.is_error_about);
        apart += shard_of(&error) != about.shard;
    }
    assert_in_range(apart, 1, 199);
}

/* --- the order of records --------------------------------------------------------------------- */

struct order {
    nsec_t last;
    unsigned count;
    bool has_shard[FLOW_SHARDS];
};

static int check_order(void *arg, const struct record *r, struct error *err)
{
    struct order *order = arg;
    struct flow_key key = {.kind = FLOW_IP4, .protocol = r->key.protocol};
    (void)err;
    assert_true(record_start(r) >= order->last);
    memcpy(key.addr, r->key.addr, sizeof(key.addr));
    order->has_shard[flow_key_shard(&key, 0)] = true;
    order->last = record_start(r);
    order->count++;
    return 0;
}

/* At a tick, and at the end, records come by the start of their periods, whatever their shard. */
static void test_order(void **state)
{
    (void)state;
    enum { FLOWS = 500 };
    for (unsigned at_end = 0; at_end < 2; at_end++) {
        struct order order = {0};
        struct shards *shards;
        struct error err;
        assert_int_equal(shards_new(&shards, &meter_defaults, check_order, &order, &err), 0);
        for (unsigned n = 0; n < FLOWS; n++) {
            struct keyed_packet p = {
                .packet = packet_udp(n * 1e-6, (uint8_t)n, 1, HOST_B, (uint16_t)(n + 1))};
            keyed_packet_complete(&p, 0);
            assert_int_equal(shards_packets(shards, &p, 1, &err), 0);
        }
        if (!at_end)
            assert_int_equal(shards_advance(shards, 10 * NSEC_PER_SEC, &err), 0);
        assert_int_equal(order.count, at_end ? 0 : FLOWS);
        assert_int_equal(shards_flush(shards, &err), 0);
        assert_int_equal(order.count, FLOWS);
        for (unsigned i = 0; i < FLOW_SHARDS; i++)
            assert_true(order.has_shard[i]);
        shards_free(shards);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments), cmocka_unit_test(test_both_directions),
        cmocka_unit_test(test_groups),    cmocka_unit_test(test_errors),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
