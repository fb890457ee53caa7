/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define REST_FIRST (250 * NSEC_PER_MSEC)
#define REST_MOST  (30 * NSEC_PER_SEC)

struct member {
    struct remote *remote;
    struct endpoint endpoint;
    struct reader_source counts; /* but for its name */
    nsec_t rest;                 /* before the next attempt, which is twice as long each time */
    bool is_over;
    bool is_lost; /* its connection, and nothing has come since */
};

struct reader {
    struct reader_options options;
    struct member *members;
    size_t count, capacity;
    struct pollfd *polled; /* one a member, the one that stops, and the one that wakes */
    size_t polled_capacity;
    size_t at; /* the member whose records are given */
    size_t failures;
    nsec_t end;
    nsec_t tick_due;
    bool is_stopped;
};

struct remote *reader_add(struct reader *reader, const struct endpoint *endpoint)
{
    struct remote_options remote = reader->options.remote;
    remote.endpoint = *endpoint;
    remote.tls = endpoint->is_secure ? reader->options.tls : NULL;
    reader->members =
        mem_grow(reader->members, &reader->capacity, reader->count + 1, sizeof(*reader->members));
    struct member *member = &reader->members[reader->count++];
    *member =
        (struct member){.remote = remote_new(&remote), .endpoint = *endpoint, .rest = REST_FIRST};
    return member->remote;
}

void reader_remove(struct reader *reader, size_t index)
{
    struct member *member = &reader->members[index];
    remote_free(member->remote);
    reader->count--;
    memmove(member, member + 1, (reader->count - index) * sizeof(*member));
}

void reader_set_tls(struct reader *reader, struct tls *tls)
{
    if (!tls)
        return;
    if (reader->options.tls)
        tls_replace(reader->options.tls, tls);
    else
        reader->options.tls = tls;
}

struct reader *reader_new(const struct reader_options *options)
{
    struct reader *reader = mem_zalloc(sizeof(*reader));
    reader->options = *options;
    for (size_t i = 0; i < options->count; i++)
        reader_add(reader, &options->endpoints[i]);
    reader->tick_due = options->tick_every ? options->now() + options->tick_every : INT64_MAX;
    reader->end = options->most_time ? options->now() + options->most_time : INT64_MAX;
    return reader;
}

void reader_abandon(struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        remote_abandon(reader->members[i].remote);
    reader->is_stopped = true;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->count; i++)
        remote_free(reader->members[i].remote);
    tls_free(reader->options.tls);
    free(reader->members);
    free(reader->polled);
    free(reader);
}

size_t reader_count(const struct reader *reader)
{
    return reader->count;
}

const struct endpoint *reader_endpoint(const struct reader *reader, size_t index)
{
    return &reader->members[index].endpoint;
}

/* --- what becomes of connections -------------------------------------------------------------- */

static void note(struct reader *reader, const struct event *event)
{
    if (reader->options.note)
        reader->options.note(reader->options.arg, event);
}

/* Where records were lost, that is said once they are known to be. */
static void note_losses(struct reader *reader, struct member *member)
{
    bool unknown;
    struct remote *remote = member->remote;
    uint64_t lost = remote_take_losses(remote, &unknown);
    member->counts.missing += lost;
    member->counts.gaps += (lost > 0) + unknown;
    const struct event_field source = event_text("source", remote_name(remote));
    if (lost)
        note(reader,
             &(struct event){EVENT_WARNING,
                             "records-missing",
                             "{source}: {records} records are missing: the server no longer had "
                             "them",
                             {source, event_number("records", lost)}});
    if (unknown)
        note(reader, &(struct event){EVENT_WARNING,
                                     "source-new",
                                     "{source}: the server began anew; what it had not sent "
                                     "before is missing",
                                     {source}});
}

/* The connection is to be made again. `reason` is empty if the server closed it in good order. */
static void note_again(struct reader *reader, struct member *member, const char *reason)
{
    char delay[24];
    const char *name = remote_name(member->remote);
    const bool in_order = !*reason;
    const size_t size = strlen(name);
    snprintf(delay, sizeof(delay), "%g", (double)member->rest / (double)NSEC_PER_SEC);
    if (!strncmp(reason, name, size) && !strncmp(reason + size, ": ", 2))
        reason += size + 2;
    note(reader, &(struct event){
                     in_order ? EVENT_NOTICE : EVENT_WARNING,
                     "source-lost",
                     "{source}: {reason}; trying again in {delay} s",
                     {event_text("source", name),
                      event_text("reason", in_order ? "the server closed the connection" : reason),
                      event_text("delay", delay)}});
}

static void note_return(struct reader *reader, struct member *member)
{
    if (member->is_lost)
        note(reader, &(struct event){EVENT_INFO,
                                     "source-again",
                                     "{source}: connected again",
                                     {event_text("source", remote_name(member->remote))}});
    member->is_lost = false;
}

static void end_member(struct reader *reader, struct member *member, const struct error *err)
{
    const struct reader_options *o = &reader->options;
    bool in_order = !err->text[0];
    member->counts.is_connected = false;
    if (o->reconnects) {
        remote_again(member->remote, o->now() + member->rest);
        note_again(reader, member, err->text);
        member->rest = member->rest < REST_MOST / 2 ? 2 * member->rest : REST_MOST;
        member->is_lost = true;
        return;
    }
    member->is_over = true;
    reader->failures += !in_order;
    if (!in_order)
        note(reader, &(struct event){EVENT_ERROR,
                                     "source-failed",
                                     "{reason}",
                                     {event_text("source", remote_name(member->remote)),
                                      event_text("reason", err->text)}});
}

/* --- records ---------------------------------------------------------------------------------- */

static void count(struct member *member, const struct record *r, bool is_damaged)
{
    struct reader_source *counts = &member->counts;
    const nsec_t time = r->type == RECORD_MAR ? r->mar.now : record_last(r);
    counts->connections += remote_is_head(member->remote);
    counts->is_connected = true;
    counts->records++;
    counts->bytes += r->wire.size;
    counts->damaged += is_damaged;
    counts->newest = time > counts->newest ? time : counts->newest;
}

/* A record that is at hand; READER_END: there is none. */
static int take_at_hand(struct reader *reader, struct record **ret, struct error *err)
{
    for (; reader->at < reader->count; reader->at++) {
        struct member *member = &reader->members[reader->at];
        if (member->is_over)
            continue;
        int result = remote_next(member->remote, ret, err);
        note_losses(reader, member);
        if (!result || result == REMOTE_DAMAGED) {
            note_return(reader, member);
            count(member, *ret, result == REMOTE_DAMAGED);
            if (!remote_is_head(member->remote))
                member->rest = REST_FIRST;
            return result ? READER_DAMAGED : 0;
        }
        if (result == REMOTE_OVER)
            end_member(reader, member, err);
    }
    return READER_END;
}

/* How long to wait, in milliseconds as poll wants it. */
static int patience(const struct reader *reader, nsec_t now)
{
    nsec_t due = reader->end < reader->tick_due ? reader->end : reader->tick_due;
    for (size_t i = 0; i < reader->count; i++) {
        const struct member *member = &reader->members[i];
        if (!member->is_over && remote_due(member->remote) < due)
            due = remote_due(member->remote);
    }
    if (due == INT64_MAX)
        return -1;
    nsec_t left = due <= now ? 0 : (due - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* What is waited for: all connections, and behind them those who stop and wake. Those that are
 * open. */
static size_t fill_polled(struct reader *reader)
{
    size_t open = 0;
    reader->polled = mem_grow(reader->polled, &reader->polled_capacity, reader->count + 2,
                              sizeof(*reader->polled));
    struct pollfd *polled = reader->polled;
    for (size_t i = 0; i < reader->count; i++, polled++) {
        const struct member *member = &reader->members[i];
        *polled = (struct pollfd){.fd = -1};
        if (member->is_over)
            continue;
        open++;
        polled->fd = remote_descriptor(member->remote);
        polled->events = remote_events(member->remote);
    }
    *polled++ = (struct pollfd){.fd = reader->options.stop_descriptor, .events = POLLIN};
    *polled = (struct pollfd){.fd = reader->options.wake_descriptor, .events = POLLIN};
    return open;
}

/* Waits until something can be done, and does it. False when there is nothing to wait for. */
static bool wait_and_work(struct reader *reader)
{
    const struct reader_options *o = &reader->options;
    if (!fill_polled(reader) || o->now() >= reader->end)
        return false;
    if (o->now() >= reader->tick_due) {
        reader->tick_due = o->now() + o->tick_every;
        o->tick(o->arg);
    }
    if (reader->is_stopped)
        return false;
    if (poll(reader->polled, (nfds_t)reader->count + 2, patience(reader, o->now())) < 0)
        return errno == EINTR;
    if (reader->polled[reader->count].revents)
        return false;
    for (size_t i = 0; i < reader->count; i++)
        if (!reader->members[i].is_over)
            remote_work(reader->members[i].remote, reader->polled[i].revents, o->now());
    return true;
}

int reader_next(struct reader *reader, struct record **ret, struct error *err)
{
    while (!reader->is_stopped) {
        int result = take_at_hand(reader, ret, err);
        if (result != READER_END)
            return result;
        reader->at = 0;
        if (reader->options.before_wait)
            reader->options.before_wait(reader->options.arg);
        reader->is_stopped = reader->is_stopped || !wait_and_work(reader);
    }
    return READER_END;
}

bool reader_is_head(const struct reader *reader)
{
    return remote_is_head(reader->members[reader->at].remote);
}

struct remote *reader_remote(const struct reader *reader)
{
    return reader->members[reader->at].remote;
}

void reader_get_source(const struct reader *reader, size_t index, struct reader_source *ret)
{
    const struct member *member = &reader->members[index];
    *ret = member->counts;
    memcpy(ret->name, member->endpoint.name, sizeof(ret->name));
}

size_t reader_failures(const struct reader *reader)
{
    return reader->failures;
}
