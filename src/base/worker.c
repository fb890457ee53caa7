/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/thread.h"

/* One of the threads. */
struct member {
    struct worker *worker;
    unsigned part;
    pthread_t thread;
    uint64_t done; /* jobs */
};

struct worker {
    struct worker_options options;
    uint8_t *ring;
    unsigned started; /* threads */
    struct member members[WORKER_THREADS_MOST];
    pthread_mutex_t lock; /* guards what follows, and what is done */
    pthread_cond_t jobs, progress;
    uint64_t pushed;  /* jobs */
    uint64_t awaited; /* the caller sleeps until all have done so many; 0: it does not */
    unsigned idle;    /* threads that wait for a job */
    bool is_closed;
    int result; /* of the first job that failed */
    struct error error;
};

/* --- the threads ------------------------------------------------------------------------------ */

static void *job_at(const struct worker *worker, uint64_t number)
{
    return worker->ring + number % worker->options.places * worker->options.job_bytes;
}

/* Called with the lock held: how many jobs all are done with. */
static uint64_t done_by_all(const struct worker *worker)
{
    uint64_t done = worker->pushed;
    for (unsigned i = 0; i < worker->started; i++)
        if (worker->members[i].done < done)
            done = worker->members[i].done;
    return done;
}

/* Called with the lock held. False when there are no more jobs. */
static bool wait_for_job(struct worker *worker, const struct member *member)
{
    worker->idle++;
    while (worker->pushed == member->done && !worker->is_closed)
        pthread_cond_wait(&worker->jobs, &worker->lock);
    worker->idle--;
    return !worker->is_closed;
}

static void *run(void *self)
{
    struct member *member = self;
    struct worker *worker = member->worker;
    const struct worker_options *o = &worker->options;
    pthread_mutex_lock(&worker->lock);
    while (wait_for_job(worker, member)) {
        void *job = job_at(worker, member->done);
        int result = worker->result;
        pthread_mutex_unlock(&worker->lock);
        struct error err;
        bool failed = !result && (result = o->work(o->arg, job, member->part, &err)) != 0;
        pthread_mutex_lock(&worker->lock);
        if (failed && !worker->result) {
            worker->result = result;
            worker->error = err;
        }
        member->done++;
        if (worker->awaited && done_by_all(worker) >= worker->awaited)
            pthread_cond_signal(&worker->progress);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static void stop_threads(struct worker *worker, unsigned count)
{
    pthread_mutex_lock(&worker->lock);
    worker->is_closed = true;
    pthread_cond_broadcast(&worker->jobs);
    pthread_mutex_unlock(&worker->lock);
    for (unsigned i = 0; i < count; i++)
        pthread_join(worker->members[i].thread, NULL);
    worker->started = 0; /* which threads look at to the end */
}

static int start_threads(struct worker *worker, struct error *err)
{
    unsigned started = 0;
    for (; started < worker->options.threads; started++) {
        struct member *member = &worker->members[started];
        *member = (struct member){.worker = worker, .part = started};
        if (thread_begin(&member->thread, run, member))
            break;
    }
    if (started == worker->options.threads || worker->options.threads == 1) {
        worker->started = started;
        return 0;
    }
    stop_threads(worker, started);
    return error_set(err, "no more than %u threads can be had", started + 1);
}

/* --- life ------------------------------------------------------------------------------------- */

struct worker *worker_new(const struct worker_options *options)
{
    struct worker *worker = mem_zalloc(sizeof(*worker));
    check(options->places >= 2 && options->threads <= WORKER_THREADS_MOST);
    worker->options = *options;
    worker->ring = mem_zalloc_lines(options->places * options->job_bytes);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->jobs, NULL);
    pthread_cond_init(&worker->progress, NULL);
    return worker;
}

void worker_stop(struct worker *worker)
{
    if (worker->started)
        stop_threads(worker, worker->started);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    worker_stop(worker);
    pthread_cond_destroy(&worker->progress);
    pthread_cond_destroy(&worker->jobs);
    pthread_mutex_destroy(&worker->lock);
    free(worker->ring);
    free(worker);
}

/* --- handing over ----------------------------------------------------------------------------- */

void *worker_job(struct worker *worker)
{
    return job_at(worker, worker->pushed); /* which this thread alone changes */
}

void *worker_place(struct worker *worker, unsigned i)
{
    return job_at(worker, i);
}

/* Called with the lock held. */
static void wait_until_done(struct worker *worker, uint64_t count)
{
    worker->awaited = count;
    while (done_by_all(worker) < count)
        pthread_cond_wait(&worker->progress, &worker->lock);
    worker->awaited = 0;
}

/* Called with the lock held. */
static int result_of(const struct worker *worker, struct error *err)
{
    if (worker->result && err)
        *err = worker->error;
    return worker->result;
}

static int push_here(struct worker *worker, struct error *err)
{
    const struct worker_options *o = &worker->options;
    if (!worker->result)
        worker->result = o->work(o->arg, worker_job(worker), 0, &worker->error);
    return result_of(worker, err);
}

/*
 * When the ring is full, half of it is waited for, and threads that sleep are woken when half of it
 * waits for them: so they seldom wake each other.
 */
int worker_push(struct worker *worker, struct error *err)
{
    if (!worker->pushed && !worker->started && worker->options.threads) {
        if (start_threads(worker, err))
            return -1;
    }
    if (!worker->started)
        return push_here(worker, err);
    pthread_mutex_lock(&worker->lock);
    const uint64_t waiting = ++worker->pushed - done_by_all(worker);
    if (worker->idle && (worker->started == 1 || waiting >= worker->options.places / 2))
        pthread_cond_broadcast(&worker->jobs);
    if (waiting == worker->options.places)
        wait_until_done(worker, worker->pushed - worker->options.places / 2);
    int result = result_of(worker, err);
    pthread_mutex_unlock(&worker->lock);
    return result;
}

int worker_settle(struct worker *worker, struct error *err)
{
    if (!worker->started)
        return result_of(worker, err);
    pthread_mutex_lock(&worker->lock);
    pthread_cond_broadcast(&worker->jobs);
    wait_until_done(worker, worker->pushed);
    int result = result_of(worker, err);
    pthread_mutex_unlock(&worker->lock);
    return result;
}
