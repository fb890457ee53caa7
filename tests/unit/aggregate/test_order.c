/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ENTRIES = 1000 };

static uint8_t keys[256];

/* Entries with keys of one byte, its value the reference modulo 256, and these numbers. */
static void fill(struct pool *entries, uint64_t (*updated)(uint32_t ref))
{
    assert_true(pool_init(entries, sizeof(struct entry), ENTRIES));
    for (uint32_t i = 1; i <= ENTRIES; i++) {
        uint32_t ref = pool_take(entries);
        struct entry *entry = pool_at(entries, ref);
        *entry = (struct entry){.piece = &keys[ref % 256], .updated = updated(ref)};
        entry->key_size = entry->sort_size = 1;
    }
    for (unsigned i = 0; i < 256; i++)
        keys[i] = (uint8_t)i;
}

static uint64_t backwards(uint32_t ref)
{
    return 2 * (ENTRIES - ref) + 1;
}

/* Far apart, so that the order takes several windows and some of them are empty. */
static uint64_t sparse(uint32_t ref)
{
    return backwards(ref) * 100003;
}

static void check_backwards(uint64_t (*updated)(uint32_t ref), uint64_t last)
{
    struct pool entries;
    struct order order;
    fill(&entries, updated);
    assert_true(order_init(&order, &entries, last));
    for (uint32_t ref = ENTRIES; ref >= 1; ref--)
        assert_int_equal(order_next(&order), ref);
    assert_int_equal(order_next(&order), 0);
    assert_int_equal(order_next(&order), 0);
    order_release(&order);
    pool_release(&entries);
}

static void by_number(void **state)
{
    (void)state;
    check_backwards(backwards, backwards(1));
    check_backwards(backwards, backwards(1) + 5);
}

static void by_number_in_windows(void **state)
{
    (void)state;
    check_backwards(sparse, sparse(1));
}

static void by_key_and_number(void **state)
{
    (void)state;
    struct pool entries;
    struct order order;
    fill(&entries, backwards);
    assert_true(order_init_sorted(&order, &entries));
    uint32_t last = order_next(&order);
    for (uint32_t i = 1; i < ENTRIES; i++) {
        uint32_t ref = order_next(&order);
        assert_true(ref % 256 > last % 256 || (ref % 256 == last % 256 && ref < last));
        last = ref;
    }
    assert_int_equal(order_next(&order), 0);
    order_release(&order);
    pool_release(&entries);
}

static void empty(void **state)
{
    (void)state;
    struct pool entries = {0};
    struct order order;
    assert_true(order_init(&order, &entries, 0));
    assert_int_equal(order_next(&order), 0);
    order_release(&order);
    assert_true(order_init_sorted(&order, &entries));
    assert_int_equal(order_next(&order), 0);
    order_release(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_number),
        cmocka_unit_test(by_number_in_windows),
        cmocka_unit_test(by_key_and_number),
        cmocka_unit_test(empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
