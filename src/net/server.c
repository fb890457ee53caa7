/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"
#include "net/protocol.h"
#include "net/server_internal.h"
#include "record/wire_block.h"

/* --- life ------------------------------------------------------------------------------------- */

static int listen_on(struct server *s, const char *address, struct error *err)
{
    int *descriptor = &s->listeners[s->listener_count];
    if (s->listener_count == MOST_LISTENERS)
        return error_set(err, "more than %d addresses to listen on", MOST_LISTENERS);
    if (socket_listen(descriptor, address, s->options.port, err))
        return -1;
    socket_name(*descriptor, s->names[s->listener_count++]);
    return 0;
}

static int begin(struct server *s, struct error *err)
{
    const struct server_options *o = &s->options;
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->wake < 0)
        return error_errno(err, "eventfd");
    if (!o->address_count)
        return listen_on(s, NULL, err);
    for (size_t i = 0; i < o->address_count; i++)
        if (listen_on(s, o->addresses[i], err))
            return -1;
    return 0;
}

int server_new(struct server **ret, const struct server_options *options, struct error *err)
{
    struct server *s = mem_zalloc(sizeof(*s));
    s->options = *options;
    s->rules = options->rules;
    s->wake = -1;
    s->stalled = STALLED;
    s->session = (struct session_options){
        .head = s->head,
        .names = options->names,
        .tls = options->rules.tls,
        .access = options->rules.access,
        .most_filter_bytes = MOST_FILTER_BYTES,
        .patience = PATIENCE,
        .mar_interval = options->mar_interval,
        .wall = options->wall,
    };
    s->encoded = mem_alloc(WIRE_RECORD_MAX);
    s->chunk = mem_alloc(CHUNK);
    s->peers = peers_new(options->seed);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->moved, &attr);
    pthread_condattr_destroy(&attr);
    if (begin(s, err)) {
        server_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

static void wake(struct server *s)
{
    const uint64_t one = 1;
    (void)!write(s->wake, &one, sizeof(one));
}

static void join(struct server *s)
{
    if (!s->has_thread)
        return;
    wake(s);
    pthread_join(s->thread, NULL);
    s->has_thread = false;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    spooler_finish(s->spooler);
    pthread_mutex_lock(&s->lock);
    s->is_ending = true;
    pthread_mutex_unlock(&s->lock);
    join(s);
    for (size_t i = 0; i < s->client_count; i++) {
        session_free(s->clients[i].session);
        journal_reader_release(&s->clients[i].journalled);
    }
    for (size_t i = 0; i < s->listener_count; i++)
        close(s->listeners[i]);
    if (s->wake >= 0)
        close(s->wake);
    spooler_free(s->spooler);
    backlog_free(s->backlog);
    server_rules_release(&s->rules);
    server_rules_release(&s->new_rules);
    pthread_cond_destroy(&s->moved);
    pthread_mutex_destroy(&s->lock);
    peers_free(s->peers);
    free(s->clients);
    free(s->polled);
    free(s->encoded);
    free(s->chunk);
    free(s);
}

const char *server_listener(const struct server *s, size_t index)
{
    return index < s->listener_count ? s->names[index] : NULL;
}

/* --- the producer ----------------------------------------------------------------------------- */

/* A client that reads, and would lose a record if one of so many bytes were added. */
static bool is_held_up(const struct server *s, size_t size, nsec_t now)
{
    for (size_t i = 0; i < s->client_count; i++) {
        const struct client *c = &s->clients[i];
        if (c->reads && now - c->moved_at < s->stalled &&
            !backlog_has_room(s->backlog, &c->cursor, size))
            return true;
    }
    return s->spooler && spooler_is_held_up(s->spooler, size, now);
}

/* With the lock. */
static void wait_for_clients(struct server *s, size_t size)
{
    const struct backlog_cursor first = backlog_first(s->backlog);
    if (backlog_has_room(s->backlog, &first, size))
        return;
    while (is_held_up(s, size, s->options.now())) {
        nsec_t until = s->options.now() + NSEC_PER_SEC;
        const struct timespec time = {.tv_sec = nsec_seconds(until),
                                      .tv_nsec = nsec_fraction(until)};
        wake(s);
        pthread_cond_timedwait(&s->moved, &s->lock, &time);
    }
}

void server_add(struct server *s, const struct record *r)
{
    struct view bytes = r->wire;
    if (!bytes.size)
        bytes = (struct view){s->encoded, wire_encode(r, s->encoded)};
    server_add_bytes(s, bytes);
}

void server_add_bytes(struct server *s, struct view bytes)
{
    pthread_mutex_lock(&s->lock);
    if (s->options.waits)
        wait_for_clients(s, bytes.size);
    backlog_add(s->backlog, bytes);
    if (s->spooler)
        spooler_wake(s->spooler);
    s->counts.records++;
    size_t before = s->gathered;
    s->gathered += bytes.size;
    bool is_news = !before || (before < GATHER_BYTES && s->gathered >= GATHER_BYTES);
    bool is_heard = s->counts.started > 0;
    pthread_mutex_unlock(&s->lock);
    if (is_news && is_heard)
        wake(s);
}

void server_change(struct server *s, const struct server_rules *rules)
{
    pthread_mutex_lock(&s->lock);
    server_rules_release(&s->new_rules);
    s->new_rules = *rules;
    s->has_new_rules = true;
    pthread_mutex_unlock(&s->lock);
    wake(s);
}

bool server_is_alive(struct server *s)
{
    if (s->has_thread && s->signs_given != s->signs_asked)
        return false;
    s->signs_asked++;
    wake(s);
    return true;
}

static void end_at(struct server *s, nsec_t end)
{
    pthread_mutex_lock(&s->lock);
    s->is_finishing = true;
    s->end = end;
    pthread_mutex_unlock(&s->lock);
    wake(s);
}

void server_finish(struct server *s, bool is_hurried, int (*stop)(void))
{
    spooler_finish(s->spooler);
    pthread_mutex_lock(&s->lock);
    s->stalled = is_hurried ? HURRIED_STALLED : STALLED;
    pthread_mutex_unlock(&s->lock);
    end_at(s, is_hurried ? s->options.now() + HURRIED_END : INT64_MAX);
    while (s->has_thread && stop && !stop()) {
        nsec_t until = s->options.now() + LOOK_TIME;
        const struct timespec time = {.tv_sec = nsec_seconds(until),
                                      .tv_nsec = nsec_fraction(until)};
        s->has_thread = pthread_clockjoin_np(s->thread, NULL, CLOCK_MONOTONIC, &time) != 0;
    }
    if (s->has_thread && stop)
        end_at(s, s->options.now());
    join(s);
}

void server_get_counts(struct server *s, struct server_counts *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->counts;
    ret->clients = s->client_count;
    if (s->spooler) {
        ret->spool_queue = backlog_next(s->backlog).position - spooler_position(s->spooler);
        ret->spool_missed = spooler_missed(s->spooler);
    }
    pthread_mutex_unlock(&s->lock);
}

void server_each_client(struct server *s,
                        void (*each)(void *arg, const struct server_client *client), void *arg)
{
    pthread_mutex_lock(&s->lock);
    const uint64_t next = s->backlog ? backlog_next(s->backlog).position : 0;
    for (size_t i = 0; i < s->client_count; i++) {
        const struct client *c = &s->clients[i];
        const struct server_client client = {
            .name = session_name(c->session),
            .queue_records = c->reads ? next - c->cursor.position : 0,
            .sent_records = c->told.records,
            .lost_records = c->told.lost,
        };
        each(arg, &client);
    }
    pthread_mutex_unlock(&s->lock);
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Others may look at counters already. */
static int begin_stream(struct server *s, const struct server_stream *stream, struct error *err)
{
    struct backlog *backlog = backlog_new(s->options.backlog_bytes, stream->position);
    if (!backlog)
        return error_set(err, "no memory for a queue of %zu bytes", s->options.backlog_bytes);
    pthread_mutex_lock(&s->lock);
    s->stream = *stream;
    s->backlog = backlog;
    s->spooler = stream->spools ? spooler_new(s) : NULL;
    pthread_mutex_unlock(&s->lock);
    return s->spooler ? spooler_start(s->spooler, err) : 0;
}

int server_start(struct server *s, const struct record *head, const struct server_stream *stream,
                 struct error *err)
{
    if (begin_stream(s, stream, err))
        return -1;
    s->session.stream = stream->number;
    wire_put_mar(head, s->head);
    protocol_put_stream(s->head, stream->number);
    s->has_thread = !thread_begin(&s->thread, server_run, s);
    return s->has_thread ? 0 : error_errno(err, "a thread to serve clients");
}
