/* SPDX-License-Identifier: Apache-2.0 */
#include "base/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        nsec_t expected;
    } good[] = {
        {"5", 5 * NSEC_PER_SEC},    {"0", 0},
        {"2.5", 2500000000},        {".5", 500000000},
        {"300ms", 300000000},       {"7us", 7000},
        {"5m", 300 * NSEC_PER_SEC}, {"1h", 3600 * NSEC_PER_SEC},
        {"2d", 172800000000000},    {"1w", 604800000000000},
        {"1.5h", 5400000000000},    {"1s", NSEC_PER_SEC},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        nsec_t got = -1;
        assert_int_equal(quantity_duration(good[i].text, &got, NULL), 0);
        assert_int_equal(got, good[i].expected);
    }
    static const char *const bad[] = {"", " 5", "-5", "+5", "5 s", "5x", "s", ".", "5mm", "inf"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct error err = {""};
        nsec_t got;
        assert_int_equal(quantity_duration(bad[i], &got, &err), -1);
        assert_non_null(strstr(err.text, bad[i]));
    }
    nsec_t got;
    assert_int_equal(quantity_duration("9000000000", &got, NULL), 0);
    assert_int_equal(quantity_duration("9000000001", &got, NULL), -1);
    assert_int_equal(quantity_duration("1e400", &got, NULL), -1);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t expected;
    } good[] = {
        {"65536", 65536},
        {"0", 0},
        {"64k", 65536},
        {"64K", 65536},
        {"512M", 512u << 20},
        {"2G", UINT64_C(2) << 30},
        {"1T", UINT64_C(1) << 40},
        {"1GB", UINT64_C(1) << 30},
        {"1GiB", UINT64_C(1) << 30},
        {"7B", 7},
        {"18446744073709551615", UINT64_MAX},
        {"16777215T", UINT64_C(16777215) << 40},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t got = 1;
        assert_int_equal(quantity_size(good[i].text, &got, NULL), 0);
        assert_int_equal(got, good[i].expected);
    }
    static const char *const bad[] = {
        "",         "k", "-1", " 1", "1 k", "1kk", "1X", "1b", "1i", "1.5G", "18446744073709551616",
        "16777216T"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t got;
        assert_int_equal(quantity_size(bad[i], &got, NULL), -1);
    }
}

static void counts(void **state)
{
    (void)state;
    uint64_t got = 0;
    assert_int_equal(quantity_count("0", 10, &got, NULL), 0);
    assert_int_equal(got, 0);
    assert_int_equal(quantity_count("10", 10, &got, NULL), 0);
    assert_int_equal(got, 10);
    struct error err;
    assert_int_equal(quantity_count("11", 10, &got, &err), -1);
    assert_string_equal(err.text, "'11' is too large (at most 10)");
    assert_int_equal(quantity_count("18446744073709551615", UINT64_MAX, &got, NULL), 0);
    assert_int_equal(got, UINT64_MAX);
    static const char *const bad[] = {"",   "-1", "+1",  " 1",
                                      "1 ", "1x", "0x1", "18446744073709551616"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(quantity_count(bad[i], UINT64_MAX, &got, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
