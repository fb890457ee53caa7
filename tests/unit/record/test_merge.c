/* SPDX-License-Identifier: Apache-2.0 */
#include "record/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "record/wire.h"
#include "records.h"

static uint8_t first[WIRE_RECORD_MAX], second[WIRE_RECORD_MAX];

static struct record *make(double start, double last, uint64_t src, uint64_t dst)
{
    struct record *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    record_make_udp(r, start, last, src, dst);
    return r;
}

static void test_sums_and_times(void **state)
{
    (void)state;
    struct record_arena *arena = record_arena_new();
    struct record *a = make(10, 12, 3, 1), *b = make(5, 30, 4, 0);
    record_merge(a, b, arena);
    assert_int_equal(a->metric.packets[SRC], 7);
    assert_int_equal(a->metric.packets[DST], 1);
    assert_int_equal(a->metric.bytes[SRC], 420);
    assert_int_equal(record_start(a), 5 * NSEC_PER_SEC);
    assert_int_equal(record_last(a), 30 * NSEC_PER_SEC);
    assert_int_equal(a->time.start[DST], 10 * NSEC_PER_SEC);
    assert_int_equal(a->agr.count, 2);
    assert_int_equal(a->agr.active.sum, 27 * 1000000);
    assert_int_equal(a->agr.active.max, 25 * 1000000);
    assert_int_equal(a->wire.size, 0);
    free(a);
    free(b);
    record_arena_free(arena);
}

/* (a + b) + c and a + (b + c) are the same bytes. */
static void test_grouping_does_not_matter(void **state)
{
    (void)state;
    struct record_arena *arena = record_arena_new();
    struct record *r[6];
    for (unsigned i = 0; i < 6; i++) {
        r[i] = calloc(1, sizeof(*r[i]));
        record_make_full(r[i]);
        unsigned n = i % 3;
        r[i]->metric.packets[SRC] = n + 1;
        r[i]->time.start[SRC] += (nsec_t)(n * 7 % 5) * NSEC_PER_SEC;
        r[i]->time.last[SRC] += (nsec_t)(n * 11 % 7) * NSEC_PER_SEC;
        r[i]->key.port[SRC] = (uint16_t)(4000 + n);
        r[i]->key.addr[DST][3] = (uint8_t)(1 + n);
        r[i]->agr.active.sum_squares += n;
    }
    record_merge(r[0], r[1], arena);
    record_merge(r[0], r[2], arena);
    record_merge(r[4], r[5], arena);
    record_merge(r[3], r[4], arena);
    size_t size = wire_encode(r[0], first);
    assert_int_equal(wire_encode(r[3], second), size);
    assert_memory_equal(first, second, size);
    for (unsigned i = 0; i < 6; i++)
        free(r[i]);
    record_arena_free(arena);
}

static void test_addresses_widen(void **state)
{
    (void)state;
    struct record_arena *arena = record_arena_new();
    struct record *a = make(1, 1, 1, 0), *b = make(1, 1, 1, 0);
    b->key.addr[SRC][3] = 5; /* 10.0.0.1 and 10.0.0.5: 10.0.0.0/29 */
    b->key.port[DST] = 80;
    record_merge(a, b, arena);
    assert_int_equal(a->key.addr[SRC][3], 0);
    assert_int_equal(a->key.prefix[SRC], 29);
    assert_int_equal(a->key.prefix[DST], 32);
    assert_int_equal(a->key.port[SRC], 4000);
    assert_int_equal(a->key.port[DST], 0);
    free(a);
    free(b);

    static const uint8_t one[16] = {0x20, 0x01, 0x0d, 0xb8}, two[16] = {0x20, 0x01, 0x0d, 0xb9};
    a = make(1, 1, 1, 0);
    b = make(1, 1, 1, 0);
    a->key.family = b->key.family = FAMILY_IP6;
    a->key.prefix[SRC] = b->key.prefix[SRC] = a->key.prefix[DST] = b->key.prefix[DST] = 128;
    memcpy(a->key.addr[SRC], one, 16);
    memcpy(b->key.addr[SRC], two, 16);
    record_merge(a, b, arena);
    assert_int_equal(a->key.prefix[SRC], 31);
    assert_memory_equal(a->key.addr[SRC], one, 16);
    free(a);
    free(b);
    record_arena_free(arena);
}

static void test_labels_unite(void **state)
{
    (void)state;
    struct record_arena *arena = record_arena_new();
    struct record *a = make(1, 1, 1, 0), *b = make(1, 1, 1, 0);
    a->blocks |= BLOCK_LABEL;
    b->blocks |= BLOCK_LABEL;
    a->label = (struct view){(const uint8_t *)"L1:LL", 5};
    b->label = (struct view){(const uint8_t *)"L2:L1:L", 7};
    record_merge(a, b, arena);
    assert_int_equal(a->label.size, 10);
    assert_memory_equal(a->label.data, "L1:LL:L2:L", 10);
    free(a);
    free(b);
    record_arena_free(arena);
}

static void test_user_data_up_to_the_limit(void **state)
{
    (void)state;
    struct record_arena *arena = record_arena_new();
    struct record *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
    record_make_full(a);
    record_make_full(b);
    a->user[SRC].limit = b->user[SRC].limit = 20;
    record_merge(a, b, arena);
    assert_int_equal(a->user[SRC].bytes.size, 20);
    assert_memory_equal(a->user[SRC].bytes.data, "GET / HTTP/1.0GET / ", 20);
    free(a);
    free(b);
    record_arena_free(arena);
}

static void test_statistics(void **state)
{
    (void)state;
    struct record_stat all = {0}, part = {0}, read;
    for (int i = 1; i <= 10; i++)
        stat_add(i % 2 ? &all : &part, i);
    stat_merge(&all, &part);
    assert_int_equal(all.count, 10);
    assert_int_equal(all.min, 1);
    assert_int_equal(all.max, 10);
    assert_int_equal(all.sum_squares, 385);
    assert_true(stat_deviation(&all) > 2.8722 && stat_deviation(&all) < 2.8724);
    stat_from_moments(&read, 10, 1, 10, stat_mean(&all), stat_deviation(&all));
    assert_int_equal(read.sum, 55);
    assert_int_equal(read.sum_squares, 385);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_and_times),
        cmocka_unit_test(test_grouping_does_not_matter),
        cmocka_unit_test(test_addresses_widen),
        cmocka_unit_test(test_labels_unite),
        cmocka_unit_test(test_user_data_up_to_the_limit),
        cmocka_unit_test(test_statistics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
