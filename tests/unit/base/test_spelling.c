/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spelling.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void distances(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned expected;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"abc", "abc", 0},
        {"abc", "abd", 1},
        {"abc", "acb", 1},
        {"abc", "ab", 1},
        {"abc", "xabc", 1},
        {"kitten", "sitting", 3},
        {"memory", "memroy", 1},
        {"abcd", "badc", 2},
        {"ca", "abc", 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(spelling_distance(cases[i].a, cases[i].b), cases[i].expected);
        assert_int_equal(spelling_distance(cases[i].b, cases[i].a), cases[i].expected);
    }
}

static void long_words(void **state)
{
    (void)state;
    char word[65];
    for (int i = 0; i < 64; i++)
        word[i] = 'a';
    word[63] = '\0';
    assert_int_equal(spelling_distance(word, "a"), 62);
    assert_int_equal(spelling_distance(word, word), 0);
    word[63] = 'a';
    word[64] = '\0';
    assert_int_equal(spelling_distance(word, "a"), UINT_MAX);
    assert_int_equal(spelling_distance("a", word), UINT_MAX);
    assert_false(spelling_is_near(word, word));
}

static void near(void **state)
{
    (void)state;
    assert_true(spelling_is_near("memroy", "memory"));
    assert_true(spelling_is_near("mem", "memo"));
    assert_false(spelling_is_near("mem", "memory"));
    assert_true(spelling_is_near("sadr", "saddr"));
    assert_false(spelling_is_near("xyz", "dur"));
}

static void nearest(void **state)
{
    (void)state;
    const char *best = NULL;
    spelling_consider("dadr", "dport", &best);
    assert_null(best);
    spelling_consider("dadr", "saddr", &best);
    assert_string_equal(best, "saddr");
    spelling_consider("dadr", "daddr", &best);
    assert_string_equal(best, "daddr");
    spelling_consider("dadr", "saddr", &best);
    assert_string_equal(best, "daddr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_words),
        cmocka_unit_test(near),
        cmocka_unit_test(nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
