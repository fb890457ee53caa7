/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Worker: does jobs in threads of its own, one after the other, in the order in which they were
 * handed over. Jobs lie in the places of a ring, which bounds how far the caller can be ahead.
 * Of several threads each does its part of every job, and none waits for the others but at the
 * end of the ring. Without a thread each job is done when it is handed over, so that what comes of
 * it is the same.
 *
 * One thread hands over. After a job whose result was not 0 no further one is begun. Threads begin
 * with the first job, so that a process may fork and give up rights before.
 */
struct worker;

enum { WORKER_THREADS_MOST = 16 };

typedef int worker_do(void *arg, void *job, unsigned part, struct error *err);

struct worker_options {
    size_t job_bytes; /* a multiple of 64, of jobs that are laid out by cache lines */
    unsigned places;  /* of the ring; at least 2 */
    unsigned threads; /* 0: none; 1: if one can be had; more must be had */
    worker_do *work;
    void *arg;
};

struct worker *worker_new(const struct worker_options *options) MUST_USE;

/* Ends the thread; jobs that were not begun are not done. Nothing can be handed over any more. */
void worker_stop(struct worker *worker);
void worker_free(struct worker *worker); /* stops it, too; NULL is fine */

/*
 * The place of the next job. It holds what a job before left there, or zeros. The same until it is
 * handed over.
 */
void *worker_job(struct worker *worker);

/* One of the places, from 0: for setting up before the first job, and taking down when stopped. */
void *worker_place(struct worker *worker, unsigned i);

/*
 * Hands the job over, and waits until there is a place for another. 0, or the result, with its
 * error, of the first job that failed.
 */
int worker_push(struct worker *worker, struct error *err) MUST_USE;

/* Waits until all jobs are done; the thread then touches nothing. As worker_push. */
int worker_settle(struct worker *worker, struct error *err) MUST_USE;
