/* SPDX-License-Identifier: Apache-2.0 */
#include "net/lookup.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* locked: no name server answers */
static _Atomic unsigned answers;

static int slow(const char *host, const char *port, const struct addrinfo *wanted,
                struct addrinfo **ret)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    int result = strcmp(host, "known") ? EAI_NONAME : getaddrinfo("127.0.0.1", port, wanted, ret);
    answers++;
    return result;
}

static struct lookup *begin(const char *host)
{
    struct lookup *lookup;
    assert_int_equal(lookup_begin_by(&lookup, slow, host, 561, NULL), LOOKUP_WAIT);
    return lookup;
}

static int poll_it(struct lookup *lookup, int patience)
{
    struct pollfd polled = {.fd = lookup_descriptor(lookup), .events = POLLIN};
    return poll(&polled, 1, patience);
}

/* Nobody waits for a server that does not answer; when it does, that is seen. */
static void test_slow(void **state)
{
    struct addrinfo *list;
    struct error err;
    (void)state;
    pthread_mutex_lock(&gate);
    struct lookup *known = begin("known"), *unknown = begin("unknown");
    assert_int_equal(poll_it(known, 20), 0);
    assert_int_equal(lookup_take(known, &list, &err), LOOKUP_WAIT);
    pthread_mutex_unlock(&gate);
    assert_int_equal(poll_it(known, 10000), 1);
    assert_int_equal(lookup_take(known, &list, &err), 0);
    const struct sockaddr_in *address = (const void *)list->ai_addr;
    assert_int_equal(ntohs(address->sin_port), 561);
    freeaddrinfo(list);
    assert_int_equal(poll_it(unknown, 10000), 1);
    assert_int_equal(lookup_take(unknown, &list, &err), -1);
    assert_true(strlen(err.text) > 0);
    lookup_free(known);
    lookup_free(unknown);
}

/* Given up before it is over, and after it, without being asked. */
static void test_given_up(void **state)
{
    (void)state;
    answers = 0;
    pthread_mutex_lock(&gate);
    lookup_free(begin("known"));
    struct lookup *late = begin("known");
    pthread_mutex_unlock(&gate);
    while (answers < 2)
        poll(NULL, 0, 1);
    lookup_free(late);
    lookup_free(NULL);
}

/* Addresses are there at once, also those of a link. */
static void test_addresses(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1", "fe80::1%lo"};
    struct lookup *lookup;
    struct addrinfo *list;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(lookup_begin(&lookup, &list, addresses[i], 80, NULL), 0);
        freeaddrinfo(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
