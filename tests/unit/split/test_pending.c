/* SPDX-License-Identifier: Apache-2.0 */
#include "split/pending.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bin bin(nsec_t start, nsec_t end)
{
    return (struct bin){start, end};
}

static void assert_next(struct pending *p, bool all, const char *path)
{
    const struct pending_file *file = pending_next(p, all);
    if (!path) {
        assert_null(file);
        return;
    }
    assert_non_null(file);
    assert_string_equal(file->path, path);
}

static void test_due_when_time_has_passed_its_end(void **state)
{
    (void)state;
    struct pending *p = pending_new(5, 0, 1);
    pending_add(p, "b", bin(10, 20), NULL);
    pending_add(p, "a", bin(0, 10), NULL);
    assert_int_equal(pending_due(p), 15);
    pending_set_time(p, 14);
    assert_next(p, false, NULL);
    pending_set_time(p, 15);
    assert_next(p, false, "a");
    assert_next(p, false, NULL);
    assert_int_equal(pending_due(p), 25);
    pending_set_time(p, 25);
    assert_next(p, false, "b");
    assert_next(p, true, NULL);
    assert_int_equal(pending_due(p), INT64_MAX);
    assert_int_equal(pending_late_count(p), 0);
    pending_free(p);
}

static void test_later_bins_of_a_file_put_it_off(void **state)
{
    (void)state;
    struct pending *p = pending_new(0, 0, 1);
    pending_add(p, "a", bin(0, 10), NULL);
    pending_add(p, "b", bin(0, 15), NULL);
    pending_add(p, "a", bin(10, 20), NULL);
    pending_add(p, "a", bin(0, 10), NULL);
    pending_set_time(p, 19);
    assert_next(p, false, "b");
    assert_next(p, false, NULL);
    pending_set_time(p, 20);
    struct pending_file *file = pending_next(p, false);
    assert_string_equal(file->path, "a");
    assert_int_equal(file->bin.start, 10);
    pending_keep(p, bin(20, 30)); /* the caller knows better */
    assert_next(p, false, NULL);
    pending_set_time(p, 30);
    assert_next(p, false, "a");
    pending_free(p);
}

static void test_late_records_are_one_more_turn(void **state)
{
    (void)state;
    struct pending *p = pending_new(5, 0, 1);
    pending_set_time(p, 100);
    pending_add(p, "late", bin(0, 10), NULL);
    pending_add(p, "late", bin(0, 10), NULL);
    assert_next(p, false, NULL);
    pending_set_time(p, 105);
    assert_next(p, false, "late");
    assert_int_equal(pending_late_count(p), 1);
    pending_set_time(p, INT64_MAX);
    pending_add(p, "at the end of all time", bin(0, INT64_MAX - 1), NULL);
    assert_next(p, false, "at the end of all time");
    pending_free(p);
}

static void test_what_is_complete_is_due_at_once(void **state)
{
    (void)state;
    struct pending *p = pending_new(5, 0, 1);
    for (char name[] = "a"; name[0] <= 'e'; name[0]++)
        pending_add(p, name, bin(0, INT64_MAX), NULL);
    pending_complete(p, "d");
    pending_complete(p, "b");
    pending_complete(p, "none");
    assert_next(p, false, "b");
    assert_next(p, false, "d");
    assert_next(p, false, NULL);
    assert_next(p, true, "a");
    assert_next(p, true, "c");
    assert_next(p, true, "e");
    pending_free(p);
}

static void test_above_the_limit_the_next_one_goes_early(void **state)
{
    (void)state;
    char name[16];
    struct pending *p = pending_new(0, 100, 1);
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof(name), "%d", i);
        pending_add(p, name, bin(0, 1000 - i), NULL);
        if (i < 100)
            assert_next(p, false, NULL);
        else
            assert_next(p, false, name);
    }
    pending_free(p);
}

/* Beside a simple model: files in any order, all of them given once, in the order of their ends. */
static void test_many_files(void **state)
{
    (void)state;
    enum { FILES = 5000 };
    static nsec_t ends[FILES];
    char name[16];
    struct pending *p = pending_new(0, 0, 7);
    uint64_t random = 1;
    for (int i = 0; i < 4 * FILES; i++) {
        random = random * 6364136223846793005 + 1442695040888963407;
        int at = (int)((random >> 33) % FILES);
        nsec_t end = 1 + (nsec_t)((random >> 20) % 100000);
        snprintf(name, sizeof(name), "%d", at);
        pending_add(p, name, bin(0, end), &ends[at]);
        if (end > ends[at])
            ends[at] = end;
    }
    nsec_t last = 0;
    struct pending_file *file;
    for (nsec_t now = 0; now <= 100000; now += 7) {
        pending_set_time(p, now);
        while ((file = pending_next(p, false)) != NULL) {
            nsec_t *end = &ends[(const nsec_t *)file->owner - ends];
            snprintf(name, sizeof(name), "%d", (int)(end - ends));
            assert_string_equal(file->path, name);
            assert_in_range(*end, last, now);
            last = *end;
            *end = 0;
        }
    }
    for (int i = 0; i < FILES; i++)
        assert_true(!ends[i] || ends[i] > 99995);
    pending_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due_when_time_has_passed_its_end),
        cmocka_unit_test(test_later_bins_of_a_file_put_it_off),
        cmocka_unit_test(test_late_records_are_one_more_turn),
        cmocka_unit_test(test_what_is_complete_is_due_at_once),
        cmocka_unit_test(test_above_the_limit_the_next_one_goes_early),
        cmocka_unit_test(test_many_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
