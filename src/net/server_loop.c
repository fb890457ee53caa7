/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server_internal.h"

#include <unistd.h>

#include "base/mem.h"

/* --- serving ---------------------------------------------------------------------------------- */

/* With the lock. The journal goes further back than the backlog. */
static void find_place(struct server *s, struct client *c, uint64_t position)
{
    if (position < backlog_first(s->backlog).position)
        c->cursor = (struct backlog_cursor){.position = position};
    else
        c->cursor = backlog_find(s->backlog, position);
}

static void note_connected(struct server *s, const struct session *session)
{
    const unsigned rule = session_rule(session);
    server_note(s, &(struct event){
                       EVENT_INFO,
                       "client-connected",
                       rule ? "client {peer}: connected, by line {rule} of the access "
                              "rules"
                            : "client {peer}: connected",
                       {event_text("peer", session_name(session)), event_number("rule", rule)}});
}

/* Where the client begins: behind all that there is, or where it says that it stopped. */
static void begin_client(struct server *s, struct client *c, nsec_t now)
{
    struct protocol_place place;
    uint64_t position;
    bool goes_on = session_wants_place(c->session, &place);
    s->away -= goes_on && s->away;
    if (goes_on && s->stream.journal)
        goes_on = journal_resume(s->stream.journal, &place, &position);
    else if (goes_on) {
        goes_on = place.stream == s->stream.number;
        position = place.position;
    }
    pthread_mutex_lock(&s->lock);
    c->cursor = backlog_next(s->backlog);
    if (goes_on)
        find_place(s, c, position);
    session_begin(c->session, c->cursor.position);
    c->reads = true;
    c->moved_at = now;
    s->counts.started++;
    s->counts.served++;
    pthread_mutex_unlock(&s->lock);
    note_connected(s, c->session);
}

struct chunk {
    struct view records;
    uint64_t position, lost; /* of the first record; in front of it */
};

/* What the backlog no longer has. False if the journal does not have it either. */
static bool take_journalled(struct server *s, struct client *c, struct chunk *ret)
{
    struct journal_piece piece = {.to = s->chunk, .most = CHUNK};
    if (journal_read(s->stream.journal, &c->journalled, c->cursor.position, &piece) || !piece.size)
        return false;
    ret->records = (struct view){s->chunk, piece.size};
    ret->lost = piece.lost;
    ret->position = c->cursor.position + piece.lost;
    pthread_mutex_lock(&s->lock);
    find_place(s, c, ret->position + piece.count);
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* A chunk of what the client lacks, which is empty if there is nothing. */
static void take_chunk(struct server *s, struct client *c, nsec_t now, struct chunk *ret)
{
    pthread_mutex_lock(&s->lock);
    bool is_journalled =
        s->stream.journal && c->cursor.position < backlog_first(s->backlog).position;
    pthread_mutex_unlock(&s->lock);
    bool is_taken = is_journalled && take_journalled(s, c, ret);
    pthread_mutex_lock(&s->lock);
    if (!is_taken) {
        uint64_t before = c->cursor.position, more_lost;
        size_t size = backlog_copy(s->backlog, &c->cursor, s->chunk, CHUNK_USUAL, &ret->lost);
        if (!size) /* there is nothing, or a record that is larger */
            size = backlog_copy(s->backlog, &c->cursor, s->chunk, CHUNK, &more_lost);
        *ret = (struct chunk){{s->chunk, size}, before + ret->lost, ret->lost};
    }
    if (ret->records.size || !s->ends_soon)
        c->moved_at = now;
    server_count(s, c);
    pthread_cond_signal(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

static bool awaits_return(const struct server *s, nsec_t now)
{
    return s->away && now < s->return_due;
}

/* Gives a client what it takes. False if the session is over. */
static bool feed(struct server *s, struct client *c, nsec_t now)
{
    if (!c->reads && session_has_started(c->session))
        begin_client(s, c, now);
    c->is_behind = false;
    if (!c->reads && s->ends_soon && !awaits_return(s, now)) /* it comes too late */
        session_finish(c->session);
    if (!c->reads)
        return session_work(c->session, 0, now);
    for (unsigned round = 0; session_has_room(c->session); round++) {
        struct chunk chunk;
        c->is_behind = round == ROUNDS;
        if (c->is_behind)
            return true;
        take_chunk(s, c, now, &chunk);
        if (chunk.lost)
            session_tell_loss(c->session, chunk.lost, chunk.position, now);
        if (!chunk.records.size && s->ends_soon)
            session_finish(c->session);
        session_give(c->session, chunk.records, chunk.position, now);
        if (!session_work(c->session, 0, now))
            return false;
        if (!chunk.records.size)
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
            server_drop(s, i);
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
    if (s->is_finishing && awaits_return(s, now) && s->return_due < due)
        due = s->return_due;
    for (size_t i = 0; s->is_finishing && i < s->client_count; i++)
        if (s->clients[i].reads && s->clients[i].moved_at + s->stalled < due)
            due = s->clients[i].moved_at + s->stalled;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->client_count; i++) {
        const struct client *c = &s->clients[i];
        nsec_t each = c->is_behind ? now : session_due(c->session);
        due = each < due ? each : due;
    }
    if (s->accept_due > now && s->accept_due < due)
        due = s->accept_due;
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
    const nsec_t now = s->options.now();
    const bool accepts = now >= s->accept_due;
    *p++ = (struct pollfd){.fd = s->wake, .events = POLLIN};
    for (size_t i = 0; i < s->listener_count; i++)
        *p++ = (struct pollfd){.fd = accepts ? s->listeners[i] : -1, .events = POLLIN};
    for (size_t i = 0; i < s->client_count; i++)
        *p++ = (struct pollfd){.fd = session_descriptor(s->clients[i].session),
                               .events = session_events(s->clients[i].session)};
    if (poll(s->polled, (nfds_t)most, patience(s, now)) < 0)
        for (size_t i = 0; i < most; i++)
            s->polled[i].revents = 0;
}

/* With the lock. */
static bool is_anyone_reading(const struct server *s, nsec_t now)
{
    for (size_t i = 0; i < s->client_count; i++)
        if (s->clients[i].reads && now - s->clients[i].moved_at < s->stalled)
            return true;
    return false;
}

static bool is_over(struct server *s, nsec_t now)
{
    pthread_mutex_lock(&s->lock);
    bool is_idle = !is_anyone_reading(s, now) && !awaits_return(s, now);
    bool is_over = s->is_ending || (s->is_finishing && (now >= s->end || is_idle));
    pthread_mutex_unlock(&s->lock);
    return is_over;
}

/* Who has not got all when it is over. What the system has taken, it delivers to who reads on. */
static void tell_of_clients_cut_off(struct server *s)
{
    uint64_t clients = 0, most = 0;
    pthread_mutex_lock(&s->lock);
    const uint64_t next = backlog_next(s->backlog).position;
    for (size_t i = 0; s->is_finishing && i < s->client_count; i++) {
        const struct client *c = &s->clients[i];
        const uint64_t behind = next - c->cursor.position;
        if (c->reads && (behind || session_has_unsent(c->session))) {
            clients++;
            most = behind > most ? behind : most;
        }
    }
    pthread_mutex_unlock(&s->lock);
    if (!clients)
        return;
    s->notes = 0; /* this one is said in any case */
    server_note(s,
                &(struct event){EVENT_WARNING,
                                "clients-cut-off",
                                "clients: {clients} cut off at the end, the slowest before its "
                                "last {records} records",
                                {event_number("clients", clients), event_number("records", most)}});
}

void *server_run(void *arg)
{
    struct server *s = arg;
    while (!is_over(s, s->options.now())) {
        server_adopt(s);
        s->signs_given = s->signs_asked;
        wait_for_events(s);
        nsec_t now = s->options.now();
        size_t clients = s->client_count; /* that were polled */
        if (s->polled[0].revents) {
            uint64_t count;
            (void)!read(s->wake, &count, sizeof(count));
        }
        serve(s, s->polled + 1 + s->listener_count, clients, now);
        for (size_t i = 0; i < s->listener_count; i++)
            if (s->polled[1 + i].revents)
                server_accept(s, s->listeners[i], now);
    }
    tell_of_clients_cut_off(s);
    return NULL;
}
