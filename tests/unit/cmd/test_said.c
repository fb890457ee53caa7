/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/said.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SPOOL = 1, WRITE, DEEP };

static const struct option_spec specs[] = {
    {SPOOL, 0, "spool", OPTION_WORD, "directory", ""},
    {WRITE, 'w', NULL, OPTION_WORD_PLUS, "file", ""},
    {0},
};
static const struct option_spec deeper[] = {
    {DEEP, 'd', "deep", OPTION_FLAG, NULL, ""},
    {0},
};
static const struct option_group groups[] = {{"One", specs}, {"Two", deeper}};
static const struct option_table table = {
    .groups = (const struct option_group *const[]){&groups[0], &groups[1], NULL},
};

static void say(struct said *said, int event, const char *word, const char *second)
{
    said_option(said, &table, event, &(struct option_arg){.word = word, .second = second});
}

static void differ(const struct said *before, const struct said *now, const int *live,
                   const char *expected)
{
    char *names = said_changes(before, now, live);
    if (expected)
        assert_string_equal(names, expected);
    else
        assert_null(names);
    free(names);
}

static void test_changes(void **state)
{
    static const int none[] = {0}, writes[] = {WRITE, 0};
    struct said before = {0}, now = {0};
    (void)state;
    differ(&before, &now, none, NULL);
    say(&before, WRITE, "a", "tcp");
    say(&before, WRITE, "b", NULL);
    said_variable(&before, "NAME", "1");
    say(&before, OPTIONS_FILTER, "udp", NULL);
    differ(&before, &before, none, NULL);
    differ(&before, &now, none, "-w, NAME, the filter");
    differ(&now, &before, none, "-w, NAME, the filter");
    differ(&before, &now, writes, "NAME, the filter");
    /* The order among names does not matter, that of one name's values does. */
    say(&now, OPTIONS_FILTER, "udp", NULL);
    said_variable(&now, "NAME", "1");
    say(&now, WRITE, "a", "tcp");
    say(&now, WRITE, "b", NULL);
    differ(&before, &now, none, NULL);
    say(&now, DEEP, NULL, NULL);
    say(&now, SPOOL, "x", NULL);
    say(&now, WRITE, "b", NULL);
    differ(&before, &now, none, "-w, --deep, --spool");
    said_release(&now);
    say(&now, WRITE, "b", NULL);
    say(&now, WRITE, "a", "tcp");
    differ(&before, &now, none, "-w, NAME, the filter");
    said_release(&before);
    said_release(&now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
