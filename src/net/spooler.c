/* SPDX-License-Identifier: Apache-2.0 */
#include "net/spooler.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "net/server_internal.h"

#define RETRY_TIME (1 * NSEC_PER_SEC)

/* Small amounts are written after so long, so that there are not too many of them. */
#define SPOOL_TIME (5 * NSEC_PER_MSEC)

/* Losses are told at most so often. */
#define TELL_TIME (10 * NSEC_PER_SEC)

struct spooler {
    struct server *server;
    struct journal *journal;
    uint8_t *chunk; /* of the thread, as what follows */
    size_t at, size;
    uint64_t first, position; /* of the chunk, and of the record at `at` */
    bool is_failing;
    uint64_t told; /* of the records that were missed */
    nsec_t told_at;

    pthread_t thread;
    bool has_thread;
    pthread_cond_t added;                  /* with the server's lock, as all below */
    enum { AWAKE, IDLE, GATHERING } sleep; /* what it waits for: any record; enough of them */
    bool is_ending;
    struct backlog_cursor cursor; /* behind the chunk */
    uint64_t missed;
    nsec_t moved_at;
};

struct spooler *spooler_new(struct server *server)
{
    struct spooler *p = mem_zalloc(sizeof(*p));
    p->server = server;
    p->journal = server->stream.journal;
    p->chunk = mem_alloc(CHUNK);
    p->cursor = backlog_next(server->backlog);
    p->moved_at = server->options.now();
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->added, &attr);
    pthread_condattr_destroy(&attr);
    return p;
}

void spooler_free(struct spooler *p)
{
    if (!p)
        return;
    pthread_cond_destroy(&p->added);
    free(p->chunk);
    free(p);
}

static uint64_t pending_bytes(const struct spooler *p)
{
    return backlog_next(p->server->backlog).offset - p->cursor.offset;
}

void spooler_wake(struct spooler *p)
{
    if (p->sleep == IDLE || (p->sleep == GATHERING && pending_bytes(p) >= CHUNK_USUAL))
        pthread_cond_signal(&p->added);
}

bool spooler_is_held_up(const struct spooler *p, size_t record_bytes, nsec_t now)
{
    return now - p->moved_at < STALLED &&
           !backlog_has_room(p->server->backlog, &p->cursor, record_bytes);
}

uint64_t spooler_position(const struct spooler *p)
{
    return p->cursor.position;
}

uint64_t spooler_missed(const struct spooler *p)
{
    return p->missed;
}

/* --- the thread ------------------------------------------------------------------------------- */

static void note(const struct spooler *p, const struct event *event)
{
    const struct server_options *o = &p->server->options;
    if (o->note)
        o->note(o->arg, event);
}

static void tell_missed(struct spooler *p, nsec_t now)
{
    if (p->missed == p->told || (p->told_at && now - p->told_at < TELL_TIME))
        return;
    note(p, &(struct event){EVENT_WARNING,
                            "spool-missed",
                            "spool: {records} records were not written, which clients that are "
                            "behind will lack: the disk is too slow, or full",
                            {event_number("records", p->missed - p->told)}});
    p->told = p->missed;
    p->told_at = now;
}

/* With the lock. Waits so long, or until the end. */
static void rest(struct spooler *p, nsec_t until)
{
    const struct timespec end = {.tv_sec = nsec_seconds(until), .tv_nsec = nsec_fraction(until)};
    if (!p->is_ending)
        pthread_cond_timedwait(&p->added, &p->server->lock, &end);
}

/* With the lock. Waits until there is something, and then a little for more. */
static void await_records(struct spooler *p)
{
    const struct server *s = p->server;
    p->sleep = IDLE;
    while (!pending_bytes(p) && !p->is_ending)
        pthread_cond_wait(&p->added, &p->server->lock);
    p->sleep = GATHERING;
    const nsec_t until = s->options.now() + SPOOL_TIME;
    while (pending_bytes(p) < CHUNK_USUAL && !p->is_ending && s->options.now() < until)
        rest(p, until);
    p->sleep = AWAKE;
    p->moved_at = s->options.now();
}

/* With the lock. The next records, behind those that are missed. False: there are no more. */
static bool take_chunk(struct spooler *p)
{
    const struct backlog *backlog = p->server->backlog;
    uint64_t from = p->cursor.position, lost, more;
    p->at = 0;
    p->size = backlog_copy(backlog, &p->cursor, p->chunk, CHUNK_USUAL, &lost);
    if (!p->size) /* there is nothing, or a record that is larger */
        p->size = backlog_copy(backlog, &p->cursor, p->chunk, CHUNK, &more);
    p->first = p->position = from + lost;
    p->missed += lost;
    return p->size;
}

/* Writes what is left of the chunk. What was written is not written again. */
static int write_chunk(struct spooler *p, struct error *err)
{
    if (journal_next(p->journal) < p->position && journal_skip(p->journal, p->position, err))
        return -1;
    while (p->at < p->size) {
        struct view record = {p->chunk + p->at, (size_t)load_be16(p->chunk + p->at + 2) * 4};
        if (journal_add(p->journal, record, NULL, NULL, err))
            return -1;
        p->at += record.size;
        p->position++;
    }
    return journal_flush(p->journal, err);
}

static void tell_state(struct spooler *p, bool is_failing, const struct error *err)
{
    if (is_failing && !p->is_failing)
        note(p, &(struct event){EVENT_ERROR,
                                "spool-failed",
                                "{reason}; the records go on to clients, and it is tried again",
                                {event_text("reason", err->text)}});
    else if (!is_failing && p->is_failing)
        note(p, &(struct event){EVENT_NOTICE, "spool-works", "the spool is written again", {{0}}});
    p->is_failing = is_failing;
}

/* At the end there is one attempt. Without the lock; the chunk stays until it is written. */
static bool write_in_time(struct spooler *p)
{
    struct error err;
    for (;;) {
        bool failed = write_chunk(p, &err);
        tell_state(p, failed, &err);
        pthread_mutex_lock(&p->server->lock);
        const nsec_t until = p->server->options.now() + RETRY_TIME;
        while (failed && !p->is_ending && p->server->options.now() < until)
            rest(p, until);
        bool is_over = failed && p->is_ending;
        pthread_mutex_unlock(&p->server->lock);
        if (!failed || is_over)
            return !failed;
    }
}

/* What could not be written at the end: the journal must not look as if it had all. */
static void give_up(struct spooler *p)
{
    const uint64_t written = journal_written(p->journal);
    pthread_mutex_lock(&p->server->lock);
    p->cursor = backlog_next(p->server->backlog);
    uint64_t next = p->cursor.position;
    p->missed += next - (written > p->first ? written : p->first);
    pthread_mutex_unlock(&p->server->lock);
    (void)!journal_skip(p->journal, next, NULL);
}

static void *run(void *arg)
{
    struct spooler *p = arg;
    struct server *s = p->server;
    bool works = true;
    while (works) {
        pthread_mutex_lock(&s->lock);
        await_records(p);
        works = take_chunk(p);
        pthread_mutex_unlock(&s->lock);
        tell_missed(p, s->options.now());
        if (works && !write_in_time(p)) {
            give_up(p);
            works = false;
        }
        pthread_mutex_lock(&s->lock);
        p->moved_at = s->options.now();
        pthread_cond_signal(&s->moved);
        pthread_mutex_unlock(&s->lock);
    }
    p->told_at = 0;
    tell_missed(p, s->options.now());
    return NULL;
}

int spooler_start(struct spooler *p, struct error *err)
{
    p->has_thread = !thread_begin(&p->thread, run, p);
    return p->has_thread ? 0 : error_errno(err, "a thread to write the spool");
}

void spooler_finish(struct spooler *p)
{
    if (!p || !p->has_thread)
        return;
    pthread_mutex_lock(&p->server->lock);
    p->is_ending = true;
    pthread_cond_signal(&p->added);
    pthread_mutex_unlock(&p->server->lock);
    pthread_join(p->thread, NULL);
    p->has_thread = false;
}
