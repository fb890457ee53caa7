/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static int by_value(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* Adds `count` pairs, some of them again and again, and expects each once, sorted. */
static void check_sorted(size_t count, uint64_t memory)
{
    struct pairs *pairs;
    struct error err;
    uint64_t *all = calloc(count + 1, sizeof(*all)), state = 1, got;
    assert_int_equal(pairs_new(&pairs, memory, ".", &err), 0);
    for (size_t i = 0; i < count; i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        all[i] = pair_of((uint32_t)(state >> 40), (uint32_t)(i / 3));
        if (i % 5 == 4)
            all[i] = pair_of((uint32_t)(all[i - 1] >> 32), (uint32_t)(i / 3));
    }
    for (size_t i = 0, part; i < count; i += part) { /* a few at a time, as they come */
        part = count - i < 1 + i % 100 ? count - i : 1 + i % 100;
        assert_int_equal(pairs_add(pairs, all + i, part, &err), 0);
    }
    qsort(all, count, sizeof(*all), by_value);
    assert_int_equal(pairs_sort(pairs, &err), 0);
    assert_int_equal(pairs_added(pairs), count);
    for (size_t i = 0; i < count; i++) {
        if (i && all[i] == all[i - 1])
            continue;
        assert_int_equal(pairs_next(pairs, &got, &err), 0);
        assert_int_equal(got, all[i]);
    }
    assert_int_equal(pairs_next(pairs, &got, &err), PAIRS_END);
    pairs_free(pairs);
    free(all);
}

static void test_in_memory(void **state)
{
    (void)state;
    check_sorted(0, 1 << 20);
    check_sorted(1, 1 << 20);
    check_sorted(10000, 16 << 20);
}

/* The least memory is room for about 110,000 pairs. */
static void test_in_runs(void **state)
{
    (void)state;
    check_sorted(100000, 1);
    check_sorted(120000, 1);
    check_sorted(400000, 1);
}

/* A flow alone in a long capture: a part of the pairs can be all of them, and makes runs, too. */
static void test_one_flow(void **state)
{
    (void)state;
    struct pairs *pairs;
    struct error err;
    uint64_t pair;
    enum { CHUNKS = 50000 };
    assert_int_equal(pairs_new(&pairs, 1, ".", &err), 0);
    for (uint32_t i = 0; i < 2 * CHUNKS; i++) {
        pair = pair_of(7, i / 2);
        assert_int_equal(pairs_add(pairs, &pair, 1, &err), 0);
    }
    assert_int_equal(pairs_sort(pairs, &err), 0);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        assert_int_equal(pairs_next(pairs, &pair, &err), 0);
        assert_int_equal(pair, pair_of(7, i));
    }
    assert_int_equal(pairs_next(pairs, &pair, &err), PAIRS_END);
    pairs_free(pairs);
}

static void test_no_place_for_runs(void **state)
{
    (void)state;
    struct pairs *pairs;
    struct error err;
    int result = 0;
    assert_int_equal(pairs_new(&pairs, 1, "/nowhere", &err), 0);
    for (uint32_t i = 0; i < 70000 && !result; i++) {
        uint64_t pair = pair_of(i, i);
        result = pairs_add(pairs, &pair, 1, &err);
    }
    assert_int_equal(result, -1);
    assert_string_equal(err.text, "temporary file in /nowhere: No such file or directory");
    pairs_free(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_in_runs),
        cmocka_unit_test(test_one_flow),
        cmocka_unit_test(test_no_place_for_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
