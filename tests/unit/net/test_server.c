/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/backlog.h"
#include "net/endpoint.h"
#include "record/wire.h"
#include "records.h"

enum { RECORDS = 30000 };

static nsec_t clock_at(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static nsec_t monotonic_now(void)
{
    return clock_at(CLOCK_MONOTONIC);
}

static nsec_t wall_now(void)
{
    return clock_at(CLOCK_REALTIME);
}

/* A client in a thread: reads all, when it may, and adds up what comes. */
struct client {
    pthread_t thread;
    int descriptor;
    pthread_mutex_t may_read; /* locked: not yet */
    uint64_t records, lost;
    int64_t last;
    bool is_ordered;
};

static void take(struct client *c, const uint8_t *bytes, size_t size)
{
    static __thread struct record r;
    assert_int_equal(wire_decode((struct view){bytes, size}, &r, NULL), 0);
    if (r.type == RECORD_MAR) {
        c->lost += r.cause == CAUSE_ERROR ? r.mar.dropped : 0;
        return;
    }
    c->records++;
    c->is_ordered &= (int64_t)r.transport.sequence > c->last;
    c->last = r.transport.sequence;
}

static void *read_all(void *arg)
{
    struct client *c = arg;
    static __thread uint8_t bytes[WIRE_RECORD_MAX];
    size_t have = 0;
    ssize_t got;
    pthread_mutex_lock(&c->may_read);
    while ((got = recv(c->descriptor, bytes + have, sizeof(bytes) - have, 0)) > 0) {
        size_t at = 0;
        have += (size_t)got;
        while (have - at >= 4 && have - at >= (size_t)load_be16(bytes + at + 2) * 4) {
            size_t size = (size_t)load_be16(bytes + at + 2) * 4;
            take(c, bytes + at, size);
            at += size;
        }
        memmove(bytes, bytes + at, have - at);
        have -= at;
    }
    return NULL;
}

static void begin_client(struct client *c, struct server *server, bool may_read)
{
    struct endpoint at;
    assert_int_equal(endpoint_parse(&at, server_listener(server, 0), 0, NULL), 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int small = 256 * 1024; /* more than a segment of loopback, less than the records */
    *c = (struct client){.last = -1, .is_ordered = true};
    pthread_mutex_init(&c->may_read, NULL);
    c->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(c->descriptor, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    assert_int_equal(connect(c->descriptor, (struct sockaddr *)&to, sizeof(to)), 0);
    assert_int_equal(send(c->descriptor, "START: ", 7, 0), 7);
    if (!may_read)
        pthread_mutex_lock(&c->may_read);
    assert_int_equal(pthread_create(&c->thread, NULL, read_all, c), 0);
}

static void end_client(struct client *c)
{
    pthread_join(c->thread, NULL);
    close(c->descriptor);
}

static struct server *begin_server(bool waits, size_t clients_at_most)
{
    const struct server_options options = {
        .backlog_bytes = BACKLOG_LEAST,
        .most_clients = clients_at_most,
        .waits = waits,
        .now = monotonic_now,
        .wall = wall_now,
    };
    struct record *head = calloc(1, sizeof(*head));
    struct server *server;
    head->type = RECORD_MAR;
    head->version = 3;
    head->cause = CAUSE_START;
    assert_int_equal(server_new(&server, &options, NULL), 0);
    assert_int_equal(server_start(server, head, &(struct server_stream){.number = 1}, NULL), 0);
    free(head);
    return server;
}

static void wait_started(struct server *server, size_t count)
{
    const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
    struct server_counts counts;
    do {
        nanosleep(&pause, NULL);
        server_get_counts(server, &counts);
    } while (counts.started < count);
}

static void add_all(struct server *server)
{
    struct record *r = calloc(1, sizeof(*r));
    record_make_full(r);
    for (uint32_t i = 0; i < RECORDS; i++) {
        r->transport.sequence = i;
        server_add(server, r);
    }
    free(r);
}

/* Who does not read is told what it has lost, and holds nobody up. */
static void test_stalled(void **state)
{
    struct server *server = begin_server(false, 10);
    struct client stalled, other;
    struct server_counts counts;
    (void)state;
    begin_client(&stalled, server, false);
    begin_client(&other, server, true);
    wait_started(server, 2);
    nsec_t before = monotonic_now();
    add_all(server);
    assert_true(monotonic_now() - before < 5 * NSEC_PER_SEC);
    pthread_mutex_unlock(&stalled.may_read);
    server_finish(server, 20 * NSEC_PER_SEC, NULL);
    end_client(&stalled);
    end_client(&other);
    assert_int_equal(stalled.records + stalled.lost, RECORDS);
    assert_true(stalled.lost > 0 && stalled.is_ordered);
    assert_int_equal(other.records + other.lost, RECORDS);
    assert_true(other.is_ordered);
    server_get_counts(server, &counts);
    assert_int_equal(counts.records, RECORDS);
    assert_int_equal(counts.lost_records, stalled.lost + other.lost);
    server_free(server);
}

/* A server of files waits for those who read. */
static void test_waiting(void **state)
{
    struct server *server = begin_server(true, 10);
    struct client clients[3];
    (void)state;
    for (size_t i = 0; i < 3; i++)
        begin_client(&clients[i], server, true);
    wait_started(server, 3);
    add_all(server);
    server_finish(server, 20 * NSEC_PER_SEC, NULL);
    for (size_t i = 0; i < 3; i++) {
        end_client(&clients[i]);
        assert_int_equal(clients[i].records, RECORDS);
        assert_int_equal(clients[i].lost, 0);
        assert_true(clients[i].is_ordered);
    }
    server_free(server);
}

/* Clients above the limit are refused; those that only hold a place give it up. */
static void test_too_many(void **state)
{
    struct server *server = begin_server(false, 2);
    struct client first, second, third;
    struct server_counts counts;
    (void)state;
    begin_client(&first, server, true);
    begin_client(&second, server, true);
    wait_started(server, 2);
    begin_client(&third, server, true);
    end_client(&third); /* ends, because it is refused */
    server_get_counts(server, &counts);
    assert_int_equal(counts.refused, 1);
    assert_int_equal(counts.clients, 2);
    server_finish(server, NSEC_PER_SEC, NULL);
    end_client(&first);
    end_client(&second);
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stalled),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
