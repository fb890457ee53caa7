/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attr.h"
#include "records.h"

static uint8_t first[WIRE_RECORD_MAX], second[WIRE_RECORD_MAX];

/* What is written, read and written again is the same bytes. */
static void test_round_trip(void **state)
{
    (void)state;
    struct record *made = calloc(1, sizeof(*made)), *read = calloc(1, sizeof(*read));
    assert_non_null(made);
    assert_non_null(read);
    record_make_full(made);
    size_t size = wire_encode(made, first);
    assert_int_equal(wire_decode((struct view){first, size}, read, NULL), 0);
    assert_int_equal(read->blocks, made->blocks);
    assert_memory_equal(&read->key.addr, &made->key.addr, sizeof(made->key.addr));
    assert_memory_equal(&read->time, &made->time, sizeof(made->time));
    assert_memory_equal(&read->metric, &made->metric, sizeof(made->metric));
    assert_memory_equal(&read->net.u.tcp.side, &made->net.u.tcp.side, sizeof(made->net.u.tcp.side));
    assert_memory_equal(&read->icmp, &made->icmp, sizeof(made->icmp));
    assert_int_equal(read->ipattr.ip_id[DST], 0x1234);
    assert_int_equal(read->vlan.tci[DST], 0x6065);
    assert_int_equal(read->agr.active.sum, 6000000);
    assert_int_equal(read->jitter.stat[DST][1].max, 3000000);
    assert_memory_equal(read->label.data, "flow=web", read->label.size);
    assert_int_equal(wire_encode(read, second), size);
    assert_memory_equal(first, second, size);
    free(made);
    free(read);
}

/* Every length that a record may be cut to: what comes before the cut is kept, nothing is read
 * behind. */
static void test_every_length(void **state)
{
    (void)state;
    struct record *made = calloc(1, sizeof(*made)), *read = calloc(1, sizeof(*read));
    record_make_full(made);
    size_t size = wire_encode(made, first);
    for (size_t cut = 0; cut <= size; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, first, cut);
        struct error err;
        int result = wire_decode((struct view){exact, cut}, read, &err);
        assert_true(result == 0 || result == WIRE_DAMAGED);
        assert_int_equal(read->blocks & ~made->blocks, 0);
        record_normalise(read);
        wire_encode(read, second);
        free(exact);
    }
    free(made);
    free(read);
}

/* Each byte of a record with each of a few values: any result but a crash, and what comes out can
 * be written. */
static void test_every_byte(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct record *made = calloc(1, sizeof(*made)), *read = calloc(1, sizeof(*read));
    record_make_full(made);
    size_t size = wire_encode(made, first);
    uint8_t *exact = malloc(size);
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            memcpy(exact, first, size);
            exact[at] = values[i];
            struct error err;
            (void)!wire_decode((struct view){exact, size}, read, &err);
            record_normalise(read);
            wire_encode(read, second);
        }
    free(exact);
    free(made);
    free(read);
}

/* --- metric: twelve widths and sides ---------------------------------------------------------- */

static void test_metric_widths(void **state)
{
    (void)state;
    static const struct {
        uint64_t src_packets, src_bytes, dst_packets, dst_bytes;
        uint8_t qualifier, words;
    } cases[] = {
        {1, 255, 1, 255, 1, 2},
        {1, 256, 1, 60, 2, 3},
        {1, 65536, 1, 60, 3, 5},
        {1, UINT64_C(1) << 32, 1, 60, 4, 9},
        {1, 60, 0, 0, 6, 2},
        {1, 65536, 0, 0, 7, 3},
        {1, UINT64_C(1) << 32, 0, 0, 8, 5},
        {0, 0, 2, 120, 10, 2},
        {0, 0, 1, 70000, 11, 3},
        {0, 0, 1, UINT64_C(1) << 40, 12, 5},
    };
    struct record *r = calloc(1, sizeof(*r));
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_udp(r, 1, 1, 1, 1);
        r->blocks = BLOCK_METRIC;
        r->metric = (struct record_metric){
            .packets = {cases[i].src_packets, cases[i].dst_packets},
            .bytes = {cases[i].src_bytes, cases[i].dst_bytes},
        };
        struct record_metric kept = r->metric;
        size_t size = wire_encode(r, first);
        assert_int_equal(size, 4 + 4 * cases[i].words);
        assert_int_equal(first[6], cases[i].qualifier);
        assert_int_equal(wire_decode((struct view){first, size}, r, NULL), 0);
        assert_memory_equal(&r->metric, &kept, sizeof(kept));
    }
    free(r);
}

/* --- time: the worked examples of both styles ------------------------------------------------- */

static void test_time_styles(void **state)
{
    (void)state;
    static const struct {
        uint8_t words;
        uint32_t block[9];
        nsec_t start, last; /* of the flow, in microseconds */
    } cases[] = {
        {3, {0x03011803, 10, 5}, 10000005, 10000005},
        {5, {0x03021805, 10, 5, 12, 7}, 10000005, 12000007},
        {4, {0x03031804, 10, 5, 1000}, 10000005, 10001005},
        {4, {0x031d1804, 10, 5, 224987}, 10000005, 10224992},
        {5, {0x033d1805, 10, 5, 2530865, 0}, 10000005, 12530870},
        {9, {0x037a1809, 10, 1, 20, 2, 11, 3, 21, 4}, 10000001, 21000004},
        {3, {0x03211803, 10, 5}, 10000005, 10000005},
    };
    struct record *r = calloc(1, sizeof(*r));
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        store_be32(first, 0x13100000u + cases[i].words + 1);
        for (unsigned n = 0; n < cases[i].words; n++)
            store_be32(first + 4 + 4 * n, cases[i].block[n]);
        assert_int_equal(wire_decode((struct view){first, 4 + 4u * cases[i].words}, r, NULL), 0);
        assert_int_equal(record_start(r) / NSEC_PER_USEC, cases[i].start);
        assert_int_equal(record_last(r) / NSEC_PER_USEC, cases[i].last);
    }
    free(r);
}

/* --- normalising ------------------------------------------------------------------------------ */

static void decode_words(struct record *r, const uint32_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        store_be32(first + 4 * i, words[i]);
    assert_int_equal(wire_decode((struct view){first, 4 * count}, r, NULL), 0);
    record_normalise(r);
}

/* A sensor's record whose source is the second of its stored addresses. */
static void test_stored_reverse(void **state)
{
    (void)state;
    static const uint32_t words[] = {0x13100017, 0x01030003, 0,          1,          0x02410105,
                                     0x0a90f6a1, 0x0a90f6b8, 0x110000a1, 0x84920000, 0x03021805,
                                     0x48dbd3fa, 0x000267f0, 0x48dbd3fa, 0x00026d9e, 0x10010102,
                                     0x0153015d, 0x30000001, 0x48000303, 0x40000000, 0xff00ed0e,
                                     0x20000003, 2,          2};
    struct record *r = calloc(1, sizeof(*r));
    decode_words(r, words, ARRAY_SIZE(words));
    assert_int_equal(r->key.addr[SRC][3], 184);
    assert_int_equal(r->key.port[SRC], 33938);
    assert_int_equal(r->key.port[DST], 161);
    assert_int_equal(r->metric.bytes[SRC], 0x53);
    assert_int_equal(r->ipattr.ip_id[DST], 0x0eed);
    assert_int_equal(r->time.start[DST] / NSEC_PER_USEC % 1000000, 159134);
    free(r);
}

/* An ARP reply without its request: the counters are the responder's. */
static void test_arp_reply_first(void **state)
{
    (void)state;
    struct record *r = calloc(1, sizeof(*r));
    record_make_udp(r, 5, 5, 1, 0);
    r->key = (struct record_key){.class = KEY_ARP,
                                 .family = FAMILY_ARP,
                                 .reverse = true,
                                 .addr = {{10, 0, 8, 100}, {10, 0, 8, 1}}};
    r->key.u.arp.hardware_type = 1;
    r->key.u.arp.protocol_type = 0x800;
    r->key.u.arp.hardware_size = 6;
    r->key.u.arp.protocol_size = 4;
    r->key.u.arp.operation = 1;
    size_t size = wire_encode(r, first);
    assert_int_equal(wire_decode((struct view){first, size}, r, NULL), 0);
    record_normalise(r);
    assert_int_equal(r->metric.packets[SRC], 0);
    assert_int_equal(r->metric.packets[DST], 1);
    assert_int_equal(r->key.addr[SRC][3], 100);
    free(r);
}

/* A connection whose first seen packet is its SYN+ACK is turned round, once. */
static void test_synack_first(void **state)
{
    (void)state;
    struct record *r = calloc(1, sizeof(*r));
    record_make_full(r);
    r->net.u.tcp.status = TCPS_SYNACK | TCPS_EST;
    size_t size = wire_encode(r, first);
    assert_int_equal(wire_decode((struct view){first, size}, r, NULL), 0);
    record_normalise(r);
    assert_int_equal(r->key.port[SRC], 53);
    assert_int_equal(r->metric.packets[SRC], 8);
    size = wire_encode(r, second);
    assert_int_equal(wire_decode((struct view){second, size}, r, NULL), 0);
    record_normalise(r);
    assert_int_equal(r->key.port[SRC], 53);
    free(r);
}

/* Reversing twice changes nothing. */
static void test_reverse_twice(void **state)
{
    (void)state;
    struct record *r = calloc(1, sizeof(*r));
    record_make_full(r);
    size_t size = wire_encode(r, first);
    record_reverse(r);
    assert_int_equal(wire_encode(r, second), size);
    assert_memory_not_equal(first, second, size);
    record_reverse(r);
    assert_int_equal(wire_encode(r, second), size);
    assert_memory_equal(first, second, size);
    free(r);
}

/* Both ends of ARP change places, as those of other flows do. */
static void test_reversed_arp(void **state)
{
    struct record *r = calloc(1, sizeof(*r));
    (void)state;
    record_make_full(r);
    r->key.class = KEY_ARP;
    for (r->key.family = FAMILY_ARP; r->key.family <= FAMILY_RARP; r->key.family++) {
        r->key.addr[SRC][0] = r->key.u.arp.hardware[SRC][0] = 1;
        r->key.addr[DST][0] = r->key.u.arp.hardware[DST][0] = 2;
        r->metric.packets[SRC] = 3;
        record_reverse(r);
        assert_int_equal(r->key.addr[SRC][0], 2);
        assert_int_equal(r->key.addr[DST][0], 1);
        assert_int_equal(r->metric.packets[DST], 3);
        assert_int_equal(r->key.u.arp.hardware[DST][0], r->key.family == FAMILY_RARP ? 1 : 2);
    }
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_byte),      cmocka_unit_test(test_metric_widths),
        cmocka_unit_test(test_time_styles),     cmocka_unit_test(test_stored_reverse),
        cmocka_unit_test(test_arp_reply_first), cmocka_unit_test(test_synack_first),
        cmocka_unit_test(test_reverse_twice),   cmocka_unit_test(test_reversed_arp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
