/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct record flow(uint64_t bytes, nsec_t start, uint8_t last_of_address)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW | BLOCK_METRIC | BLOCK_TIME};
    r.key.class = KEY_5TUPLE;
    r.key.family = FAMILY_IP4;
    r.key.protocol = 17;
    r.key.prefix[SRC] = r.key.prefix[DST] = 32;
    r.key.addr[SRC][0] = 10;
    r.key.addr[SRC][3] = last_of_address;
    r.metric.bytes[SRC] = bytes;
    r.time.start[SRC] = r.time.last[SRC] = start;
    r.time.has_start[SRC] = r.time.has_last[SRC] = true;
    return r;
}

/* The sign of what the keys of two records say. */
static int compare(const char *fields, bool reversed, const struct record *a,
                   const struct record *b)
{
    struct sort_order order = {.is_reversed = reversed};
    struct sort_key x = {0}, y = {0};
    char *words = strdup(fields), *rest = words, *word;
    while ((word = strsep(&rest, " ")))
        assert_int_equal(sort_order_add(&order, word, NULL), 0);
    sort_order_key(&order, a, &x);
    sort_order_key(&order, b, &y);
    int result = memcmp(x.bytes, y.bytes, x.size < y.size ? x.size : y.size);
    free(x.bytes);
    free(y.bytes);
    free(words);
    sort_order_release(&order);
    return (result > 0) - (result < 0);
}

static void times_go_up_and_counters_down(void **state)
{
    (void)state;
    struct record small = flow(1, -5, 1), large = flow(300, 5, 1);
    assert_int_equal(compare("stime", false, &small, &large), -1);
    assert_int_equal(compare("bytes", false, &small, &large), 1);
    assert_int_equal(compare("stime", true, &small, &large), 1);
    assert_int_equal(compare("bytes", true, &small, &large), -1);
    assert_int_equal(compare("proto bytes", false, &small, &large), 1);
    assert_int_equal(compare("proto dport", false, &small, &large), 0);
}

static void masks_of_addresses(void **state)
{
    (void)state;
    struct record a = flow(1, 0, 0x10), b = flow(1, 0, 0x1f);
    assert_int_equal(compare("saddr", false, &a, &b), -1);
    assert_int_equal(compare("saddr/32", false, &a, &b), -1);
    assert_int_equal(compare("saddr/29", false, &a, &b), -1);
    assert_int_equal(compare("saddr/28", false, &a, &b), 0);
    assert_int_equal(compare("saddr/0", false, &a, &b), 0);
    b.key.family = FAMILY_IP6;
    memset(b.key.addr[SRC], 0, sizeof(b.key.addr[SRC]));
    assert_int_equal(compare("saddr", false, &a, &b), -1);
}

static void missing_values(void **state)
{
    (void)state;
    struct record with = flow(1, 0, 1), without = flow(1, 0, 1);
    without.blocks = BLOCK_FLOW;
    assert_int_equal(compare("stime", false, &without, &with), -1);
    assert_int_equal(compare("bytes", false, &without, &with), 1);
    assert_int_equal(compare("bytes", true, &without, &with), -1);
}

/* Real numbers below, at and above zero. */
static void real_numbers(void **state)
{
    (void)state;
    struct record r[4];
    for (int i = 0; i < 4; i++) {
        r[i] = flow(10, 0, 1);
        r[i].metric.has_app_bytes = true;
        r[i].metric.app_bytes[SRC] = (uint64_t)i;
        r[i].metric.app_bytes[DST] = (uint64_t)(3 - i);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(compare("pcr", false, &r[i], &r[i + 1]), 1);
}

static void texts_of_any_bytes(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {'a', 0, 0, 'b'};
    struct record a = flow(1, 0, 1), b = a;
    a.blocks |= BLOCK_SUSER;
    b.blocks |= BLOCK_SUSER;
    a.user[SRC].bytes = (struct view){bytes, 1};
    for (size_t size = 2; size <= sizeof(bytes); size++) {
        b.user[SRC].bytes = (struct view){bytes, size};
        assert_int_equal(compare("suser", false, &a, &b), -1);
        assert_int_equal(compare("suser", true, &a, &b), 1);
        a = b;
    }
}

static void wrong_words(void **state)
{
    (void)state;
    struct sort_order order = {0};
    struct error err;
    assert_int_equal(sort_order_add(&order, "nothing like it", &err), -1);
    assert_string_equal(err.text, "there is no field 'nothing like it' to sort by");
    assert_int_equal(sort_order_add(&order, "saddr/", &err), -1);
    assert_int_equal(sort_order_add(&order, "saddr/8x", &err), -1);
    assert_int_equal(order.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_go_up_and_counters_down),
        cmocka_unit_test(masks_of_addresses),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(real_numbers),
        cmocka_unit_test(texts_of_any_bytes),
        cmocka_unit_test(wrong_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
