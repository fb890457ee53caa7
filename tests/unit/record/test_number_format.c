/* SPDX-License-Identifier: Apache-2.0 */
#include "record/number_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "record/field_get.h"

enum { MOST = 128 };

static void expect(const char *format, const struct value *v, const char *text)
{
    struct number_format parsed;
    struct error err;
    char got[MOST];
    if (number_format_parse(&parsed, format, &err))
        fail_msg("%s: %s", format, err.text);
    char *end = number_format_put(&parsed, got, sizeof(got), v);
    if (!text) {
        assert_null(end);
        return;
    }
    assert_non_null(end);
    *end = '\0';
    assert_string_equal(got, text);
}

static void whole_numbers(void **state)
{
    static const struct {
        const char *format;
        uint64_t number;
        const char *text;
    } cases[] = {
        {"%u", 5000000000, "5000000000"},
        {"%d", 5000000000, "5000000000"},
        {"%x", 0xdeadbeefff, "deadbeefff"},
        {"%X", 255, "FF"},
        {"%#o", 8, "010"},
        {"%08x", 255, "000000ff"},
        {"%-6u|", 7, "7     |"},
        {"%+d", 7, "+7"},
        {"%.3i", 7, "007"},
        {"%lu", 7, "7"},
        {"%hhu", 256, "256"}, /* the sizes are not the user's to say */
        {"AS%u%%", 7, "AS7%"},
        {"%e", 1500, "1.500000e+03"},
        {"%.1f", 3, "3.0"},
        {"%g", 1e15, "1e+15"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct value v;
        value_uint(&v, cases[i].number);
        expect(cases[i].format, &v, cases[i].text);
    }
}

static void other_kinds(void **state)
{
    struct value v = {.kind = VALUE_IP4, .u.addr = {0xac, 5, 5, 0x71}};
    (void)state;
    expect("%u", &v, "2886010225");
    expect("%d", &v, "-1408957071"); /* as argus 3.0.8 has it */
    expect("%#x", &v, "0xac050571");
    v.kind = VALUE_IP6;
    expect("%x", &v, NULL);
    expect("%f", &v, NULL);
    value_real(&v, -2.5);
    expect("%d", &v, "-2");
    expect("%.2f", &v, "-2.50");
    value_real(&v, 1e300);
    expect("%d", &v, NULL);
    value_span(&v, 2250 * (nsec_t)1000000);
    expect("%.3f", &v, "2.250");
    value_time(&v, 1700000000 * NSEC_PER_SEC);
    expect("%d", &v, "1700000000");
    v = (struct value){.kind = VALUE_INT, .u.integer = -3};
    expect("%d", &v, "-3");
}

/* What is long is cut, not written behind the end. */
static void long_numbers(void **state)
{
    struct number_format parsed;
    struct error err;
    struct value v;
    char got[16];
    (void)state;
    value_real(&v, 1e300);
    assert_int_equal(number_format_parse(&parsed, "%f", &err), 0);
    assert_ptr_equal(number_format_put(&parsed, got, sizeof(got), &v), got + 15);
}

static void hostile_formats(void **state)
{
    static const char *const cases[] = {
        "",
        "x",
        "%",
        "%%",
        "%s",
        "%n",
        "%u%u",
        "%u%n",
        "%u%",
        "%*u",
        "%1$u",
        "%.*f",
        "%p",
        "%c",
        "%999u",
        "%65u",
        "%u%s",
        "%.99f",
        "%hn",
        "%a",
        "%-",
        "%1$*u",
        "%.65u",
        "%l",
        "%m",
        "%S",
        "%C",
        "%u %%n%n",
        "0123456789012345678901234567890123456789012345%u",
    };
    struct number_format parsed;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct error err = {.text = ""};
        if (!number_format_parse(&parsed, cases[i], &err))
            fail_msg("'%s' is taken", cases[i]);
        assert_non_null(strstr(err.text, "is not one short conversion"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(other_kinds),
        cmocka_unit_test(long_numbers),
        cmocka_unit_test(hostile_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
