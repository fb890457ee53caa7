/* SPDX-License-Identifier: Apache-2.0 */
#include "base/datagrams.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A socket of this machine that takes datagrams, and its port. */
static int receiver(uint16_t *ret_port)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(here);
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&here, sizeof(here)), 0);
    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&here, &size), 0);
    *ret_port = ntohs(here.sin_port);
    return descriptor;
}

static void test_names(void **state)
{
    (void)state;
    assert_true(datagrams_are_named("argus-udp://host"));
    assert_true(datagrams_are_named("udp://10.0.0.1:99"));
    assert_false(datagrams_are_named("argus-tcp://host"));
    assert_false(datagrams_are_named("udp:/file"));
    assert_false(datagrams_are_named("folder/udp://file"));
}

static void test_wrong_names(void **state)
{
    static const char *const wrong[] = {
        "udp://",     "udp://:99",     "udp://host:", "udp://host:1x",
        "udp://[::1", "udp://[::1]99", "udp://[]:99", "udp://1.2.3.4:70000"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct datagrams *d;
        struct error err;
        assert_int_equal(datagrams_open(&d, wrong[i], &err), -1);
    }
}

/* Each piece arrives as one; when nobody listens any more, that is nobody's failure. */
static void test_pieces(void **state)
{
    uint16_t port;
    struct datagrams *d;
    struct error err;
    char name[64], got[64];
    (void)state;
    int descriptor = receiver(&port);
    snprintf(name, sizeof(name), "argus-udp://127.0.0.1:%u", port);
    assert_int_equal(datagrams_open(&d, name, &err), 0);
    datagrams_send(d, "one", 3);
    datagrams_send(d, "three", 5);
    assert_int_equal(recv(descriptor, got, sizeof(got), 0), 3);
    assert_int_equal(recv(descriptor, got, sizeof(got), 0), 5);
    assert_memory_equal(got, "three", 5);
    close(descriptor);
    for (unsigned i = 0; i < 3; i++)
        datagrams_send(d, "again", 5);
    assert_int_equal(datagrams_check(d, &err), 0);
    datagrams_close(d);
}

static void test_too_large(void **state)
{
    static const uint8_t large[70000];
    struct datagrams *d;
    struct error err;
    (void)state;
    assert_int_equal(datagrams_open(&d, "udp://127.0.0.1:9", &err), 0);
    datagrams_send(d, large, sizeof(large));
    assert_int_equal(datagrams_check(d, &err), -1);
    assert_non_null(strstr(err.text, "udp://127.0.0.1:9: 1 could not be sent"));
    datagrams_close(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_wrong_names),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
