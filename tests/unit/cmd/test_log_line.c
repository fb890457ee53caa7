/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/log_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct log_origin origin = {"prog", 42, 1700000000 * NSEC_PER_SEC + 1234567};

static struct event sample(void)
{
    return (struct event){
        EVENT_WARNING,
        "client-refused",
        "client {peer}: {reason}",
        {event_text("peer", "[::1]:5"), event_text("reason", "\"\n\\\x1b"), event_number("n", 7)}};
}

static void expect(const char *got, size_t size, const char *expected)
{
    assert_string_equal(got, expected);
    assert_int_equal(size, strlen(expected));
}

static void each_form(void **state)
{
    (void)state;
    char line[LOG_LINE_SIZE];
    const struct event event = sample();
    size_t size = log_line_text(line, &event, &origin);
    expect(line, size, "prog: client [::1]:5: \"\\x0a\\\\\\x1b\n");
    size = log_line_json(line, &event, &origin);
    expect(line, size,
           "{\"time\":\"2023-11-14T22:13:20.001234Z\",\"level\":\"warning\",\"program\":\"prog\","
           "\"pid\":42,\"event\":\"client-refused\","
           "\"message\":\"client [::1]:5: \\\"\\\\x0a\\\\\\\\\\\\x1b\",\"peer\":\"[::1]:5\","
           "\"reason\":\"\\\"\\u000a\\\\\\u001b\",\"n\":7}\n");
    size = log_line_syslog(line, &event, &origin, false);
    expect(line, size, "<28>Nov 14 22:13:20 prog[42]: client [::1]:5: \"\\x0a\\\\\\x1b");
    size = log_line_journal(line, &event, &origin);
    expect(line, size,
           "PRIORITY=4\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=prog\n"
           "MESSAGE=client [::1]:5: \"\\x0a\\\\\\x1b\nPANOPTES_EVENT=client-refused\n"
           "PANOPTES_PEER=[::1]:5\nPANOPTES_REASON=\"\\x0a\\\\\\x1b\nPANOPTES_N=7\n");
}

/* Whatever is said, the line ends as lines do. */
static void too_long(void **state)
{
    (void)state;
    enum { LONG = 5000 };
    static char text[LONG];
    char line[LOG_LINE_SIZE];
    memset(text, '\n', LONG - 1);
    struct event event = {EVENT_ERROR, "long", "{f}{f}{f}", {{0}}};
    for (size_t i = 0; i < EVENT_FIELDS; i++)
        event.fields[i] = event_text("f", text);
    const struct log_origin huge = {"a-program-with-a-name-of-its-own", INT32_MAX, INT64_MAX};
    size_t size = log_line_json(line, &event, &huge);
    assert_true(size < LOG_LINE_SIZE && !strcmp(line + size - 3, "\"}\n"));
    size = log_line_text(line, &event, &huge);
    assert_true(size < LOG_LINE_SIZE && line[size - 1] == '\n' && !strchr(line, '\n')[1]);
    size = log_line_journal(line, &event, &huge);
    assert_true(size < LOG_LINE_SIZE && line[size - 1] == '\n');
    size = log_line_syslog(line, &event, &huge, true);
    assert_true(size < LOG_LINE_SIZE && line[size - 1] == '}');
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form),
        cmocka_unit_test(too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
