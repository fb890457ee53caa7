/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool prefix(const char *text, struct prefix *ret)
{
    return prefix_parse(text, strlen(text), ret);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",       "10",       "10.1", "10.1.2.3.4",   "256.1.1.1", "10.1.2.3 ",
        "::1::2", "fd00:::1", "g::1", "1.2.3.4%eth0", "1.2.3.",
    };
    struct address a;
    assert_true(address_parse("10.1.2.3", 8, &a));
    assert_int_equal(a.size, ADDRESS_IP4);
    assert_memory_equal(a.bytes, "\x0a\x01\x02\x03", 4);
    assert_true(address_parse("10.1.2.34", 8, &a)); /* the size counts */
    assert_memory_equal(a.bytes, "\x0a\x01\x02\x03", 4);
    assert_true(address_parse("fd00::1", 7, &a));
    assert_int_equal(a.size, ADDRESS_IP6);
    assert_int_equal(a.bytes[0], 0xfd);
    assert_int_equal(a.bytes[15], 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(address_parse(wrong[i], strlen(wrong[i]), &a));
    assert_false(address_parse("1.2.3.4\0", 8, &a));
}

static void prefixes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int bits; /* -1: not a prefix */
    } cases[] = {
        {"10.1.2.3", 32},           {"10.1.2.3/0", 0},
        {"10.1.2.3/32", 32},        {"10.1.2.3/33", -1},
        {"10.1.2.3/", -1},          {"10.1.2.3/8x", -1},
        {"10.1.2.3/-1", -1},        {"10.1.2.3/256", -1},
        {"10.0.0.0/255.0.0.0", 8},  {"10.0.0.0/255.255.255.255", 32},
        {"10.0.0.0/0.0.0.0", 0},    {"10.0.0.0/255.0.255.0", -1},
        {"10.0.0.0/ff00::", -1},    {"fd00::/8", 8},
        {"fd00::/128", 128},        {"fd00::/129", -1},
        {"fd00::/ffff:ff00::", 24}, {"fd00::/ff0f::", -1},
        {"fd00::/255.0.0.0", -1},   {"/8", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct prefix got;
        bool is_one = prefix(cases[i].text, &got);
        if (is_one != (cases[i].bits >= 0) || (is_one && got.bits != cases[i].bits))
            fail_msg("%s: %d", cases[i].text, is_one ? got.bits : -1);
    }
}

static void order(void **state)
{
    (void)state;
    struct prefix a, b, c;
    assert_true(prefix("10.0.0.1", &a) && prefix("10.0.1.0", &b) && prefix("::", &c));
    assert_int_equal(address_order(&a.address, &b.address), -1);
    assert_int_equal(address_order(&b.address, &a.address), 1);
    assert_int_equal(address_order(&a.address, &a.address), 0);
    assert_int_equal(address_order(&b.address, &c.address), -1);
    assert_int_equal(address_order(&c.address, &a.address), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
