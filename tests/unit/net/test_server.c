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

#include "net/access.h"
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
    /* More than a segment of loopback, less than the records. Who reads has what is usual: of a
     * small buffer the system may drop what has come, and then it is seconds before it comes again.
     */
    const int small = 256 * 1024;
    *c = (struct client){.last = -1, .is_ordered = true};
    pthread_mutex_init(&c->may_read, NULL);
    c->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (!may_read)
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

static struct server_options server_options(bool waits, size_t clients_at_most)
{
    return (struct server_options){
        .backlog_bytes = BACKLOG_LEAST,
        .rules = {.most_clients = clients_at_most},
        .waits = waits,
        .now = monotonic_now,
        .wall = wall_now,
    };
}

static struct server *begin_with(const struct server_options *options)
{
    struct record *head = calloc(1, sizeof(*head));
    struct server *server;
    head->type = RECORD_MAR;
    head->version = 3;
    head->cause = CAUSE_START;
    assert_int_equal(server_new(&server, options, NULL), 0);
    assert_int_equal(server_start(server, head, &(struct server_stream){.number = 1}, NULL), 0);
    free(head);
    return server;
}

static struct server *begin_server(bool waits, size_t clients_at_most)
{
    const struct server_options options = server_options(waits, clients_at_most);
    return begin_with(&options);
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

/* Who was refused may know it before it is counted. */
static void wait_refused(struct server *server, enum server_refusal reason, uint64_t count)
{
    const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
    const nsec_t end = monotonic_now() + 10 * NSEC_PER_SEC;
    struct server_counts counts;
    do {
        nanosleep(&pause, NULL);
        server_get_counts(server, &counts);
    } while (counts.refused[reason] < count && monotonic_now() < end);
    assert_int_equal(counts.refused[reason], count);
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
    server_finish(server, false, NULL);
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

static void count_cut_off(void *arg, const struct event *event)
{
    unsigned *count = arg;
    if (!strcmp(event->name, "clients-cut-off"))
        *count += (unsigned)event->fields[0].number;
}

/* At an end that is to be soon nobody waits for who does not read, but it is said. */
static void test_cut_off(void **state)
{
    enum { ROUNDS = 10 };
    unsigned cut_off = 0;
    struct server_options options = server_options(false, 10);
    options.note = count_cut_off;
    options.arg = &cut_off;
    struct server *server = begin_with(&options);
    struct client stalled, other;
    (void)state;
    begin_client(&stalled, server, false);
    begin_client(&other, server, true);
    wait_started(server, 2);
    for (unsigned i = 0; i < ROUNDS; i++) { /* the system takes some, too */
        const struct timespec pause = {.tv_nsec = 20 * NSEC_PER_MSEC};
        add_all(server);
        nanosleep(&pause, NULL);
    }
    server_finish(server, true, NULL);
    server_free(server);
    assert_int_equal(cut_off, 1);
    pthread_mutex_unlock(&stalled.may_read);
    end_client(&stalled);
    end_client(&other);
    assert_int_equal(other.records + other.lost, ROUNDS * RECORDS);
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
    server_finish(server, false, NULL);
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
    wait_refused(server, SERVER_REFUSED_CLIENTS, 1);
    server_get_counts(server, &counts);
    assert_int_equal(counts.clients, 2);
    server_finish(server, true, NULL);
    end_client(&first);
    end_client(&second);
    server_free(server);
}

static int connect_to(struct server *server)
{
    struct endpoint at;
    assert_int_equal(endpoint_parse(&at, server_listener(server, 0), 0, NULL), 0);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(at.port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&to, sizeof(to)), 0);
    return descriptor;
}

/* Reads a start record; its cause. */
static int hear_head(int descriptor)
{
    uint8_t head[WIRE_MAR_SIZE];
    assert_int_equal(recv(descriptor, head, sizeof(head), MSG_WAITALL), sizeof(head));
    return head[1];
}

static bool has_ended(int descriptor, int flags)
{
    uint8_t byte;
    return recv(descriptor, &byte, 1, flags) == 0;
}

/* Of those who say nothing, the one that has waited longest goes, whatever place it has. */
static void test_oldest_gives_way(void **state)
{
    struct server *server = begin_server(false, 4);
    struct client started;
    int waiting[3];
    (void)state;
    begin_client(&started, server, true);
    wait_started(server, 1);
    for (size_t i = 0; i < 3; i++) {
        waiting[i] = connect_to(server);
        hear_head(waiting[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        int newest = connect_to(server);
        hear_head(newest);
        assert_true(has_ended(waiting[i], 0));
        for (size_t j = i + 1; j < 3; j++)
            assert_false(has_ended(waiting[j], MSG_DONTWAIT));
        close(waiting[i]);
        waiting[i] = newest;
    }
    server_finish(server, true, NULL);
    end_client(&started);
    for (size_t i = 0; i < 3; i++)
        close(waiting[i]);
    server_free(server);
}

static nsec_t stopped_clock(void)
{
    return NSEC_PER_SEC;
}

static void test_connection_rate(void **state)
{
    struct server_options options = server_options(false, 1000);
    options.rules.connection_rate = 2;
    options.now = stopped_clock;
    struct server *server = begin_with(&options);
    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        int descriptor = connect_to(server);
        assert_int_equal(hear_head(descriptor), i < 20 ? 0x10 : 0x84);
        close(descriptor);
    }
    wait_refused(server, SERVER_REFUSED_RATE, 10);
    server_free(server);
}

static struct access *only(const char *network)
{
    struct access *access = access_new();
    struct prefix prefix;
    assert_true(prefix_parse(network, strlen(network), &prefix));
    assert_int_equal(access_limit(access, &prefix, 1, NULL), 0);
    return access;
}

/* Other rules are for those who are there and for those who come. */
static void test_other_rules(void **state)
{
    struct server *server = begin_server(false, 2);
    struct client first, second;
    (void)state;
    begin_client(&first, server, true);
    wait_started(server, 1);
    server_change(server, &(struct server_rules){.most_clients = 1, .access = only("127.0.0.1")});
    int refused;
    do {
        refused = connect_to(server);
    } while (hear_head(refused) != 0x82 && !close(refused));
    assert_false(has_ended(first.descriptor, MSG_DONTWAIT));
    server_change(server, &(struct server_rules){.most_clients = 2, .access = only("127.0.0.2")});
    end_client(&first); /* ends, because it is denied */
    int denied = connect_to(server);
    assert_int_equal(hear_head(denied), 0x81);
    server_change(server, &(struct server_rules){.most_clients = 2});
    begin_client(&second, server, true);
    server_finish(server, true, NULL);
    end_client(&second);
    close(refused);
    close(denied);
    server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stalled),         cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_too_many),        cmocka_unit_test(test_oldest_gives_way),
        cmocka_unit_test(test_connection_rate), cmocka_unit_test(test_other_rules),
        cmocka_unit_test(test_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
