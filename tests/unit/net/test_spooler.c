/* SPDX-License-Identifier: Apache-2.0 */
#include "net/spooler.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/backlog.h"
#include "net/journal.h"
#include "net/server.h"
#include "record/wire.h"
#include "records.h"

enum { RECORDS = 10000, STREAM = 7 };

static char folder[] = "/tmp/panoptes-spooler-XXXXXX";
static _Atomic unsigned failures, recoveries, losses; /* that were told */

static int set_up(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(folder) ? 0 : -1;
}

static void clean(void)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    while (list && (entry = readdir(list)) != NULL) {
        char *path = mem_printf("%s/%s", folder, entry->d_name);
        unlink(path);
        free(path);
    }
    closedir(list);
    failures = recoveries = losses = 0;
}

static int tear_down(void **state)
{
    (void)state;
    clean();
    return rmdir(folder);
}

static nsec_t monotonic_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void note(void *arg, const struct event *event)
{
    (void)arg;
    failures += !strcmp(event->name, "spool-failed");
    recoveries += !strcmp(event->name, "spool-works");
    losses += !strcmp(event->name, "spool-missed");
}

static struct journal *open_journal(uint64_t stream)
{
    struct journal *journal;
    const struct journal_options options = {
        .folder = folder, .limit_bytes = (uint64_t)1 << 30, .stream = stream, .boot = ""};
    assert_int_equal(journal_open(&journal, &options, NULL), 0);
    return journal;
}

static struct server *begin(struct journal *journal, bool waits)
{
    const struct server_options options = {
        .backlog_bytes = BACKLOG_LEAST,
        .rules = {.most_clients = 1},
        .waits = waits,
        .now = monotonic_now,
        .wall = monotonic_now,
        .note = note,
    };
    const struct server_stream stream = {journal_stream(journal), journal_next(journal), journal,
                                         true};
    struct record *head = calloc(1, sizeof(*head));
    struct server *server;
    head->type = RECORD_MAR;
    head->version = 3;
    head->cause = CAUSE_START;
    assert_int_equal(server_new(&server, &options, NULL), 0);
    assert_int_equal(server_start(server, head, &stream, NULL), 0);
    free(head);
    return server;
}

static void add(struct server *server, uint32_t from, uint32_t to)
{
    struct record *r = calloc(1, sizeof(*r));
    record_make_full(r);
    for (uint32_t i = from; i < to; i++) {
        r->transport.sequence = i;
        server_add(server, r);
    }
    free(r);
}

/* Reads all: each record says by its sequence number that it is where it should be. */
static uint64_t read_all(struct journal *journal, uint64_t end)
{
    static uint8_t bytes[WIRE_RECORD_MAX];
    static struct record r;
    struct journal_reader reader = {.descriptor = -1};
    struct journal_piece piece = {.to = bytes, .most = sizeof(bytes)};
    uint64_t position = 0, lost = 0;
    do {
        assert_int_equal(journal_read(journal, &reader, position, &piece), 0);
        lost += piece.lost;
        position += piece.lost;
        for (size_t at = 0; at < piece.size; position++) {
            struct view record = {bytes + at, (size_t)load_be16(bytes + at + 2) * 4};
            assert_int_equal(wire_decode(record, &r, NULL), 0);
            assert_true(r.transport.sequence == position);
            at += record.size;
        }
    } while (piece.size);
    journal_reader_release(&reader);
    return lost + (end - position); /* what is missing at the end nobody sees but by the number */
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void wait_until_written(struct server *server)
{
    const struct timespec pause = {.tv_nsec = 10 * NSEC_PER_MSEC};
    struct server_counts counts;
    do {
        nanosleep(&pause, NULL);
        server_get_counts(server, &counts);
    } while (counts.spool_queue);
}

static void wait_for_failure(void)
{
    const struct timespec pause = {.tv_nsec = NSEC_PER_MSEC};
    while (!failures)
        nanosleep(&pause, NULL);
}

/* A producer that waits for the spool misses nothing; what is closed in order goes on. */
static void test_writing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct journal *journal = open_journal(STREAM + i);
        struct server *server = begin(journal, true);
        struct server_counts counts;
        assert_true(journal_stream(journal) == STREAM);
        add(server, i * RECORDS, (i + 1) * RECORDS);
        server_finish(server, true, NULL);
        server_get_counts(server, &counts);
        assert_int_equal(counts.spool_missed + counts.spool_queue, 0);
        server_free(server);
        assert_int_equal(read_all(journal, (i + 1) * RECORDS), 0);
        assert_int_equal(journal_close(journal, NULL), 0);
    }
    assert_int_equal(failures + losses, 0);
    clean();
}

/* A disk that is full holds up nobody. What the queue still has when there is room is written. */
static void test_full_for_a_while(void **state)
{
    struct journal *journal = open_journal(STREAM);
    struct server *server = begin(journal, false);
    struct server_counts counts;
    (void)state;
    limit_files(100000);
    nsec_t before = monotonic_now();
    add(server, 0, 1000);
    wait_for_failure();
    add(server, 1000, RECORDS);
    assert_true(monotonic_now() - before < NSEC_PER_SEC);
    limit_files(RLIM_INFINITY);
    wait_until_written(server);
    add(server, RECORDS, RECORDS + 100);
    server_finish(server, true, NULL);
    server_get_counts(server, &counts);
    server_free(server);
    assert_true(counts.spool_missed > 1000 && counts.spool_missed < RECORDS);
    assert_true(read_all(journal, RECORDS + 100) == counts.spool_missed);
    assert_true(failures == 1 && recoveries == 1 && losses >= 1);
    assert_int_equal(journal_close(journal, NULL), 0);
    journal = open_journal(STREAM + 1);
    assert_true(journal_stream(journal) == STREAM); /* it is known what it lacks */
    assert_true(journal_next(journal) == RECORDS + 100);
    assert_int_equal(journal_close(journal, NULL), 0);
    clean();
}

/* At the end it is not waited for. The stream that goes on then has a new number. */
static void test_full_at_the_end(void **state)
{
    struct journal *journal = open_journal(STREAM);
    struct server *server = begin(journal, false);
    struct server_counts counts;
    (void)state;
    limit_files(100000);
    add(server, 0, 1000);
    server_finish(server, true, NULL);
    server_get_counts(server, &counts);
    server_free(server);
    uint64_t lost = read_all(journal, 1000);
    assert_true(lost > 0 && lost == counts.spool_missed);
    assert_true(failures == 1 && losses == 1);
    assert_int_equal(journal_close(journal, NULL), -1);
    limit_files(RLIM_INFINITY);
    journal = open_journal(STREAM + 1);
    assert_true(journal_stream(journal) == STREAM + 1);
    assert_true(journal_next(journal) == 1000 - lost);
    assert_int_equal(journal_close(journal, NULL), 0);
    clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_full_for_a_while),
        cmocka_unit_test(test_full_at_the_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
