/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char page[1 << 16]; /* panoptes-filter(7) */

/* The word, with nothing of a word before and behind it. */
static bool has_word(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (const char *at = strstr(page, word); at; at = strstr(at + 1, word)) {
        char before = at > page ? at[-1] : ' ', behind = at[strlen(word)];
        if (!strchr(letters, before) && !(behind && strchr(letters, behind)))
            return true;
    }
    return false;
}

static void manual_has_every_word(void **state)
{
    size_t count = 0, missing = 0;
    (void)state;
    for (; word_at(count); count++)
        if (!has_word(word_at(count))) {
            print_error("panoptes-filter(7) does not have '%s'\n", word_at(count));
            missing++;
        }
    assert_true(count > 200);
    assert_int_equal(missing, 0);
    assert_false(has_word("nosuchword"));
    assert_false(has_word("cluste")); /* a part of one */
}

static void words_are_found_once(void **state)
{
    (void)state;
    for (size_t i = 0; word_at(i); i++) {
        const char *word = word_at(i);
        int kinds = (head_word_find(word) != NULL) + (flag_word_find(word) != NULL) +
                    (state_word_find(word) != NULL) + (metric_word_find(word) != NULL);
        if (kinds > 1)
            fail_msg("'%s' is a word of several kinds", word);
    }
}

static void values_have_numbers(void **state)
{
    uint32_t number;
    (void)state;
    assert_true(icmp_type_find("echo", false, &number) && number == 8);
    assert_true(icmp_type_find("echo", true, &number) && number == 128);
    assert_true(icmp_type_find("echoreply", false, &number) && number == 0);
    assert_false(icmp_type_find("quench", true, &number));
    assert_false(icmp_type_find("toobig", false, &number));
    assert_false(icmp_type_find("nothing", false, &number));
    assert_true(encapsulation_find("mpls", &number) && number == 0);
    assert_true(encapsulation_find("erspan", &number) && number == 26);
    assert_false(encapsulation_find("nothing", &number));
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
    if (!file || !fread(page, 1, sizeof(page) - 1, file))
        return 1;
    fclose(file);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_has_every_word),
        cmocka_unit_test(words_are_found_once),
        cmocka_unit_test(values_have_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
