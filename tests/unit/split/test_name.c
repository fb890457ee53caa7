/* SPDX-License-Identifier: Apache-2.0 */
#include "split/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "records.h"

enum { SEEN = 1700000000 }; /* 2023-11-14 22:13:20 UTC */

static struct record record;

static void expect_of(const struct record *r, const char *pattern, bool adds_time,
                      const char *expected)
{
    struct name *name;
    struct error err;
    if (name_new(&name, pattern, adds_time, &print_defaults, &err))
        fail_msg("%s: %s", pattern, err.text);
    /* Twice, because some of it may be remembered. */
    for (unsigned i = 0; i < 2; i++)
        assert_string_equal(name_make(name, r, SEEN * NSEC_PER_SEC + 5), expected);
    name_free(name);
}

static void expect(const char *pattern, const char *expected)
{
    record_make_full(&record);
    expect_of(&record, pattern, false, expected);
}

static void test_patterns(void **state)
{
    (void)state;
    expect("x", "x");
    expect("%Y/%m/%d/a.%H", "2023/11/14/a.22");
    expect("100%%", "100%");
    expect("$srcid", "192.0.2.1");
    expect("$saddr-$daddr", "10.0.0.1-10.0.0.2");
    expect("d/$proto.%H$dport-", "d/tcp.2253-");
    /* The longest name: sport, not s and port; sportx is none. */
    expect("$sportx", "4000x");
    expect("$stime", "22:13:20.250000");
    expect("$spkts$state", "10FIN");
    expect("", "");
}

static void test_time_is_added(void **state)
{
    (void)state;
    record_make_full(&record);
    expect_of(&record, "tt", true, "tt.2023.11.14.22.13.20");
    expect_of(&record, "tt.", true, "tt.2023.11.14.22.13.20");
    expect_of(&record, "tt/", true, "tt/2023.11.14.22.13.20");
    expect_of(&record, "$proto", true, "tcp.2023.11.14.22.13.20");
    expect_of(&record, "%H", true, "22");
}

static void expect_label(const char *label, const char *expected)
{
    record_make_full(&record);
    record.label = (struct view){(const uint8_t *)label, strlen(label)};
    expect_of(&record, "a/$label", false, expected);
}

/* No record can choose a folder, or have a conversion of time. */
static void test_values_are_safe(void **state)
{
    (void)state;
    expect_label("web", "a/web");
    expect_label("../../etc/passwd", "a/.._.._etc_passwd");
    expect_label("..", "a/__");
    expect_label(".", "a/_");
    expect_label("", "a/_");
    expect_label("a\tb\x7f\x01", "a/a.b..");
    expect_label("%H$saddr", "a/%H$saddr");
    char longer[400], cut[NAME_VALUE_MOST + 3];
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    memset(cut, 'x', sizeof(cut));
    memcpy(cut, "a/", 2);
    cut[sizeof(cut) - 1] = '\0';
    expect_label(longer, cut);
    record_make_udp(&record, 0, 0, 1, 0);
    expect_of(&record, "$label/$srcid", false, "_/_");
}

static void test_management_records(void **state)
{
    (void)state;
    memset(&record, 0, sizeof(record));
    record.type = RECORD_MAR;
    record.cause = CAUSE_START;
    expect_of(&record, "$proto.%d", false, "man.14");
}

static void test_the_same_at_two_times(void **state)
{
    (void)state;
    struct name *name;
    struct error err;
    const nsec_t noon = 1700049600 * NSEC_PER_SEC, hour = 3600 * NSEC_PER_SEC;
    assert_int_equal(name_new(&name, "%Y/$proto.%d", true, &print_defaults, &err), 0);
    assert_true(name_is_same(name, noon, noon + hour));
    assert_false(name_is_same(name, noon, noon + 12 * hour));
    name_free(name);
    assert_int_equal(name_new(&name, "$proto", false, &print_defaults, &err), 0);
    assert_true(name_is_same(name, noon, noon + 1200 * hour));
    name_free(name);
}

static void test_wrong_names(void **state)
{
    (void)state;
    struct name *name;
    struct error err;
    char longer[600];
    assert_int_equal(name_new(&name, "a$nothing.b", false, &print_defaults, &err), -1);
    assert_string_equal(err.text, "'$nothing' in the name of a file is no field");
    assert_int_equal(name_new(&name, "a$", false, &print_defaults, &err), -1);
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(name_new(&name, longer, false, &print_defaults, &err), -1);
    assert_int_equal(name_new(&name, "s/%2000Y$proto", false, &print_defaults, &err), -1);
    assert_string_equal(err.text, "'s/%2000Y' makes the name of a file too long");
    assert_int_equal(name_new(&name, "%EX%2000d", false, &print_defaults, &err), -1);
    assert_int_equal(name_new(&name, "s/%100Y", false, &print_defaults, &err), 0);
    name_free(name);
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_time_is_added),
        cmocka_unit_test(test_values_are_safe),
        cmocka_unit_test(test_management_records),
        cmocka_unit_test(test_the_same_at_two_times),
        cmocka_unit_test(test_wrong_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
