/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/key_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

enum { KEY_SIZE = 60 };

/* Adds `count` keys of `distinct` ones in a scattered order, and expects each once, in order. */
static void check(uint64_t count, uint64_t distinct)
{
    struct error err;
    struct key_set *set = key_set_new(KEY_SIZE, 1, "/tmp");
    uint8_t key[KEY_SIZE] = {0};
    const void *next;
    for (uint64_t i = 0; i < count; i++) {
        store_be64(key + 3, i * 7919 % distinct);
        assert_int_equal(key_set_add(set, key, &err), 0);
    }
    assert_int_equal(key_set_sort(set, &err), 0);
    for (uint64_t i = 0; i < distinct; i++) {
        store_be64(key + 3, i);
        assert_int_equal(key_set_next(set, &next, &err), 0);
        assert_memory_equal(next, key, KEY_SIZE);
    }
    assert_int_equal(key_set_next(set, &next, &err), KEY_SET_END);
    key_set_free(set);
}

static void keys_fit_into_memory(void **state)
{
    (void)state;
    check(1, 1);
    check(1000, 1000);
    check(100000, 7);
    check(100000, 40000);
}

static void keys_do_not_fit(void **state)
{
    (void)state;
    check(100000, 100000);
    check(300000, 100000);
}

/* Hardly any at first, and then the same ones again. */
static void keys_come_again_late(void **state)
{
    (void)state;
    check(60000, 20000);
    check(200000, 25000);
}

/* So many that runs are merged to one on the way: see RUNS_MOST. */
static void runs_are_joined(void **state)
{
    (void)state;
    check(1600003, 1600003);
}

static void nothing(void **state)
{
    (void)state;
    struct error err;
    const void *next;
    struct key_set *set = key_set_new(KEY_SIZE, 1, "/tmp");
    assert_int_equal(key_set_sort(set, &err), 0);
    assert_int_equal(key_set_next(set, &next, &err), KEY_SET_END);
    key_set_free(set);
}

static void folder_that_is_not_there(void **state)
{
    (void)state;
    struct error err;
    struct key_set *set = key_set_new(KEY_SIZE, 1, "/nowhere");
    uint8_t key[KEY_SIZE] = {0};
    int result = 0;
    for (uint64_t i = 0; !result && i < 100000; i++) {
        store_be64(key, i);
        result = key_set_add(set, key, &err);
    }
    assert_int_equal(result, -1);
    assert_non_null(strstr(err.text, "/nowhere"));
    key_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_fit_into_memory),
        cmocka_unit_test(keys_do_not_fit),
        cmocka_unit_test(keys_come_again_late),
        cmocka_unit_test(runs_are_joined),
        cmocka_unit_test(nothing),
        cmocka_unit_test(folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
