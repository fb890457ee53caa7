/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/backlog.h"
#include "net/session.h"
#include "record/wire.h"
#include "record/wire_block.h"

enum {
    MOST_LISTENERS = 16,
    MOST_FILTER_BYTES = 16 * 1024,
    CHUNK = WIRE_RECORD_MAX, /* is copied from the backlog at a time */
    ROUNDS = 16,             /* chunks for a client before the next one has its turn */
    ACCEPTS = 16,            /* connections taken in a row */
    NOTES = 8,               /* lines within NOTE_TIME */
};

#define PATIENCE  (15 * NSEC_PER_SEC) /* until START */
#define NOTE_TIME (1 * NSEC_PER_SEC)

/* Records are sent when so many bytes have come together, or after so long. */
enum { GATHER_BYTES = 32 * 1024 };
#define GATHER_TIME (5 * NSEC_PER_MSEC)

/* A client that took nothing for so long is not waited for. */
#define STALLED (10 * NSEC_PER_SEC)

struct client {
    struct session *session;
    struct backlog_cursor cursor;
    bool reads;                 /* it has a cursor */
    bool is_behind;             /* there may be more for it than it took */
    struct session_counts told; /* those that are in the server's counts */
    nsec_t moved_at;            /* when the cursor moved last, or there was nothing to move to */
};

struct server {
    struct server_options options;
    struct session_options session;
    int listeners[MOST_LISTENERS];
    char names[MOST_LISTENERS][SOCKET_NAME_SIZE];
    size_t listener_count;
    uint8_t head[WIRE_MAR_SIZE];
    uint8_t *encoded; /* by the producer */
    uint8_t *chunk;   /* of the thread */

    pthread_t thread;
    bool has_thread;
    int wake; /* an eventfd */

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t moved; /* a cursor */
    struct backlog *backlog;
    struct client *clients; /* changed by the thread alone, with the lock; read by both */
    size_t client_count, client_capacity;
    size_t gathered; /* bytes that were added since the thread was woken */
    struct server_counts counts;
    bool is_finishing, is_ending;
    nsec_t end; /* of finishing */

    struct pollfd *polled; /* of the thread, as all below */
    size_t polled_capacity;
    bool ends_soon;
    nsec_t pass_due; /* when clients get what has gathered */
    nsec_t note_from;
    unsigned notes;
};

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
    s->backlog = backlog_new(o->backlog_bytes, o->position);
    if (!s->backlog)
        return error_set(err, "no memory for a queue of %zu bytes", o->backlog_bytes);
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
    s->wake = -1;
    s->session = (struct session_options){
        .head = s->head,
        .names = options->names,
        .stream = options->stream,
        .most_filter_bytes = MOST_FILTER_BYTES,
        .patience = PATIENCE,
        .mar_interval = options->mar_interval,
        .wall = options->wall,
    };
    s->encoded = mem_alloc(WIRE_RECORD_MAX);
    s->chunk = mem_alloc(CHUNK);
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
    pthread_mutex_lock(&s->lock);
    s->is_ending = true;
    pthread_mutex_unlock(&s->lock);
    join(s);
    for (size_t i = 0; i < s->client_count; i++)
        session_free(s->clients[i].session);
    for (size_t i = 0; i < s->listener_count; i++)
        close(s->listeners[i]);
    if (s->wake >= 0)
        close(s->wake);
    backlog_free(s->backlog);
    pthread_cond_destroy(&s->moved);
    pthread_mutex_destroy(&s->lock);
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
        if (c->reads && now - c->moved_at < STALLED &&
            !backlog_has_room(s->backlog, &c->cursor, size))
            return true;
    }
    return false;
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
    pthread_mutex_lock(&s->lock);
    if (s->options.waits)
        wait_for_clients(s, bytes.size);
    backlog_add(s->backlog, bytes);
    s->counts.records++;
    size_t before = s->gathered;
    s->gathered += bytes.size;
    bool is_news = !before || (before < GATHER_BYTES && s->gathered >= GATHER_BYTES);
    bool is_heard = s->counts.started > 0;
    pthread_mutex_unlock(&s->lock);
    if (is_news && is_heard)
        wake(s);
}

void server_finish(struct server *s, nsec_t most)
{
    pthread_mutex_lock(&s->lock);
    s->is_finishing = true;
    s->end = s->options.now() + most;
    pthread_mutex_unlock(&s->lock);
    join(s);
}

void server_get_counts(struct server *s, struct server_counts *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->counts;
    ret->clients = s->client_count;
    pthread_mutex_unlock(&s->lock);
}

/* --- clients come and go; the thread alone -----------------------------------------------------
 */

static void note(struct server *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* Peers must not be able to fill a disk with lines. */
static void note(struct server *s, const char *format, ...)
{
    char text[256];
    nsec_t now = s->options.now();
    if (!s->options.note)
        return;
    if (now - s->note_from >= NOTE_TIME) {
        s->note_from = now;
        s->notes = 0;
    }
    if (++s->notes > NOTES)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    s->options.note(s->options.arg, s->notes == NOTES ? "clients: and more of these" : text);
}

static void refuse(struct server *s, int descriptor)
{
    uint8_t head[WIRE_MAR_SIZE];
    memcpy(head, s->head, sizeof(head));
    head[1] = CAUSE_ERROR | PROTOCOL_ERROR_CLIENTS;
    (void)socket_write(descriptor, head, sizeof(head));
    close(descriptor);
    pthread_mutex_lock(&s->lock);
    s->counts.refused++;
    pthread_mutex_unlock(&s->lock);
    note(s, "a client is refused: there are %zu", s->client_count);
}

/* Brings the server's counts up to date with a client's; with the lock. */
static void count(struct server *s, struct client *c)
{
    const struct session_counts *now = session_counts(c->session);
    s->counts.sent_records += now->records - c->told.records;
    s->counts.sent_bytes += now->bytes - c->told.bytes;
    s->counts.lost_records += now->lost - c->told.lost;
    c->told = *now;
}

static void remove_client(struct server *s, size_t index)
{
    struct client gone = s->clients[index];
    pthread_mutex_lock(&s->lock);
    count(s, &gone);
    s->counts.started -= gone.reads;
    s->clients[index] = s->clients[--s->client_count];
    pthread_cond_signal(&s->moved);
    pthread_mutex_unlock(&s->lock);
    note(s, "client %s: over: %s (%" PRIu64 " records sent, %" PRIu64 " lost)",
         session_name(gone.session), session_why(gone.session), gone.told.records, gone.told.lost);
    session_free(gone.session);
}

/* Those who only hold a place give way to those who come. */
static bool make_place(struct server *s)
{
    for (size_t i = 0; i < s->client_count; i++) {
        if (session_has_started(s->clients[i].session))
            continue;
        remove_client(s, i);
        return true;
    }
    return false;
}

static void add_client(struct server *s, int descriptor, nsec_t now)
{
    if (s->client_count >= s->options.most_clients && !make_place(s)) {
        refuse(s, descriptor);
        return;
    }
    struct client c = {.session = session_new(descriptor, &s->session, now)};
    pthread_mutex_lock(&s->lock);
    s->clients =
        mem_grow(s->clients, &s->client_capacity, s->client_count + 1, sizeof(*s->clients));
    s->clients[s->client_count++] = c;
    s->counts.accepted++;
    pthread_mutex_unlock(&s->lock);
    note(s, "client %s: connected", session_name(c.session));
}

static void accept_some(struct server *s, int listener, nsec_t now)
{
    for (unsigned i = 0; i < ACCEPTS; i++) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0)
            return;
        add_client(s, descriptor, now);
    }
}

/* --- serving ---------------------------------------------------------------------------------- */

/* Where the client begins: behind all that there is, or where it says that it stopped. */
static void begin_client(struct server *s, struct client *c, nsec_t now)
{
    uint64_t position;
    pthread_mutex_lock(&s->lock);
    c->cursor = backlog_next(s->backlog);
    if (session_wants_position(c->session, &position)) {
        c->cursor = (struct backlog_cursor){.position = position};
        if (position >= backlog_first(s->backlog).position)
            c->cursor = backlog_find(s->backlog, position);
    }
    c->reads = true;
    c->moved_at = now;
    s->counts.started++;
    s->counts.served++;
    pthread_mutex_unlock(&s->lock);
}

/* A chunk of what the client lacks: its size, 0 if there is nothing. */
static size_t take_chunk(struct server *s, struct client *c, nsec_t now, uint64_t *ret_position,
                         uint64_t *ret_lost)
{
    pthread_mutex_lock(&s->lock);
    uint64_t before = c->cursor.position;
    size_t size = backlog_copy(s->backlog, &c->cursor, s->chunk, CHUNK, ret_lost);
    *ret_position = before + *ret_lost;
    c->moved_at = now;
    count(s, c);
    pthread_cond_signal(&s->moved);
    pthread_mutex_unlock(&s->lock);
    return size;
}

/* Gives a client what it takes. False if the session is over. */
static bool feed(struct server *s, struct client *c, nsec_t now)
{
    if (!c->reads && session_has_started(c->session))
        begin_client(s, c, now);
    c->is_behind = false;
    if (!c->reads && s->ends_soon) /* it comes too late */
        session_finish(c->session);
    if (!c->reads)
        return session_work(c->session, 0, now);
    for (unsigned round = 0; session_has_room(c->session); round++) {
        uint64_t position, lost;
        c->is_behind = round == ROUNDS;
        if (c->is_behind)
            return true;
        struct view records = {s->chunk, take_chunk(s, c, now, &position, &lost)};
        if (lost)
            session_tell_loss(c->session, lost, position, now);
        if (!records.size && s->ends_soon)
            session_finish(c->session);
        session_give(c->session, records, position, now);
        if (!session_work(c->session, 0, now))
            return false;
        if (!records.size)
            return true;
    }
    return true;
}

static bool is_pass_due(struct server *s, nsec_t now)
{
    pthread_mutex_lock(&s->lock);
    s->ends_soon = s->is_finishing;
    bool is_due =
        s->is_finishing || s->gathered >= GATHER_BYTES || (s->gathered && now >= s->pass_due);
    if (is_due)
        s->gathered = 0;
    pthread_mutex_unlock(&s->lock);
    if (is_due)
        s->pass_due = now + GATHER_TIME;
    return is_due;
}

static void serve(struct server *s, const struct pollfd *polled, size_t polled_count, nsec_t now)
{
    bool is_pass = is_pass_due(s, now);
    for (size_t i = s->client_count; i-- > 0;) {
        struct client *c = &s->clients[i];
        short events = i < polled_count ? polled[i].revents : 0;
        bool goes_on = session_work(c->session, events, now);
        if (goes_on && (is_pass || events || c->is_behind))
            goes_on = feed(s, c, now);
        if (!goes_on)
            remove_client(s, i);
    }
}

/* --- the loop --------------------------------------------------------------------------------- */

static int patience(struct server *s, nsec_t now)
{
    nsec_t due = INT64_MAX;
    pthread_mutex_lock(&s->lock);
    if (s->gathered && s->counts.started)
        due = s->pass_due;
    if (s->is_finishing && s->end < due)
        due = s->end;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->client_count; i++) {
        const struct client *c = &s->clients[i];
        nsec_t each = c->is_behind ? now : session_due(c->session);
        due = each < due ? each : due;
    }
    if (due == INT64_MAX)
        return -1;
    nsec_t left = due <= now ? 0 : (due - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Waits: the eventfd is the first that is polled, then listeners, then clients. */
static void wait_for_events(struct server *s)
{
    size_t most = 1 + s->listener_count + s->client_count;
    s->polled = mem_grow(s->polled, &s->polled_capacity, most, sizeof(*s->polled));
    struct pollfd *p = s->polled;
    *p++ = (struct pollfd){.fd = s->wake, .events = POLLIN};
    for (size_t i = 0; i < s->listener_count; i++)
        *p++ = (struct pollfd){.fd = s->listeners[i], .events = POLLIN};
    for (size_t i = 0; i < s->client_count; i++)
        *p++ = (struct pollfd){.fd = session_descriptor(s->clients[i].session),
                               .events = session_events(s->clients[i].session)};
    if (poll(s->polled, (nfds_t)most, patience(s, s->options.now())) < 0)
        for (size_t i = 0; i < most; i++)
            s->polled[i].revents = 0;
}

/* With the lock. */
static bool is_anyone_reading(const struct server *s, nsec_t now)
{
    for (size_t i = 0; i < s->client_count; i++)
        if (s->clients[i].reads && now - s->clients[i].moved_at < STALLED)
            return true;
    return false;
}

static bool is_over(struct server *s, nsec_t now)
{
    pthread_mutex_lock(&s->lock);
    bool is_over =
        s->is_ending || (s->is_finishing && (now >= s->end || !is_anyone_reading(s, now)));
    pthread_mutex_unlock(&s->lock);
    return is_over;
}

static void *run(void *arg)
{
    struct server *s = arg;
    while (!is_over(s, s->options.now())) {
        wait_for_events(s);
        nsec_t now = s->options.now();
        size_t clients = s->client_count; /* that were polled */
        if (s->polled[0].revents) {
            uint64_t count;
            (void)!read(s->wake, &count, sizeof(count));
        }
        serve(s, s->polled + 1 + s->listener_count, clients, now);
        for (size_t i = 0; i < s->listener_count && !s->ends_soon; i++)
            if (s->polled[1 + i].revents)
                accept_some(s, s->listeners[i], now);
    }
    return NULL;
}

int server_start(struct server *s, const struct record *head, struct error *err)
{
    sigset_t all, before;
    wire_put_mar(head, s->head);
    protocol_put_stream(s->head, s->options.stream);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the program's own thread */
    int result = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    s->has_thread = !result;
    errno = result;
    return result ? error_errno(err, "a thread to serve clients") : 0;
}
