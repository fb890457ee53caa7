/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/sorter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 150000 };

/* A record that was changed, so that it is kept as it is; few different times, and its number. */
static struct record flow(uint64_t number)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_TIME | BLOCK_TRANSPORT};
    r.time.start[SRC] = r.time.last[SRC] = (nsec_t)(number * 7919 % 1009);
    r.time.has_start[SRC] = r.time.has_last[SRC] = true;
    r.transport.sequence = (uint32_t)number;
    r.offset = number;
    return r;
}

/* Returns how many bytes went to temporary files. */
static uint64_t check_sorted(size_t memory, unsigned threads, size_t runs_at_once)
{
    struct sort_order order = {0};
    struct record *next;
    nsec_t before = -1;
    uint64_t number = 0, count = 0;
    assert_int_equal(sort_order_add(&order, "stime", NULL), 0);
    struct sorter *sorter =
        sorter_new(&(struct sorter_options){&order, memory, "/tmp", threads, runs_at_once});
    for (uint64_t i = 0; i < COUNT; i++) {
        struct record r = flow(i);
        assert_int_equal(sorter_add(sorter, &r, NULL), 0);
    }
    assert_int_equal(sorter_finish(sorter, NULL), 0);
    while (!sorter_next(sorter, &next, NULL)) {
        assert_true(next->time.start[SRC] > before ||
                    (next->time.start[SRC] == before && next->offset > number));
        assert_int_equal(next->transport.sequence, next->offset);
        before = next->time.start[SRC];
        number = next->offset;
        count++;
    }
    assert_int_equal(count, COUNT);
    uint64_t spilled = sorter_spilled(sorter);
    sorter_free(sorter);
    sort_order_release(&order);
    return spilled;
}

static void in_memory(void **state)
{
    (void)state;
    assert_int_equal(check_sorted(256 << 20, 1, 0), 0);
    assert_int_equal(check_sorted(256 << 20, 3, 0), 0);
}

static void under_a_limit(void **state)
{
    (void)state;
    assert_true(check_sorted(SORTER_MEMORY_LEAST, 1, 0) > 0);
    assert_true(check_sorted(SORTER_MEMORY_LEAST, 2, 0) > 0);
}

/* Runs that are too many to be merged at once are merged level by level, and stay in order. */
static void many_runs(void **state)
{
    (void)state;
    uint64_t once = check_sorted(SORTER_MEMORY_LEAST, 1, 0);
    assert_true(check_sorted(SORTER_MEMORY_LEAST, 1, 2) > 2 * once);
    assert_true(check_sorted(SORTER_MEMORY_LEAST, 1, 3) > once);
}

static void nothing(void **state)
{
    (void)state;
    struct sort_order order = {0};
    struct record *next;
    struct sorter *sorter =
        sorter_new(&(struct sorter_options){&order, SORTER_MEMORY_LEAST, "/nowhere", 1, 0});
    assert_int_equal(sorter_finish(sorter, NULL), 0);
    assert_int_equal(sorter_next(sorter, &next, NULL), SORTER_END);
    sorter_free(sorter);
    sorter_free(NULL);
}

static void no_temporary_file(void **state)
{
    (void)state;
    struct sort_order order = {0};
    struct error err;
    int result = 0;
    assert_int_equal(sort_order_add(&order, "stime", NULL), 0);
    struct sorter *sorter =
        sorter_new(&(struct sorter_options){&order, SORTER_MEMORY_LEAST, "/nowhere", 1, 0});
    for (uint64_t i = 0; i < COUNT && !result; i++) {
        struct record r = flow(i);
        result = sorter_add(sorter, &r, &err);
    }
    assert_int_equal(result, -1);
    assert_string_equal(err.text, "temporary file in /nowhere: No such file or directory");
    sorter_free(sorter);
    sort_order_release(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory),         cmocka_unit_test(under_a_limit),
        cmocka_unit_test(many_runs),         cmocka_unit_test(nothing),
        cmocka_unit_test(no_temporary_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
