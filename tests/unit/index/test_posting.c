/* SPDX-License-Identifier: Apache-2.0 */
#include "index/posting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RUNS_MOST = 64 };

struct collected {
    struct posting_run list[RUNS_MOST];
    size_t count;
};

static void collect(void *arg, struct posting_run run)
{
    struct collected *c = arg;
    assert_true(c->count < RUNS_MOST);
    c->list[c->count++] = run;
}

static void test_numbers(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        uint8_t bytes[POSTING_NUMBER_MAX];
        uint64_t got;
        size_t size = posting_put_number(bytes, numbers[i]);
        struct view view = {bytes, size}, cut = {bytes, size - 1};
        assert_true(posting_take_number(&view, &got));
        assert_int_equal(got, numbers[i]);
        assert_int_equal(view.size, 0);
        assert_false(posting_take_number(&cut, &got));
    }
}

static void test_numbers_too_long(void **state)
{
    (void)state;
    uint8_t bytes[11] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    uint64_t got;
    struct view view = {bytes, sizeof(bytes)};
    assert_false(posting_take_number(&view, &got)); /* 65 bits */
    bytes[9] = 0x81;
    assert_false(posting_take_number(&view, &got)); /* goes on and on */
}

/* Numbers below `most`, the same for each run of the test. */
static uint32_t below(uint64_t *state, uint32_t most)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)((*state >> 33) % most);
}

static bool is_more(const struct posting_run *runs, size_t count)
{
    return count > 1 || runs[0].count > 1;
}

static void check_runs(const struct posting_run *runs, size_t count, size_t size)
{
    uint8_t bytes[1024];
    struct collected c = {.count = 0};
    uint32_t chunks = runs[count - 1].chunk + runs[count - 1].count;
    size_t put = posting_put_runs(bytes, runs, count);
    if (size)
        assert_int_equal(put, size);
    struct view view = {bytes, put};
    assert_true(posting_take_runs(&view, is_more(runs, count), chunks, collect, &c));
    assert_int_equal(view.size, 0);
    assert_int_equal(c.count, count);
    assert_memory_equal(c.list, runs, count * sizeof(*runs));
    /* One chunk fewer, or one byte fewer, and it is damaged. */
    view = (struct view){bytes, put};
    c.count = 0;
    assert_false(posting_take_runs(&view, is_more(runs, count), chunks - 1, collect, &c));
    view = (struct view){bytes, put - 1};
    c.count = 0;
    assert_false(posting_take_runs(&view, is_more(runs, count), chunks, collect, &c));
}

static void test_runs(void **state)
{
    (void)state;
    check_runs((struct posting_run[]){{0, 1}}, 1, 1);
    check_runs((struct posting_run[]){{16383, 1}}, 1, 2);
    check_runs((struct posting_run[]){{0, 2}}, 1, 3);
    check_runs((struct posting_run[]){{5, 1}, {7, 1}}, 2, 4);
    check_runs((struct posting_run[]){{5, 1}, {7, 9}, {100, 1}, {102, 2}}, 4, 0);
}

static void test_random_runs(void **state)
{
    (void)state;
    struct posting_run runs[RUNS_MOST];
    uint64_t seed = 1;
    for (unsigned turn = 0; turn < 1000; turn++) {
        size_t count = 1 + below(&seed, RUNS_MOST);
        uint32_t chunk = below(&seed, 300);
        for (size_t i = 0; i < count; i++) {
            runs[i] = (struct posting_run){chunk, 1 + below(&seed, 3)};
            chunk += runs[i].count + 1 + below(&seed, 200);
        }
        check_runs(runs, count, 0);
    }
}

/* Any bytes end in a yes or a no, and never in a chunk that is not there. */
static void ignore_good(void *arg, struct posting_run run)
{
    assert_true(run.count >= 1 && run.chunk + (uint64_t)run.count <= *(uint32_t *)arg);
}

static void test_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (unsigned turn = 0; turn < 100000; turn++) {
        uint8_t bytes[24];
        uint32_t chunks = 1 + below(&seed, 100);
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)below(&seed, turn % 2 ? 256 : 8);
        struct view view = {bytes, sizeof(bytes)};
        (void)posting_take_runs(&view, turn % 3, chunks, ignore_good, &chunks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_numbers_too_long),
        cmocka_unit_test(test_runs),         cmocka_unit_test(test_random_runs),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
