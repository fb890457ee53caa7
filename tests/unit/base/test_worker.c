/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { JOBS = 1000 };

struct job {
    unsigned number;
};

/* What the worker did. */
struct log {
    unsigned count;
    unsigned numbers[JOBS];
    unsigned fails_at; /* JOBS: never */
    int result;        /* of that job */
};

static int work(void *arg, void *at, unsigned part, struct error *err)
{
    (void)part;
    struct log *log = arg;
    const struct job *job = at;
    log->numbers[log->count++] = job->number;
    if (job->number != log->fails_at)
        return 0;
    error_set(err, "job %u failed", job->number);
    return log->result;
}

static struct worker *make(struct log *log, bool has_thread)
{
    const struct worker_options options = {
        .job_bytes = sizeof(struct job),
        .places = 3,
        .threads = has_thread,
        .work = work,
        .arg = log,
    };
    return worker_new(&options);
}

static int push(struct worker *worker, unsigned number, struct error *err)
{
    ((struct job *)worker_job(worker))->number = number;
    return worker_push(worker, err);
}

static void test_all_in_order(void **state)
{
    (void)state;
    for (unsigned has_thread = 0; has_thread < 2; has_thread++) {
        struct log log = {.fails_at = JOBS};
        struct error err;
        struct worker *worker = make(&log, has_thread);
        for (unsigned i = 0; i < JOBS; i++) {
            assert_int_equal(push(worker, i, &err), 0);
            if (i % 100)
                continue;
            assert_int_equal(worker_settle(worker, &err), 0);
            assert_int_equal(log.count, i + 1);
        }
        assert_int_equal(worker_settle(worker, &err), 0);
        assert_int_equal(log.count, JOBS);
        for (unsigned i = 0; i < JOBS; i++)
            assert_int_equal(log.numbers[i], i);
        worker_free(worker);
    }
}

/* --- several threads -------------------------------------------------------------------------- */

enum { PARTS = 3 };

struct shares {
    unsigned done[PARTS]; /* each by one thread */
    unsigned fails_at;
};

static int work_on_share(void *arg, void *at, unsigned part, struct error *err)
{
    struct shares *shares = arg;
    const struct job *job = at;
    if (shares->done[part]++ != job->number)
        return error_set(err, "job %u came out of order", job->number);
    if (part == 1 && job->number == shares->fails_at)
        return error_set(err, "part 1 of job %u failed", job->number);
    return 0;
}

static struct worker *make_shares(struct shares *shares)
{
    const struct worker_options options = {
        .job_bytes = sizeof(struct job),
        .places = 4,
        .threads = PARTS,
        .work = work_on_share,
        .arg = shares,
    };
    return worker_new(&options);
}

/* Each thread does its part of every job, in order. */
static void test_parts(void **state)
{
    (void)state;
    struct shares shares = {.fails_at = JOBS};
    struct error err;
    struct worker *worker = make_shares(&shares);
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(push(worker, i, &err), 0);
        if (i % 100)
            continue;
        assert_int_equal(worker_settle(worker, &err), 0);
        for (unsigned part = 0; part < PARTS; part++)
            assert_int_equal(shares.done[part], i + 1);
    }
    worker_free(worker);
}

static void test_a_part_that_fails(void **state)
{
    (void)state;
    struct shares shares = {.fails_at = 50};
    struct error err = {{0}};
    struct worker *worker = make_shares(&shares);
    int result = 0;
    for (unsigned i = 0; i < JOBS && !result; i++)
        result = push(worker, i, &err);
    assert_int_equal(worker_settle(worker, &err), -1);
    assert_string_equal(err.text, "part 1 of job 50 failed");
    assert_int_equal(shares.done[1], 51);
    worker_free(worker);
}

/* Its result comes with a later call, if not at once; nothing is done after it. */
static void test_a_job_that_fails(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct log log = {.fails_at = 7, .result = i < 2 ? -1 : 1};
        struct error err = {{0}};
        struct worker *worker = make(&log, i % 2);
        int result = 0;
        for (unsigned n = 0; n < 20 && !result; n++)
            result = push(worker, n, &err);
        assert_int_equal(worker_settle(worker, &err), log.result);
        assert_string_equal(err.text, "job 7 failed");
        assert_int_equal(push(worker, 100, &err), log.result);
        assert_int_equal(worker_settle(worker, &err), log.result);
        assert_int_equal(log.count, 8);
        worker_free(worker);
    }
}

/* What is left undone is at most what is in the ring. */
static void test_given_up(void **state)
{
    (void)state;
    struct log log = {.fails_at = JOBS};
    struct error err;
    struct worker *worker = make(&log, true);
    worker_free(make(&log, true)); /* one that never had a job */
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(push(worker, i, &err), 0);
    worker_free(worker);
    worker_free(NULL);
    assert_in_range(log.count, 97, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_in_order),      cmocka_unit_test(test_parts),
        cmocka_unit_test(test_a_part_that_fails), cmocka_unit_test(test_a_job_that_fails),
        cmocka_unit_test(test_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
