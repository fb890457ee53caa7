/* SPDX-License-Identifier: Apache-2.0 */
#include "base/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct event *event, const char *expected)
{
    char text[64];
    event_print(event, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void fields_in_place(void **state)
{
    (void)state;
    expect(&(struct event){EVENT_INFO, "x", "nothing", {{0}}}, "nothing");
    expect(&(struct event){EVENT_INFO,
                           "x",
                           "{peer}: {count} of {peer}",
                           {event_text("peer", "a"), event_number("count", UINT64_MAX)}},
           "a: 18446744073709551615 of a");
    expect(&(struct event){EVENT_INFO, "x", "{peer", {event_text("peer", "a")}}, "{peer");
    expect(&(struct event){EVENT_INFO, "x", "{} {pee} {peers}", {event_text("peer", "a")}},
           "{} {pee} {peers}");
    expect(&(struct event){EVENT_INFO, "x", "{a}", {event_text("a", "{b}"), event_text("b", "c")}},
           "{b}");
}

/* What others say makes no second line, and nothing on a terminal but characters. */
static void one_line(void **state)
{
    (void)state;
    expect(&(struct event){EVENT_INFO, "x", "{a}", {event_text("a", "1\n2\x1b[31m\x7f\\\t")}},
           "1\\x0a2\\x1b[31m\\x7f\\\\\\x09");
    expect(&(struct event){EVENT_INFO, "x", "{a}", {event_text("a", "\xc3\xa4 \xff \xc2\x9b")}},
           "\xc3\xa4 \\xff \\xc2\\x9b");
}

static void too_long(void **state)
{
    char text[8];
    (void)state;
    const struct event event = {EVENT_INFO, "x", "a{b}", {event_text("b", "\n\n\n")}};
    event_print(&event, text, sizeof(text));
    assert_string_equal(text, "a\\x0a");
    event_print(&event, text, 1);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_in_place),
        cmocka_unit_test(one_line),
        cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
