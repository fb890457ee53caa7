/* SPDX-License-Identifier: Apache-2.0 */
#include "record/services.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char lines[] = "# comment\n"
                            "\n"
                            "domain 53/tcp # names\n"
                            "domain 53/udp\n"
                            "http 80/tcp www www-http # web\n"
                            "  blank\t81/tcp\n"
                            "second 80/tcp\n"
                            "stream 82/sctp\n"
                            "large 65536/tcp\n"
                            "last 65535/udp\n"
                            "nothing\n"
                            "noport x/tcp\n"
                            "end 83/tcp alias";

static int setup(void **state)
{
    struct service_names *names;
    struct error err;
    char path[] = "/tmp/panoptes-services-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs(lines, file);
    fclose(file);
    if (service_names_load(&names, path, &err))
        fail_msg("%s", err.text);
    remove(path);
    *state = names;
    return 0;
}

static int teardown(void **state)
{
    service_names_free(*state);
    service_names_free(NULL);
    return 0;
}

static void ports_have_names(void **state)
{
    assert_string_equal(service_name(*state, "tcp", 53), "domain");
    assert_string_equal(service_name(*state, "udp", 53), "domain");
    assert_string_equal(service_name(*state, "tcp", 80), "http"); /* the first one */
    assert_string_equal(service_name(*state, "tcp", 81), "blank");
    assert_string_equal(service_name(*state, "udp", 65535), "last");
    assert_string_equal(service_name(*state, "tcp", 83), "end");
    assert_null(service_name(*state, "udp", 80));
    assert_null(service_name(*state, "tcp", 82));
    assert_null(service_name(*state, "tcp", 0)); /* not 65536 */
    assert_null(service_name(NULL, "tcp", 53));
}

static void names_have_ports(void **state)
{
    static const struct {
        const char *name;
        uint16_t port;
        const char *protocol;
    } cases[] = {
        {"domain", 53, NULL},    {"http", 80, "tcp"},   {"www", 80, "tcp"},
        {"www-http", 80, "tcp"}, {"second", 80, "tcp"}, {"last", 65535, "udp"},
        {"alias", 83, "tcp"},
    };
    const char *protocol;
    static const char *const unknown[] = {"", "nothing", "noport", "large", "stream", "names", "#"};
    uint16_t port;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(service_port(*state, cases[i].name, &port, &protocol));
        assert_int_equal(port, cases[i].port);
        if (cases[i].protocol)
            assert_string_equal(protocol, cases[i].protocol);
        else
            assert_null(protocol);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(service_port(*state, unknown[i], &port, &protocol));
    assert_false(service_port(NULL, "http", &port, &protocol));
}

static void file_must_be_there(void **state)
{
    struct service_names *names;
    struct error err;
    (void)state;
    assert_int_equal(service_names_load(&names, "/nonexistent/services", &err), -1);
    assert_non_null(strstr(err.text, "/nonexistent/services"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_have_names),
        cmocka_unit_test(names_have_ports),
        cmocka_unit_test(file_must_be_there),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
