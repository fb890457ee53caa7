/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/backlog.h"
#include "net/endpoint.h"
#include "net/server.h"

/* The thread of a server that stands still does not say that it lives. */

static pthread_mutex_t in_the_way = PTHREAD_MUTEX_INITIALIZER;

static nsec_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* The thread says something, and that takes long. */
static void note(void *arg, const struct event *event)
{
    (void)arg;
    (void)event;
    pthread_mutex_lock(&in_the_way);
    pthread_mutex_unlock(&in_the_way);
}

static bool lives_within(struct server *server, nsec_t time)
{
    const struct timespec pause = {.tv_nsec = 2 * NSEC_PER_MSEC};
    for (const nsec_t end = clock_now() + time; clock_now() < end; nanosleep(&pause, NULL))
        if (server_is_alive(server))
            return true;
    return false;
}

static struct server *start(void)
{
    const struct server_options options = {
        .backlog_bytes = BACKLOG_LEAST,
        .rules = {.most_clients = 1},
        .now = clock_now,
        .wall = clock_now,
        .note = note,
    };
    const struct record head = {.type = RECORD_MAR, .cause = CAUSE_START};
    struct server *server;
    assert_int_equal(server_new(&server, &options, NULL), 0);
    assert_int_equal(server_start(server, &head, &(struct server_stream){.number = 1}, NULL), 0);
    return server;
}

static int visit(struct server *server)
{
    struct endpoint at;
    assert_int_equal(endpoint_parse(&at, server_listener(server, 0), 0, NULL), 0);
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(descriptor, (const struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(send(descriptor, "START: ", 7, 0), 7);
    return descriptor;
}

static void signs_of_life(void **state)
{
    struct server *server = start();
    (void)state;
    for (unsigned i = 0; i < 10; i++)
        assert_true(lives_within(server, 10 * NSEC_PER_SEC));

    pthread_mutex_lock(&in_the_way);
    int client = visit(server);
    while (lives_within(server, 200 * NSEC_PER_MSEC))
        ; /* it has not taken the client yet */
    pthread_mutex_unlock(&in_the_way);
    assert_true(lives_within(server, 10 * NSEC_PER_SEC));
    close(client);
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_of_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
