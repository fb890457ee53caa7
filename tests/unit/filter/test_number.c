/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static struct number parsed(const char *text, const char *field)
{
    struct number number;
    if (!number_parse(&number, text, field_find(field)))
        fail_msg("'%s' is no number for %s", text, field);
    return number;
}

static int order_uint(uint64_t value, const char *text)
{
    struct number number = parsed(text, "bytes");
    return number_order(&(struct value){.kind = VALUE_UINT, .u.uint = value}, &number);
}

static int order_span(nsec_t value, const char *text)
{
    struct number number = parsed(text, "dur");
    return number_order(&(struct value){.kind = VALUE_SPAN, .u.time = value}, &number);
}

static int order_real(double value, const char *text)
{
    struct number number = parsed(text, "rate");
    return number_order(&(struct value){.kind = VALUE_REAL, .u.real = value}, &number);
}

/* Every whole number is exact, also where doubles are not. */
static void whole_numbers_are_exact(void **state)
{
    (void)state;
    assert_int_equal(order_uint(9007199254740993, "9007199254740993"), 0);
    assert_int_equal(order_uint(9007199254740993, "9007199254740992"), 1);
    assert_int_equal(order_uint(9007199254740992, "9007199254740993"), -1);
    assert_int_equal(order_uint(UINT64_MAX, "18446744073709551615"), 0);
    assert_int_equal(order_uint(UINT64_MAX, "18446744073709551616"), -1);
    assert_int_equal(order_uint(UINT64_MAX, "1e30"), -1);
    assert_int_equal(order_uint(0, "-1"), 1);
    assert_int_equal(order_uint(2, "1.5"), 1);
    assert_int_equal(order_uint(1, "1.5"), -1);
    assert_int_equal(order_uint(1, "1.0"), 0);
}

static void units_are_decimal(void **state)
{
    (void)state;
    assert_int_equal(order_uint(2000, "2k"), 0);
    assert_int_equal(order_uint(1500000, "1.5M"), 0);
    assert_int_equal(order_uint(3000000000, "3G"), 0);
    assert_int_equal(order_uint(4000000000000, "4T"), 0);
    assert_int_equal(order_uint(16, "0x10"), 0);
    assert_int_equal(order_uint(8, "010"), 0);
    assert_int_equal(order_uint(UINT64_MAX, "18446744073709552k"), -1); /* past the end */
}

static void durations_have_units_of_time(void **state)
{
    (void)state;
    assert_int_equal(order_span(100 * NSEC_PER_MSEC, "0.1"), 0);
    assert_int_equal(order_span(100 * NSEC_PER_MSEC, "100ms"), 0);
    assert_int_equal(order_span(90 * NSEC_PER_SEC, "1.5m"), 0);
    assert_int_equal(order_span(NSEC_PER_SEC, "1000001us"), -1);
    assert_int_equal(order_span(-NSEC_PER_SEC, "-1"), 0);
    assert_int_equal(order_span(INT64_MIN, "1"), -1);
    assert_int_equal(order_span(INT64_MAX, "-1"), 1);
    assert_int_equal(order_span(500, "0"), 0);
    assert_int_equal(order_span(501, "0"), 1);
}

static void reals_are_equal_as_they_print(void **state)
{
    (void)state;
    assert_int_equal(order_real(2.0000004, "2"), 0);
    assert_int_equal(order_real(2.0000006, "2"), 1);
    assert_int_equal(order_real(1.9999994, "2"), -1);
    assert_int_equal(order_real(-0.5, "-0.5"), 0);
    assert_int_equal(order_real(-0.0, "0"), 0);
}

static void what_is_no_number(void **state)
{
    static const struct {
        const char *field, *text;
    } cases[] = {
        {"bytes", ""},    {"bytes", "-"},  {"bytes", "k"},   {"bytes", "1m"},  {"bytes", "1kk"},
        {"bytes", "0x"},  {"bytes", "1e"}, {"bytes", "nan"}, {"bytes", "inf"}, {"bytes", "1e999"},
        {"bytes", "--1"}, {"bytes", "+1"}, {"bytes", "ef"},  {"dur", "1k"},    {"dur", "1x"},
        {"dur", ""},      {"sdsb", "ez"},
    };
    struct number number;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (number_parse(&number, cases[i].text, field_find(cases[i].field)))
            fail_msg("'%s' passes for a number", cases[i].text);
}

static void fields_of_numbers(void **state)
{
    (void)state;
    assert_true(number_fits(field_find("bytes")));
    assert_true(number_fits(field_find("dur")));
    assert_true(number_fits(field_find("sdsb")));
    assert_false(number_fits(field_find("saddr")));
    assert_false(number_fits(field_find("state")));
    assert_false(number_fits(field_find("rank")));
    assert_int_equal(parsed("ef", "sdsb").whole, 46);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(units_are_decimal),
        cmocka_unit_test(durations_have_units_of_time),
        cmocka_unit_test(reals_are_equal_as_they_print),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(fields_of_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
