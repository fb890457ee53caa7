/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/runner.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/message.h"
#include "base/thread.h"
#include "cmd/spawn.h"

struct job {
    struct job *next;
    char path[];
};

struct place {
    struct runner *runner;
    pthread_t thread;
    const struct job *job; /* that is being run; NULL: none */
};

struct runner {
    char *program;
    struct place *places;
    unsigned place_count, started, idle;
    pthread_mutex_t lock;
    pthread_cond_t came, went; /* a job, or the end; a job */
    struct job *first, **last; /* that wait */
    size_t waiting;
    uint64_t failures;
    bool is_ending;
};

/* --- one program ------------------------------------------------------------------------------ */

static int start(const char *program, const char *path, pid_t *ret)
{
    char option[] = "-r", *name = mem_strdup(program), *file = mem_strdup(path);
    char *const words[] = {name, option, file, NULL};
    int failed = spawn_program(ret, words, -1);
    free(name);
    free(file);
    return failed;
}

static void note(const char *program, const char *path, const char *what, const char *reason)
{
    message_event(&(struct event){EVENT_ERROR,
                                  "program-lost",
                                  "{program} -r {file}: {what}: {reason}",
                                  {event_text("program", program), event_text("file", path),
                                   event_text("what", what), event_text("reason", reason)}});
}

static void note_end(const char *program, const char *path, const char *sentence,
                     struct event_field how)
{
    message_event(&(struct event){EVENT_WARNING,
                                  "program-failed",
                                  sentence,
                                  {event_text("program", program), event_text("file", path), how}});
}

/* True if all went well; says what did not. */
static bool run(const char *program, const char *path)
{
    pid_t process;
    int status;
    int failed = start(program, path, &process);
    if (failed) {
        note(program, path, "cannot be started", strerror(failed));
        return false;
    }
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR) {
            note(program, path, "nobody knows how it ended", strerror(errno));
            return false;
        }
    if (WIFSIGNALED(status))
        note_end(program, path, "{program} -r {file}: ended by signal {signal}",
                 event_number("signal", (uint64_t)WTERMSIG(status)));
    else if (WEXITSTATUS(status))
        note_end(program, path, "{program} -r {file}: failed with status {status}",
                 event_number("status", (uint64_t)WEXITSTATUS(status)));
    return !status;
}

/* --- threads ---------------------------------------------------------------------------------- */

static bool is_being_run(const struct runner *r, const char *path)
{
    for (unsigned i = 0; i < r->started; i++)
        if (r->places[i].job && !strcmp(r->places[i].job->path, path))
            return true;
    return false;
}

/* The first job whose file no other place has at hand; NULL: there is none. */
static struct job *take_job(struct runner *r)
{
    struct job **link = &r->first;
    while (*link && is_being_run(r, (*link)->path))
        link = &(*link)->next;
    struct job *job = *link;
    if (!job)
        return NULL;
    *link = job->next;
    if (!*link)
        r->last = link;
    r->waiting--;
    pthread_cond_signal(&r->went);
    return job;
}

/* The next job, waited for; NULL: there will be none. */
static struct job *next_job(struct runner *r)
{
    struct job *job;
    while (!(job = take_job(r)) && !(r->is_ending && !r->first)) {
        r->idle++;
        pthread_cond_wait(&r->came, &r->lock);
        r->idle--;
    }
    return job;
}

static void *work(void *arg)
{
    struct place *place = arg;
    struct runner *r = place->runner;
    struct job *job;
    pthread_mutex_lock(&r->lock);
    while ((job = next_job(r)) != NULL) {
        place->job = job;
        pthread_mutex_unlock(&r->lock);
        bool went_well = run(r->program, job->path);
        pthread_mutex_lock(&r->lock);
        place->job = NULL;
        r->failures += !went_well;
        free(job);
        pthread_cond_broadcast(&r->came); /* another one of the same file may wait */
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Without the first thread nothing can be run. */
static void start_place(struct runner *r)
{
    struct place *place = &r->places[r->started];
    place->runner = r;
    int failed = thread_begin(&place->thread, work, place);
    check(!failed || r->started);
    r->started += !failed;
}

/* --- the whole -------------------------------------------------------------------------------- */

int runner_new(struct runner **ret, const char *program, unsigned places, struct error *err)
{
    if (spawn_check(program, err))
        return -1;
    struct runner *r = mem_zalloc(sizeof(*r));
    r->program = mem_strdup(program);
    r->places = mem_zalloc(places * sizeof(*r->places));
    r->place_count = places;
    r->last = &r->first;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->came, NULL);
    pthread_cond_init(&r->went, NULL);
    *ret = r;
    return 0;
}

static bool is_waiting(const struct runner *r, const char *path)
{
    const struct job *job = r->first;
    while (job && strcmp(job->path, path) != 0)
        job = job->next;
    return job;
}

static void enqueue(struct runner *r, const char *path)
{
    struct job *job = mem_alloc(sizeof(*job) + strlen(path) + 1);
    job->next = NULL;
    memcpy(job->path, path, strlen(path) + 1);
    if (r->waiting >= r->idle && r->started < r->place_count)
        start_place(r);
    while (r->waiting >= RUNNER_WAITING_MOST)
        pthread_cond_wait(&r->went, &r->lock);
    *r->last = job;
    r->last = &job->next;
    r->waiting++;
    pthread_cond_broadcast(&r->came);
}

void runner_add(struct runner *r, const char *path, bool again)
{
    pthread_mutex_lock(&r->lock);
    if (!again || !is_waiting(r, path))
        enqueue(r, path);
    pthread_mutex_unlock(&r->lock);
}

uint64_t runner_finish(struct runner *r)
{
    if (!r)
        return 0;
    pthread_mutex_lock(&r->lock);
    r->is_ending = true;
    pthread_cond_broadcast(&r->came);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < r->started; i++)
        pthread_join(r->places[i].thread, NULL);
    uint64_t failures = r->failures;
    pthread_cond_destroy(&r->came);
    pthread_cond_destroy(&r->went);
    pthread_mutex_destroy(&r->lock);
    free(r->places);
    free(r->program);
    free(r);
    return failures;
}
