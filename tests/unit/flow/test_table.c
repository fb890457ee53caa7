/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "flow/flow.h"

enum { FLOWS = 20000 };

static struct flow_key key_of(uint32_t n)
{
    struct flow_key key = {.kind = FLOW_IP4, .id = n};
    return key;
}

static uint32_t add(struct flow_table *table, struct flow_pools *pools, uint32_t n, uint32_t tag)
{
    assert_true(flow_table_reserve(table));
    uint32_t ref = pool_take(&pools->whole);
    struct flow *flow = pool_at(&pools->whole, ref);
    flow->key = key_of(n);
    flow_table_add(table, tag, ref);
    return ref;
}

static void test_find_what_was_added(void **state)
{
    (void)state;
    struct flow_pools pool = {0};
    struct pool_space space;
    struct flow_table table;
    assert_true(pool_space_init(&space, sizeof(struct flow), FLOWS, 1));
    pool_init(&pool.whole, &space);
    assert_true(flow_table_init(&table, &pool));
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct flow_key key = key_of(n);
        add(&table, &pool, n, flow_key_tag(&key));
    }
    assert_int_equal(table.count, FLOWS);
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct flow_key key = key_of(n);
        assert_int_equal(flow_table_find(&table, flow_key_tag(&key), &key), n + 1);
    }
    struct flow_key other = key_of(FLOWS);
    assert_int_equal(flow_table_find(&table, flow_key_tag(&other), &other), 0);
    flow_table_release(&table);
    pool_release(&pool.whole);
    pool_space_release(&space);
}

/* Every third entry goes; all others must still be found, whatever the probe runs were. */
static void test_remove_keeps_the_others(void **state)
{
    (void)state;
    struct flow_pools pool = {0};
    struct pool_space space;
    struct flow_table table;
    assert_true(pool_space_init(&space, sizeof(struct flow), FLOWS, 1));
    pool_init(&pool.whole, &space);
    assert_true(flow_table_init(&table, &pool));
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct flow_key key = key_of(n);
        add(&table, &pool, n, flow_key_tag(&key));
    }
    for (uint32_t n = 0; n < FLOWS; n += 3) {
        struct flow_key key = key_of(n);
        flow_table_remove(&table, flow_key_tag(&key), n + 1);
    }
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct flow_key key = key_of(n);
        uint32_t found = flow_table_find(&table, flow_key_tag(&key), &key);
        assert_int_equal(found, n % 3 ? n + 1 : 0);
    }
    flow_table_release(&table);
    pool_release(&pool.whole);
    pool_space_release(&space);
}

/* Tags that all want the last slots: runs wrap around the end of the table. */
static void test_remove_across_the_end(void **state)
{
    (void)state;
    struct flow_pools pool = {0};
    struct pool_space space;
    struct flow_table table;
    enum { COUNT = 9 };
    const uint32_t tags[COUNT] = {
        UINT32_MAX, UINT32_MAX, 0,          UINT32_MAX, UINT32_MAX - ((UINT32_C(1) << 20)),
        0,          1,          UINT32_MAX, 0};
    for (uint32_t gone = 0; gone < COUNT; gone++) {
        assert_true(pool_space_init(&space, sizeof(struct flow), COUNT, 1));
        pool_init(&pool.whole, &space);
        assert_true(flow_table_init(&table, &pool));
        for (uint32_t n = 0; n < COUNT; n++)
            add(&table, &pool, n, tags[n]);
        flow_table_remove(&table, tags[gone], gone + 1);
        for (uint32_t n = 0; n < COUNT; n++) {
            struct flow_key key = key_of(n);
            uint32_t found = flow_table_find(&table, tags[n], &key);
            assert_int_equal(found, n == gone ? 0 : n + 1);
        }
        flow_table_release(&table);
        pool_release(&pool.whole);
        pool_space_release(&space);
    }
}

/* A guess is the entry itself, if no other has its tag; of what is not there, most likely none. */
static void test_guess(void **state)
{
    (void)state;
    struct flow_pools pool = {0};
    struct pool_space space;
    struct flow_table table;
    unsigned wrong = 0;
    assert_true(pool_space_init(&space, sizeof(struct flow), FLOWS, 1));
    pool_init(&pool.whole, &space);
    assert_true(flow_table_init(&table, &pool));
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct flow_key key = key_of(n);
        add(&table, &pool, n, flow_key_tag(&key));
    }
    for (uint32_t n = 0; n < 2 * FLOWS; n++) {
        struct flow_key key = key_of(n);
        uint32_t guess = flow_table_guess(&table, flow_key_tag(&key));
        wrong += guess != (n < FLOWS ? n + 1 : 0);
    }
    assert_in_range(wrong, 0, 2);
    flow_table_release(&table);
    pool_release(&pool.whole);
    pool_space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_what_was_added),
        cmocka_unit_test(test_remove_keeps_the_others),
        cmocka_unit_test(test_remove_across_the_end),
        cmocka_unit_test(test_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
