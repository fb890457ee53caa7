/* SPDX-License-Identifier: Apache-2.0 */
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/message.h"
#include "cmd/host_cache.h"

enum { NAMES_MOST = 1 << 15 };

/* --- a resolver, and a clock that it moves ------------------------------------------------------
 */

static struct {
    int result;
    time_t seconds; /* that each answer takes */
    time_t now;
    unsigned asked, messages;
} world;

int __wrap_getnameinfo(const struct sockaddr *address, socklen_t size, char *name, socklen_t most,
                       char *service, socklen_t service_most, int flags);
time_t __wrap_time(time_t *ret);

int __wrap_getnameinfo(const struct sockaddr *address, socklen_t size, char *name, socklen_t most,
                       char *service, socklen_t service_most, int flags)
{
    assert_null(service);
    assert_int_equal(service_most, 0);
    assert_int_equal(flags, NI_NAMEREQD);
    world.asked++;
    world.now += world.seconds;
    if (world.result)
        return world.result;
    if (address->sa_family == AF_INET)
        snprintf(name, most, "four-%u",
                 ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    else
        snprintf(name, most, "six-%u", (unsigned)size);
    return 0;
}

time_t __wrap_time(time_t *ret)
{
    assert_null(ret);
    return world.now;
}

static void count_message(void)
{
    world.messages++;
}

static const char *name_of(struct host_cache *cache, uint32_t address)
{
    uint8_t bytes[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8),
                        (uint8_t)address};
    return host_cache_name(cache, bytes, sizeof(bytes));
}

static struct host_cache *start(int result, time_t seconds)
{
    memset(&world, 0, sizeof(world));
    world.result = result;
    world.seconds = seconds;
    message_init("test");
    message_on_print(count_message);
    return host_cache_new();
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void each_host_is_asked_for_once(void **state)
{
    struct host_cache *cache = start(0, 60);
    uint8_t six[16] = {0, 0, 0, 1};
    (void)state;
    assert_string_equal(name_of(cache, 1), "four-1");
    assert_string_equal(host_cache_name(cache, six, sizeof(six)), "six-28");
    assert_string_equal(name_of(cache, 1), "four-1");
    world.result = EAI_NONAME;
    assert_null(name_of(cache, 2));
    assert_null(name_of(cache, 2));
    assert_int_equal(world.asked, 3);
    assert_int_equal(world.messages, 0);
    host_cache_free(cache);
}

static void a_silent_resolver_is_given_up(void **state)
{
    struct host_cache *cache = start(0, 0);
    (void)state;
    assert_string_equal(name_of(cache, 1), "four-1");
    world.result = EAI_AGAIN;
    world.seconds = 2;
    assert_null(name_of(cache, 2));
    assert_int_equal(world.messages, 0);
    assert_null(name_of(cache, 3));
    assert_int_equal(world.messages, 1);
    assert_null(name_of(cache, 4));
    assert_int_equal(world.asked, 3);
    assert_int_equal(world.messages, 1);
    assert_string_equal(name_of(cache, 1), "four-1"); /* what was known stays so */
    host_cache_free(cache);
}

/* One zone out of order fails at once, and an answer that takes its time is one. */
static void others_are_asked_on(void **state)
{
    struct host_cache *cache = start(EAI_AGAIN, 1);
    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        assert_null(name_of(cache, i));
    world.result = EAI_NONAME;
    world.seconds = 5;
    for (uint32_t i = 10; i < 20; i++)
        assert_null(name_of(cache, i));
    assert_int_equal(world.asked, 20);
    assert_int_equal(world.messages, 0);
    host_cache_free(cache);
}

static void what_is_kept_is_bounded(void **state)
{
    struct host_cache *cache = start(0, 0);
    (void)state;
    for (uint32_t i = 0; i < NAMES_MOST; i++)
        name_of(cache, i);
    assert_string_equal(name_of(cache, 0), "four-0");
    assert_int_equal(world.asked, NAMES_MOST);
    name_of(cache, NAMES_MOST); /* all are forgotten for it */
    assert_string_equal(name_of(cache, 0), "four-0");
    assert_int_equal(world.asked, NAMES_MOST + 2);
    host_cache_free(cache);
    host_cache_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_host_is_asked_for_once),
        cmocka_unit_test(a_silent_resolver_is_given_up),
        cmocka_unit_test(others_are_asked_on),
        cmocka_unit_test(what_is_kept_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
