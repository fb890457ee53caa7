/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void labels_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *value, *expected;
    } cases[] = {
        {"127.0.0.1:5", "n{l=\"127.0.0.1:5\"} 7\n"},
        {"a\"b\\c\nd", "n{l=\"a\\\"b\\\\c\\nd\"} 7\n"},
        {"\xc3\xa4\xff", "n{l=\"\xc3\xa4?\"} 7\n"},
        {"", "n{l=\"\"} 7\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *bytes;
        size_t size;
        FILE *text = open_memstream(&bytes, &size);
        metrics_value(text, "n", "l", cases[i].value, 7);
        fclose(text);
        assert_string_equal(bytes, cases[i].expected);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
