/* SPDX-License-Identifier: Apache-2.0 */
#include "split/bins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/attr.h"

enum { SEEN = 1700000035 }; /* 2023-11-14 22:13:55 UTC */

static struct bins bins_of(const char *text)
{
    struct bins bins;
    struct error err;
    if (bins_parse(&bins, text, &err))
        fail_msg("%s: %s", text, err.text);
    return bins;
}

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

/* The edges of the bin of a time, in local time. */
static void expect(const char *length, int64_t second, const char *start, const char *end)
{
    struct bins bins = bins_of(length);
    struct bin bin = bins_find(&bins, second * NSEC_PER_SEC);
    const nsec_t edges[2] = {bin.start, bin.end};
    char texts[2][64];
    for (unsigned i = 0; i < 2; i++) {
        time_t time = (time_t)nsec_seconds(edges[i]);
        struct tm broken;
        localtime_r(&time, &broken);
        strftime(texts[i], sizeof(texts[i]), "%Y-%m-%d %H:%M:%S", &broken);
    }
    assert_string_equal(texts[0], start);
    assert_string_equal(texts[1], end);
}

static void test_alignment(void **state)
{
    (void)state;
    use_zone("UTC");
    expect("45s", SEEN, "2023-11-14 22:13:30", "2023-11-14 22:14:15");
    expect("7m", SEEN, "2023-11-14 22:13:00", "2023-11-14 22:20:00");
    expect("90m", SEEN, "2023-11-14 21:00:00", "2023-11-14 22:30:00");
    expect("1.5h", SEEN, "2023-11-14 21:00:00", "2023-11-14 22:30:00");
    expect("5h", SEEN, "2023-11-14 20:00:00", "2023-11-15 01:00:00");
    expect("0.5d", SEEN, "2023-11-14 12:00:00", "2023-11-15 00:00:00");
    expect("2d", SEEN, "2023-11-13 00:00:00", "2023-11-15 00:00:00");
    expect("1w", SEEN, "2023-11-12 00:00:00", "2023-11-19 00:00:00");
    expect("1M", SEEN, "2023-11-01 00:00:00", "2023-12-01 00:00:00");
    expect("3M", SEEN, "2023-10-01 00:00:00", "2024-01-01 00:00:00");
    expect("1y", SEEN, "2023-01-01 00:00:00", "2024-01-01 00:00:00");
    expect("10y", SEEN, "2020-01-01 00:00:00", "2030-01-01 00:00:00");
    expect("1M", -1, "1969-12-01 00:00:00", "1970-01-01 00:00:00");
    expect("1d", 951782400, "2000-02-29 00:00:00", "2000-03-01 00:00:00");
}

/* Days and hours are those of the local clock, also where it is half an hour beside others. */
static void test_local_time(void **state)
{
    (void)state;
    use_zone("<+0530>-5:30");
    expect("1h", SEEN, "2023-11-15 03:00:00", "2023-11-15 04:00:00");
    expect("1d", SEEN, "2023-11-15 00:00:00", "2023-11-16 00:00:00");
    expect("1M", 1698777000, "2023-11-01 00:00:00", "2023-12-01 00:00:00");
    expect("1M", 1698776999, "2023-10-01 00:00:00", "2023-11-01 00:00:00");
}

/* In Central Europe, 2023-10-29 had 25 hours, and 2024-03-31 had 23. */
static void test_clocks_change(void **state)
{
    (void)state;
    enum { BACK = 1698541200, FORTH = 1711846800, HOUR = 3600 };
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    expect("1d", BACK, "2023-10-29 00:00:00", "2023-10-30 00:00:00");
    expect("1d", FORTH, "2024-03-31 00:00:00", "2024-04-01 00:00:00");
    expect("1w", BACK, "2023-10-29 00:00:00", "2023-11-05 00:00:00");
    struct bins day = bins_of("1d"), hour = bins_of("1h"), two = bins_of("2h");
    struct bin bin = bins_find(&day, BACK * NSEC_PER_SEC);
    assert_int_equal(bin.end - bin.start, 25 * HOUR * NSEC_PER_SEC);
    bin = bins_find(&day, FORTH * NSEC_PER_SEC);
    assert_int_equal(bin.end - bin.start, 23 * HOUR * NSEC_PER_SEC);
    /* An hour that is there twice has two bins; bins that the change falls into end there. */
    bin = bins_find(&hour, (BACK - 1) * NSEC_PER_SEC);
    assert_int_equal(bin.start, (nsec_t)(BACK - HOUR) * NSEC_PER_SEC);
    assert_int_equal(bin.end, BACK * NSEC_PER_SEC);
    bin = bins_find(&two, (BACK - 1) * NSEC_PER_SEC);
    assert_int_equal(bin.end, BACK * NSEC_PER_SEC);
    bin = bins_find(&two, BACK * NSEC_PER_SEC);
    assert_int_equal(bin.start, BACK * NSEC_PER_SEC);
}

/* Each bin begins where the one before it ends, and has the times between its edges. */
static void test_bins_leave_nothing_out(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30",
                                        "EST5EDT,M3.2.0/0,M11.1.0/0"};
    static const char *const lengths[] = {"7h", "90m", "1d", "3d", "1w", "1M", "30h", "0.25s"};
    for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
        use_zone(zones[z]);
        for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
            struct bins bins = bins_of(lengths[l]), other = bins;
            struct bin bin = bins_find(&bins, 1698000000 * NSEC_PER_SEC);
            for (unsigned i = 0; i < 300; i++) {
                struct bin next = bins_find(&bins, bin.end);
                assert_int_equal(next.start, bin.end);
                assert_true(next.end > next.start);
                other.last = (struct bin){0}; /* nothing is remembered */
                struct bin again = bins_find(&other, next.end - 1);
                assert_int_equal(again.start, next.start);
                assert_int_equal(again.end, next.end);
                bin = next;
            }
        }
    }
    use_zone("UTC");
}

static void test_any_time_has_a_bin(void **state)
{
    (void)state;
    static const nsec_t times[] = {INT64_MIN, INT64_MIN / 2, -1, 0, INT64_MAX / 2, INT64_MAX};
    static const char *const lengths[] = {"1s", "1d", "1w", "1M", "9999y", "10000d"};
    struct bins all;
    bins_all(&all);
    for (size_t t = 0; t < ARRAY_SIZE(times); t++) {
        for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
            struct bins bins = bins_of(lengths[l]);
            struct bin bin = bins_find(&bins, times[t]);
            assert_true(bin.start < bin.end);
        }
        assert_true(bins_find(&all, times[t]).start == INT64_MIN);
    }
}

static void test_wrong_lengths(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",   "x",    "m",   "5x",  "5mm", "0",      "0.0000001s",
                                        "-5", "1.5M", "inf", "nan", "0d",  "20000y", "1e300d"};
    struct bins bins;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct error err = {""};
        if (!bins_parse(&bins, wrong[i], &err))
            fail_msg("'%s' is taken", wrong[i]);
        assert_true(err.text[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),          cmocka_unit_test(test_local_time),
        cmocka_unit_test(test_clocks_change),      cmocka_unit_test(test_bins_leave_nothing_out),
        cmocka_unit_test(test_any_time_has_a_bin), cmocka_unit_test(test_wrong_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
