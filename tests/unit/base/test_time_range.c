/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* 2023-11-14 22:13:20 UTC */
enum { NOW = 1700000000, DAY_START = 1699920000 };

static int utc(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

static struct time_range parsed(const char *text)
{
    struct time_range range;
    struct error err;
    if (time_range_parse(&range, text, NOW * NSEC_PER_SEC, &err))
        fail_msg("%s", err.text);
    return range;
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t first, last; /* seconds */
    } cases[] = {
        {"1700000001-1700000003", 1700000001, 1700000003},
        {"1700000001+2s", 1700000001, 1700000003},
        {"1700000001-1m", 1699999941, 1700000001},
        {"1700000000", NOW, 1731622400}, /* a year */
        {"2023", 1672531200, 1704067200},
        {"2023/11", 1698796800, 1701388800},
        {"2023/11/14", DAY_START, DAY_START + 86400},
        {"11/14", DAY_START, DAY_START + 86400},
        {"2023/11/14.22", DAY_START + 79200, DAY_START + 82800},
        {"2023/11/14.22:13", NOW - 20, NOW + 40},
        {"2023/11/14.22:13:21", NOW + 1, NOW + 2},
        {"14.22:13:21", NOW + 1, NOW + 2},
        {".22", DAY_START + 79200, DAY_START + 82800},
        {"22:13", NOW - 20, NOW + 40},
        {":13", NOW - 20, NOW + 40},
        {"07", DAY_START + 25200, DAY_START + 28800},
        {"2023/11/14.22:13:21-22:13:23", NOW + 1, NOW + 3},
        {"2023/11/14.20-22", DAY_START + 72000, DAY_START + 79200},
        {"2023/11/14.22:13:21 - 2023/11/15.01", NOW + 1, DAY_START + 90000},
        {"2023/11/14+1d", DAY_START, DAY_START + 86400},
        {"2023/01/31+1M", 1675123200, 1677801600}, /* the calendar carries */
        {"-1h", NOW - 3600, NOW},
        {"-1d12h", NOW - 129600, NOW},
        {"-1d+1d", DAY_START, DAY_START + 86400}, /* today */
        {"-3d+1h", DAY_START - 2 * 86400, DAY_START - 2 * 86400 + 3600},
        {"-10m+5m", NOW - 20 - 540, NOW - 20 - 240},
        {"-2w+1w", DAY_START - 13 * 86400, DAY_START - 6 * 86400},
        {"-1y-1M", 1669852800, 1672531200},
        {"-1d12h+1h", NOW - 129600, NOW - 126000}, /* of several units: as long as they are */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct time_range range = parsed(cases[i].text);
        if (range.first != cases[i].first * NSEC_PER_SEC ||
            range.last != cases[i].last * NSEC_PER_SEC)
            fail_msg("'%s': %lld to %lld", cases[i].text, (long long)nsec_seconds(range.first),
                     (long long)nsec_seconds(range.last));
    }
}

/* A record of these seconds after NOW. */
static bool has(const char *text, double first, double last)
{
    struct time_range range = parsed(text);
    return time_range_has(&range, NOW * NSEC_PER_SEC + (nsec_t)(first * 1e9),
                          NOW * NSEC_PER_SEC + (nsec_t)(last * 1e9));
}

static void test_relations(void **state)
{
    (void)state;
    assert_true(has("1700000001-1700000003", 0, 1));
    assert_true(has("1700000001-1700000003", 3, 9));
    assert_true(has("1700000001-1700000003", 0, 9)); /* 3.0.8 leaves these out */
    assert_false(has("1700000001-1700000003", 0, 0.9));
    assert_false(has("1700000001-1700000003", 3.1, 9));
    assert_true(has("i1700000001-1700000003", 2, 2));
    assert_true(has("c1700000001-1700000003", 1, 3));
    assert_false(has("c1700000001-1700000003", 1, 3.1));
    assert_true(has("n1700000001-1700000003", 0, 4));
    assert_false(has("n1700000001-1700000003", 1, 4));
    assert_false(has("x1700000001-1700000003", 2, 2));
    assert_true(has("xc1700000001-1700000003", 1, 3.1));
}

static void test_wildcards(void **state)
{
    (void)state;
    assert_true(has("****/**/**.22:13", 5, 5));
    assert_true(has("****/**/**.22:13", 5 - 864000, 5 - 864000));
    assert_false(has("****/**/**.22:13", 50, 50));
    assert_true(has("****/**/**.22-23", 5, 5));
    assert_false(has("****/**/**.20-22", 5, 5));
    assert_true(has("2023/**/14.22", 5, 5));
    assert_false(has("2022/**/14.22", 5, 5));
    assert_false(has("2023/**/13.22", 5, 5));
}

static void test_errors(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "abc",
        "2023/13/01",
        "2023/1/14",
        "25:00",
        "22:60",
        "-",
        "-5",
        "-h",
        "-5x",
        "5m",
        "22:13+2",
        "2023/11/14.",
        "1/2/3/4/5",
        "1:2:3:4",
        "2023/11/14.22:13:21.5",
        "1700000003-1700000001",
        "x",
        "99999",
        "2023/11/14.22:13:25-22:13:20",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct time_range range;
        struct error err;
        if (!time_range_parse(&range, cases[i], NOW * NSEC_PER_SEC, &err))
            fail_msg("'%s' was taken", cases[i]);
        assert_memory_equal(err.text, "-t: ", 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, utc, NULL);
}
