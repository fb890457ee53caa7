/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { OBJECTS = 3000, POOLS = 3, SIZE = 24 };

/* Pools that take turns have objects of their own; each costs what it ever had at a time. */
static void test_several_pools(void **state)
{
    (void)state;
    struct pool_space space;
    struct pool pools[POOLS];
    static uint8_t owner[2 * OBJECTS];
    assert_true(pool_space_init(&space, SIZE, OBJECTS, POOLS));
    for (unsigned i = 0; i < POOLS; i++)
        pool_init(&pools[i], &space);
    for (unsigned round = 0; round < 2; round++) {
        memset(owner, 0, sizeof(owner));
        for (unsigned n = 0; n < OBJECTS; n++) {
            struct pool *pool = &pools[n % POOLS];
            assert_int_equal(pool_is_tight(pool), round == 0);
            uint32_t ref = pool_take(pool);
            assert_in_range(ref, 1, sizeof(owner) - 1);
            assert_int_equal(owner[ref], 0);
            owner[ref] = (uint8_t)(n % POOLS + 1);
            memset(pool_at(pool, ref), (int)(n % POOLS), SIZE);
        }
        for (unsigned i = 0; i < POOLS; i++) {
            assert_int_equal(pool_bytes(&pools[i]), OBJECTS / POOLS * SIZE);
            pool_clear(&pools[i]);
        }
    }
    for (unsigned i = 0; i < POOLS; i++)
        pool_release(&pools[i]);
    pool_space_release(&space);
}

/* What came back is given out first, the last of it first. */
static void test_given_back(void **state)
{
    (void)state;
    struct pool_space space;
    struct pool pool;
    uint32_t refs[4];
    assert_true(pool_space_init(&space, SIZE, 100, 1));
    pool_init(&pool, &space);
    for (unsigned i = 0; i < 4; i++)
        refs[i] = pool_take(&pool);
    pool_give(&pool, refs[1]);
    pool_give(&pool, refs[3]);
    assert_false(pool_is_tight(&pool));
    assert_int_equal(pool_take(&pool), refs[3]);
    assert_int_equal(pool_take(&pool), refs[1]);
    assert_true(pool_is_tight(&pool));
    assert_int_equal(pool.live, 4);
    pool_release(&pool);
    pool_space_release(&space);
}

/* One pool may have all that there is, and no more. */
static void test_full(void **state)
{
    (void)state;
    struct pool_space space;
    struct pool pool;
    assert_true(pool_space_init(&space, SIZE, OBJECTS, POOLS));
    pool_init(&pool, &space);
    for (unsigned n = 0; n < OBJECTS; n++) {
        assert_false(pool_is_full(&pool));
        assert_int_not_equal(pool_take(&pool), 0);
    }
    assert_true(pool_is_full(&pool));
    assert_int_equal(pool_take(&pool), 0);
    pool_release(&pool);
    pool_space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_pools),
        cmocka_unit_test(test_given_back),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
