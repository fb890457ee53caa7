/* SPDX-License-Identifier: Apache-2.0 */
#include "split/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void expect(unsigned letters, uint64_t number, const char *path)
{
    struct series_set *set = series_set_new(letters, 1);
    struct series *series;
    assert_int_equal(series_find(set, "x", &series, NULL), 0);
    series->number = number;
    assert_string_equal(series_path(set, series), path);
    series_set_free(set);
}

static void test_letters(void **state)
{
    (void)state;
    expect(2, 0, "xaa");
    expect(2, 25, "xaz");
    expect(2, 26, "xba");
    expect(2, 649, "xyz");
    expect(2, 650, "xzaa");
    expect(2, 1299, "xzyz");
    expect(2, 1300, "xzzaa");
    expect(1, 24, "xy");
    expect(1, 25, "xza");
    expect(3, 25 * 26 * 26, "xzaaa");
    expect(SERIES_LETTERS_MOST, 1, "xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
}

static void test_names_are_in_order(void **state)
{
    (void)state;
    struct series_set *set = series_set_new(2, 1);
    struct series *series;
    char before[256] = "";
    assert_int_equal(series_find(set, "a.", &series, NULL), 0);
    for (unsigned i = 0; i < 5000; i++, series_advance(series)) {
        const char *path = series_path(set, series);
        assert_true(strcmp(before, path) < 0);
        snprintf(before, sizeof(before), "%s", path);
    }
    series_set_free(set);
}

/* Each name has its own course, however many there are. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct series_set *set = series_set_new(2, 7);
    struct series *series;
    char prefix[32];
    for (unsigned round = 0; round < 3; round++)
        for (unsigned i = 0; i < MANY; i++) {
            snprintf(prefix, sizeof(prefix), "of-%u.", i);
            assert_int_equal(series_find(set, prefix, &series, NULL), 0);
            assert_int_equal(series->number, round * (i % 5));
            series->records = series->size = 1;
            for (unsigned n = 0; n < i % 5; n++)
                series_advance(series);
            assert_int_equal(series->records, i % 5 == 0);
        }
    series_set_free(set);
}

static void test_bound(void **state)
{
    (void)state;
    struct series_set *set = series_set_new(2, 7);
    struct series *series;
    struct error err;
    char prefix[32];
    for (unsigned i = 0; i < SERIES_MOST; i++) {
        snprintf(prefix, sizeof(prefix), "%u", i);
        assert_int_equal(series_find(set, prefix, &series, NULL), 0);
    }
    assert_int_equal(series_find(set, "5", &series, NULL), 0);
    assert_int_equal(series_find(set, "one more", &series, &err), -1);
    assert_non_null(strstr(err.text, "one more: there are more than 1048576 series"));
    series_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_names_are_in_order),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
