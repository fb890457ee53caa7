/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/slots.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool has(const struct slots *slots, uint32_t hash, uint32_t ref)
{
    uint32_t found;
    size_t at = slots_home(slots, hash);
    while ((found = slots_next(slots, hash, &at))) {
        if (found == ref)
            return true;
    }
    return false;
}

static void add(struct slots *slots, uint32_t hash, uint32_t ref)
{
    assert_true(slots_reserve(slots));
    slots_add(slots, hash, ref);
}

static void empty(void **state)
{
    (void)state;
    struct slots slots = {0};
    assert_false(has(&slots, 0, 1));
    assert_int_equal(slots_bytes(&slots), 0);
    slots_release(&slots);
}

/* Hashes that all want the last slots of the table, so that probing goes round its end. */
static void crowded(void **state)
{
    (void)state;
    struct slots slots = {0};
    for (uint32_t ref = 1; ref <= 100; ref++)
        add(&slots, UINT32_MAX - ref % 3, ref);
    for (uint32_t ref = 1; ref <= 100; ref++) {
        assert_true(has(&slots, UINT32_MAX - ref % 3, ref));
        assert_false(has(&slots, UINT32_MAX - (ref + 1) % 3, ref));
    }
    assert_false(has(&slots, UINT32_MAX - 5, 1));
    slots_release(&slots);
}

static uint32_t scramble(uint32_t number)
{
    return number * UINT32_C(2654435761);
}

static void growing(void **state)
{
    (void)state;
    struct slots slots = {0};
    for (uint32_t ref = 1; ref <= 100000; ref++) {
        add(&slots, scramble(ref), ref);
        assert_true(4 * slots.used <= 3 * slots.size);
    }
    for (uint32_t ref = 1; ref <= 100000; ref++)
        assert_true(has(&slots, scramble(ref), ref));
    assert_int_equal(slots.used, 100000);
    slots_release(&slots);
}

/* After each removal all others are still found, whatever the order of removing. */
static void removing(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    for (uint32_t step = 1; step < 20; step += 6) {
        struct slots slots = {0};
        bool there[COUNT + 1] = {false};
        for (uint32_t ref = 1; ref <= COUNT; ref++) {
            add(&slots, UINT32_MAX - ref / 7, ref); /* runs that overlap, around the end */
            there[ref] = true;
        }
        uint32_t ref = 1;
        for (int i = 0; i < 250; i++, ref = (ref + step - 1) % COUNT + 1) {
            if (!there[ref])
                continue;
            slots_remove(&slots, UINT32_MAX - ref / 7, ref);
            there[ref] = false;
            for (uint32_t other = 1; other <= COUNT; other++)
                assert_int_equal(has(&slots, UINT32_MAX - other / 7, other), there[other]);
        }
        slots_release(&slots);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty),
        cmocka_unit_test(crowded),
        cmocka_unit_test(growing),
        cmocka_unit_test(removing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
