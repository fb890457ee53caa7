/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "flow/shards.h"
#include "packets.h"
#include "record/wire.h"

enum { PROTO_ICMP = 1, PROTO_IGMP = 2, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ESP = 50 };

/* The records that come out must have the identity of the packet that went in. */
struct expectation {
    struct flow_key identity;
    unsigned records;
};

static int expect_record(void *arg, const struct record *r, struct error *err)
{
    struct expectation *expected = arg;
    uint8_t buffer[4096];
    struct flow_key got;
    struct record read = *r;
    assert_true(flow_identity_of_record(&got, r));
    assert_memory_equal(&got, &expected->identity, sizeof(got));
    /* ... and still have it when they were written, read and turned as readers turn them. */
    size_t size = wire_encode(r, buffer);
    assert_int_equal(wire_decode((struct view){buffer, size}, &read, err), 0);
    record_normalise(&read);
    assert_true(flow_identity_of_record(&got, &read));
    assert_memory_equal(&got, &expected->identity, sizeof(got));
    expected->records++;
    return 0;
}

static void check_packet(struct packet packet)
{
    struct shards *meter;
    struct error err;
    struct expectation expected = {.records = 0};
    struct keyed_packet keyed = {.packet = packet};
    keyed_packet_complete(&keyed, 0);
    flow_identity_of_key(&expected.identity, &keyed.key);
    assert_true(keyed.tag == flow_key_tag(&keyed.key));
    if (flow_identity_is_key(&keyed.key))
        assert_memory_equal(&expected.identity, &keyed.key, sizeof(keyed.key));
    assert_int_equal(shards_new(&meter, &meter_defaults, expect_record, &expected, &err), 0);
    assert_int_equal(shards_packets(meter, &keyed, 1, &err), 0);
    assert_int_equal(shards_flush(meter, &err), 0);
    assert_int_equal(expected.records, 1);
    shards_free(meter);
}

static void test_tcp_and_udp(void **state)
{
    (void)state;
    check_packet(packet_tcp(1000, HOST_A, 1234, HOST_B, 80));
    check_packet(packet_tcp(1000, HOST_B, 80, HOST_A, 1234));
    check_packet(packet_tcp(1000, HOST_A, 9, HOST_A, 7));
    check_packet(packet_udp(1000, HOST_A, 1234, HOST_B, 123));
}

static void test_queries_share_their_ports(void **state)
{
    (void)state;
    static const uint8_t one[] = {0, 1}, other[] = {0, 2};
    struct packet packet = packet_udp(1000, HOST_A, 1234, HOST_B, 53);
    struct flow_key key, identities[2];
    packet.payload = (struct view){one, sizeof(one)};
    check_packet(packet);
    flow_key_build(&key, &packet, 0);
    flow_identity_of_key(&identities[0], &key);
    packet.payload.data = other;
    check_packet(packet);
    flow_key_build(&key, &packet, 0);
    flow_identity_of_key(&identities[1], &key);
    assert_true(flow_key_equal(&identities[0], &identities[1]));
}

/* 3.0.8 leaves the ends as they came where both addresses are the same (quirk.def). */
static void test_which_keys_are_identities(void **state)
{
    (void)state;
    struct flow_key key = {.kind = FLOW_IP4, .protocol = PROTO_TCP, .port = {80, 7}};
    assert_true(flow_identity_is_key(&key));
    key.id = 5; /* as queries of DNS have it */
    assert_false(flow_identity_is_key(&key));
    key.id = 0;
    key.kind = FLOW_IP6;
    assert_false(flow_identity_is_key(&key));
    key.addr[1][0] = 1;
    assert_true(flow_identity_is_key(&key));
    key.protocol = PROTO_IGMP;
    assert_false(flow_identity_is_key(&key));
}

static void test_icmp_of_every_type(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 256; type++)
        for (uint8_t code = 0; code < 5; code++)
            check_packet(packet_icmp(1000, HOST_B, HOST_A, (uint8_t)type, code));
}

static void test_other_protocols(void **state)
{
    (void)state;
    static const uint8_t protocols[] = {0, PROTO_IGMP, 4, 41, 47, PROTO_ESP, 51, 58, 89, 132, 255};
    for (size_t i = 0; i < sizeof(protocols); i++) {
        check_packet(packet_ip4(1000, HOST_B, HOST_A, protocols[i]));
        check_packet(packet_ip6(1000, HOST_B, HOST_A, protocols[i]));
    }
}

static void test_arp(void **state)
{
    (void)state;
    for (uint16_t operation = 1; operation < 12; operation++) {
        check_packet(packet_arp(1000, HOST_A, HOST_B, operation));
        check_packet(packet_arp(1000, HOST_B, HOST_A, operation));
    }
}

static void test_later_fragments(void **state)
{
    (void)state;
    check_packet(packet_fragment(1000, HOST_B, HOST_A, 77, FRAG_LATER));
    check_packet(packet_fragment(1000, HOST_A, HOST_B, 0xfffe, FRAG_LATER));
}

static void test_no_key(void **state)
{
    (void)state;
    struct record mar = {.type = RECORD_MAR}, far = {.type = RECORD_FAR};
    struct flow_key key;
    assert_false(flow_identity_of_record(&key, &mar));
    assert_false(flow_identity_of_record(&key, &far));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_and_udp),
        cmocka_unit_test(test_queries_share_their_ports),
        cmocka_unit_test(test_which_keys_are_identities),
        cmocka_unit_test(test_icmp_of_every_type),
        cmocka_unit_test(test_other_protocols),
        cmocka_unit_test(test_arp),
        cmocka_unit_test(test_later_fragments),
        cmocka_unit_test(test_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
