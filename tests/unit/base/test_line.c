/* SPDX-License-Identifier: Apache-2.0 */
#include "base/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void strings_of_json(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
        size_t most;
    } cases[] = {
        {"plain", "plain", SIZE_MAX},
        {"\"\\", "\\\"\\\\", SIZE_MAX},
        {"\n\x7f\x01", "\\u000a\\u007f\\u0001", SIZE_MAX},
        {"\xc3\xa4\xc3", "\xc3\xa4\xef\xbf\xbd", SIZE_MAX},
        {"ab\"", "ab", 3},
        {"\n\n", "\\u000a", 11},
        {"\xc3\xa4\xc3\xa4", "\xc3\xa4", 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char bytes[64];
        struct line line;
        line_init(&line, bytes, sizeof(bytes));
        line_add_json(&line, cases[i].text, cases[i].most);
        assert_string_equal(bytes, cases[i].expected);
    }
}

static void what_does_not_fit(void **state)
{
    (void)state;
    char bytes[8];
    struct line line;
    line_init(&line, bytes, sizeof(bytes));
    line_add(&line, "12345");
    line_add(&line, "678");
    assert_string_equal(bytes, "12345");
    line_add_number(&line, 67);
    line_add_escaped(&line, "8", SIZE_MAX);
    assert_string_equal(bytes, "1234567");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_json),
        cmocka_unit_test(what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
