/* SPDX-License-Identifier: Apache-2.0 */
#include "net/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"

static void test_forms(void **state)
{
    static const struct {
        const char *text, *host, *name;
        uint16_t port;
    } cases[] = {
        {"sensor", "sensor", "sensor:561", 561},
        {"sensor:5000", "sensor", "sensor:5000", 5000},
        {"argus://sensor", "sensor", "sensor:561", 561},
        {"argus-tcp://10.0.0.1:65535", "10.0.0.1", "10.0.0.1:65535", 65535},
        {"::1", "::1", "[::1]:561", 561},
        {"[::1]", "::1", "[::1]:561", 561},
        {"[fe80::1%eth0]:7", "fe80::1%eth0", "[fe80::1%eth0]:7", 7},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct endpoint endpoint;
        assert_int_equal(endpoint_parse(&endpoint, cases[i].text, ENDPOINT_PORT, NULL), 0);
        assert_string_equal(endpoint.host, cases[i].host);
        assert_string_equal(endpoint.name, cases[i].name);
        assert_int_equal(endpoint.port, cases[i].port);
    }
}

static void test_wrong(void **state)
{
    static const char *const cases[] = {
        "",         ":561",   "host:",     "host:0",     "host:65536",       "host:x",       "[::1",
        "[::1]561", "[]:561", "user@host", "host//file", "argus-udp://host", "cisco://host",
    };
    char longest[400];
    struct endpoint endpoint;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct error err = {{0}};
        assert_int_equal(endpoint_parse(&endpoint, cases[i], ENDPOINT_PORT, &err), -1);
        assert_true(err.text[0]);
    }
    memset(longest, 'a', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(endpoint_parse(&endpoint, longest, ENDPOINT_PORT, NULL), -1);
    longest[ENDPOINT_HOST_MOST] = '\0';
    assert_int_equal(endpoint_parse(&endpoint, longest, ENDPOINT_PORT, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
