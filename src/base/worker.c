/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"

struct worker {
    struct worker_options options;
    uint8_t *ring;
    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t jobs, progress;
    uint64_t pushed, done; /* jobs */
    uint64_t awaited;      /* the caller sleeps until so many are done; 0: it does not */
    bool is_closed;
    int result; /* of the first job that failed */
    struct error error;
};

/* --- the thread ------------------------------------------------------------------------------- */

static void *job_at(const struct worker *worker, uint64_t number)
{
    return worker->ring + number % worker->options.places * worker->options.job_bytes;
}

/* Called with the lock held. False when there are no more jobs. */
static bool wait_for_job(struct worker *worker)
{
    while (worker->pushed == worker->done && !worker->is_closed)
        pthread_cond_wait(&worker->jobs, &worker->lock);
    return !worker->is_closed;
}

static void *run(void *self)
{
    struct worker *worker = self;
    const struct worker_options *o = &worker->options;
    pthread_mutex_lock(&worker->lock);
    while (wait_for_job(worker)) {
        void *job = job_at(worker, worker->done);
        int result = worker->result;
        pthread_mutex_unlock(&worker->lock);
        struct error err;
        bool failed = !result && (result = o->work(o->arg, job, &err)) != 0;
        pthread_mutex_lock(&worker->lock);
        if (failed) {
            worker->result = result;
            worker->error = err;
        }
        if (++worker->done == worker->awaited)
            pthread_cond_signal(&worker->progress);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* Signals are for the thread that began the program. */
static bool start_thread(struct worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = !pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

/* --- life ------------------------------------------------------------------------------------- */

struct worker *worker_new(const struct worker_options *options)
{
    struct worker *worker = mem_zalloc(sizeof(*worker));
    check(options->places >= 2);
    worker->options = *options;
    worker->ring = mem_zalloc_lines(options->places * options->job_bytes);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->jobs, NULL);
    pthread_cond_init(&worker->progress, NULL);
    return worker;
}

void worker_stop(struct worker *worker)
{
    if (!worker->has_thread)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->is_closed = true;
    pthread_cond_signal(&worker->jobs);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    worker->has_thread = false;
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
    while (worker->done < count)
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
        worker->result = o->work(o->arg, worker_job(worker), &worker->error);
    return result_of(worker, err);
}

/* When the ring is full, half of it is waited for: so the two threads seldom wake each other. */
int worker_push(struct worker *worker, struct error *err)
{
    if (!worker->pushed && !worker->has_thread && worker->options.has_thread)
        worker->has_thread = start_thread(worker);
    if (!worker->has_thread)
        return push_here(worker, err);
    pthread_mutex_lock(&worker->lock);
    if (worker->pushed++ == worker->done)
        pthread_cond_signal(&worker->jobs);
    if (worker->pushed - worker->done == worker->options.places)
        wait_until_done(worker, worker->pushed - worker->options.places / 2);
    int result = result_of(worker, err);
    pthread_mutex_unlock(&worker->lock);
    return result;
}

int worker_settle(struct worker *worker, struct error *err)
{
    if (!worker->has_thread)
        return result_of(worker, err);
    pthread_mutex_lock(&worker->lock);
    wait_until_done(worker, worker->pushed);
    int result = result_of(worker, err);
    pthread_mutex_unlock(&worker->lock);
    return result;
}
