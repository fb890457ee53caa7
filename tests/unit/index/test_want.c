/* SPDX-License-Identifier: Apache-2.0 */
#include "index/want.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "record/wire.h"

enum { PROTO_TCP = 6 };

static struct flow_key identity_of(uint8_t a, uint16_t port_a, uint8_t b, uint16_t port_b)
{
    struct flow_key key = {.kind = FLOW_IP4, .protocol = PROTO_TCP, .port = {port_a, port_b}};
    memcpy(key.addr[0], (const uint8_t[]){10, 0, 0, a}, 4);
    memcpy(key.addr[1], (const uint8_t[]){10, 1, 0, b}, 4);
    return key;
}

static struct record record_of(uint8_t a, uint16_t port_a, uint8_t b, uint16_t port_b)
{
    struct record r = {
        .type = RECORD_FAR,
        .blocks = BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC,
        .key = {.class = KEY_5TUPLE,
                .family = FAMILY_IP4,
                .protocol = PROTO_TCP,
                .prefix = {32, 32},
                .port = {port_a, port_b}},
        .time = {.start = {1000 * NSEC_PER_SEC + 1500},
                 .last = {1002 * NSEC_PER_SEC + 1000},
                 .has_start = {true},
                 .has_last = {true}},
        .metric = {.packets = {3, 2}, .bytes = {300, 200}},
    };
    memcpy(r.key.addr[0], (const uint8_t[]){10, 0, 0, a}, 4);
    memcpy(r.key.addr[1], (const uint8_t[]){10, 1, 0, b}, 4);
    return r;
}

static void test_time_and_identity(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(1, 1234, 2, 25);
    struct flow_key key = identity_of(1, 1234, 2, 25), other = identity_of(1, 1235, 2, 25);
    const nsec_t start = 1000 * NSEC_PER_SEC + 1000, last = 1002 * NSEC_PER_SEC + 1000;
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 7));
    wants_close(&wants);
    assert_int_equal(wants.list[1].packets, 5);
    assert_int_equal(wants.list[1].bytes, 500);
    assert_int_equal(wants.list[1].number, 7);
    assert_int_equal(wants_next(&wants, &key, start, 0), 1);
    assert_int_equal(wants_next(&wants, &key, last + 999, 0), 1);
    assert_int_equal(wants_next(&wants, &key, start - 1, 0), 0);
    assert_int_equal(wants_next(&wants, &key, last + 1000, 0), 0);
    assert_int_equal(wants_next(&wants, &other, start, 0), 0);
    assert_int_equal(wants_next(&wants, &key, start, 1), 0);
    assert_true(wants_have(&wants, &key));
    assert_false(wants_have(&wants, &other));
    wants_release(&wants);
}

/* The seconds of records begin again after 2^32; those that somebody named do not. */
static void test_times_beyond_records(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(1, 1234, 2, 25);
    struct flow_key key = identity_of(1, 1234, 2, 25);
    const nsec_t round = (INT64_C(1) << 32) * NSEC_PER_SEC, now = 1001 * NSEC_PER_SEC + 1;
    struct want named = {.identity = key, .first = now - 1, .last = now};
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 1));
    wants_add(&wants, &named);
    wants_close(&wants);
    assert_int_equal(wants_next(&wants, &key, now, 0), 1);
    assert_int_equal(wants_next(&wants, &key, now, 1), 2);
    assert_int_equal(wants_next(&wants, &key, now + round, 0), 1);
    assert_int_equal(wants_next(&wants, &key, now + round, 1), 0);
    assert_int_equal(wants_next(&wants, &key, now - round, 0), 1);
    assert_int_equal(wants_next(&wants, &key, now - round, 1), 0);
    assert_int_equal(wants_next(&wants, &key, now + round / 2, 0), 0);
    wants_release(&wants);
}

/* An answer behind which an ICMP error came: readers move its start there, but not its packet. */
static void test_start_that_readers_move(void **state)
{
    (void)state;
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct wants wants;
    struct error err;
    struct record made = record_of(1, 1234, 2, 25), r = {0};
    struct flow_key key = identity_of(1, 1234, 2, 25);
    made.metric.packets[SRC] = made.metric.bytes[SRC] = 0;
    made.metric.packets[DST] = 1;
    size_t size = wire_encode(&made, bytes);
    assert_int_equal(wire_decode((struct view){bytes, size}, &r, &err), 0);
    record_normalise(&r);
    assert_int_equal(record_start(&r), record_last(&made));
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 1));
    wants_close(&wants);
    assert_int_equal(wants_next(&wants, &key, made.time.start[SRC], 0), 1);
    assert_int_equal(wants_next(&wants, &key, made.time.start[SRC] - 1000, 0), 0);
    wants_release(&wants);
}

/* The record stands the other way round than the identity. */
static void test_either_direction(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(1, 1234, 2, 25);
    struct flow_key key = identity_of(1, 1234, 2, 25);
    record_reverse(&r);
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 1));
    wants_close(&wants);
    assert_int_equal(wants_next(&wants, &key, 1001 * NSEC_PER_SEC, 0), 1);
    wants_release(&wants);
}

static void test_several_records_of_a_flow(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(1, 1234, 2, 25);
    struct flow_key key = identity_of(1, 1234, 2, 25);
    wants_init(&wants);
    for (uint64_t number = 1; number <= 3; number++)
        assert_true(wants_add_record(&wants, &r, number));
    wants_close(&wants);
    uint32_t at = 0;
    for (uint32_t expected = 1; expected <= 3; expected++)
        assert_int_equal(at = wants_next(&wants, &key, 1001 * NSEC_PER_SEC, at), expected);
    assert_int_equal(wants_next(&wants, &key, 1001 * NSEC_PER_SEC, at), 0);
    wants_release(&wants);
}

/* Of a merged record, what is zero may be anything, and a prefix means its network. */
static void test_merged_records(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(0, 0, 2, 25);
    r.key.prefix[SRC] = 16;
    r.blocks |= BLOCK_AGR;
    r.agr.count = 9;
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 1));
    wants_close(&wants);
    assert_true(wants.list[1].is_wide);
    const nsec_t now = 1001 * NSEC_PER_SEC;
    struct flow_key fits = identity_of(77, 4321, 2, 25), port = identity_of(77, 4321, 2, 26),
                    net = identity_of(77, 4321, 2, 25), turned = identity_of(0, 25, 77, 4321);
    net.addr[0][1] = 9;
    memcpy(turned.addr[0], (const uint8_t[]){10, 1, 0, 2}, 4);
    memcpy(turned.addr[1], (const uint8_t[]){10, 0, 0, 77}, 4);
    assert_int_equal(wants_next(&wants, &fits, now, 0), 1);
    assert_int_equal(wants_next(&wants, &fits, now, 1), 0);
    assert_int_equal(wants_next(&wants, &port, now, 0), 0);
    assert_int_equal(wants_next(&wants, &net, now, 0), 0);
    assert_int_equal(wants_next(&wants, &turned, now, 0), 1);
    assert_true(wants_have(&wants, &fits));
    wants_release(&wants);
}

/* A record that was not merged means what it says: port 0 is port 0. */
static void test_port_zero(void **state)
{
    (void)state;
    struct wants wants;
    struct record r = record_of(1, 0, 2, 25);
    struct flow_key key = identity_of(1, 0, 2, 25), other = identity_of(1, 5, 2, 25);
    wants_init(&wants);
    assert_true(wants_add_record(&wants, &r, 1));
    wants_close(&wants);
    assert_false(wants.list[1].is_wide);
    assert_int_equal(wants_next(&wants, &key, 1001 * NSEC_PER_SEC, 0), 1);
    assert_int_equal(wants_next(&wants, &other, 1001 * NSEC_PER_SEC, 0), 0);
    wants_release(&wants);
}

static void test_records_without_key(void **state)
{
    (void)state;
    struct wants wants;
    struct record mar = {.type = RECORD_MAR}, r = record_of(1, 1, 2, 2);
    r.blocks &= ~(uint32_t)BLOCK_FLOW;
    wants_init(&wants);
    assert_false(wants_add_record(&wants, &mar, 1));
    assert_false(wants_add_record(&wants, &r, 2));
    wants_close(&wants);
    assert_int_equal(wants.count, 1);
    wants_release(&wants);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_and_identity),
        cmocka_unit_test(test_times_beyond_records),
        cmocka_unit_test(test_start_that_readers_move),
        cmocka_unit_test(test_either_direction),
        cmocka_unit_test(test_several_records_of_a_flow),
        cmocka_unit_test(test_merged_records),
        cmocka_unit_test(test_port_zero),
        cmocka_unit_test(test_records_without_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
