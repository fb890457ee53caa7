/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define REST_FIRST (250 * NSEC_PER_MSEC)
#define REST_MOST  (30 * NSEC_PER_SEC)

struct member {
    struct remote *remote;
    nsec_t rest; /* before the next attempt, which is twice as long each time */
    bool is_over;
};

struct reader {
    struct reader_options options;
    struct member *members;
    struct pollfd *polled; /* one a member, and the one that stops */
    size_t at;             /* the member whose records are given */
    size_t failures;
    nsec_t end;
    nsec_t tick_due;
    bool is_stopped;
};

struct reader *reader_new(const struct reader_options *options)
{
    struct reader *reader = mem_zalloc(sizeof(*reader));
    struct remote_options remote = options->remote;
    reader->options = *options;
    reader->members = mem_zalloc(options->count * sizeof(*reader->members));
    reader->polled = mem_zalloc((options->count + 1) * sizeof(*reader->polled));
    for (size_t i = 0; i < options->count; i++) {
        remote.endpoint = options->endpoints[i];
        remote.tls = remote.endpoint.is_secure ? options->tls : NULL;
        reader->members[i] = (struct member){.remote = remote_new(&remote), .rest = REST_FIRST};
    }
    reader->tick_due = options->tick_every ? options->now() + options->tick_every : INT64_MAX;
    reader->end = options->most_time ? options->now() + options->most_time : INT64_MAX;
    return reader;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->options.count; i++)
        remote_free(reader->members[i].remote);
    tls_free(reader->options.tls);
    free(reader->members);
    free(reader->polled);
    free(reader);
}

/* --- what becomes of connections -------------------------------------------------------------- */

static void note(struct reader *reader, const char *text)
{
    if (reader->options.note)
        reader->options.note(reader->options.arg, text);
}

/* Where records were lost, that is said once they are known to be. */
static void note_losses(struct reader *reader, struct remote *remote)
{
    char text[400];
    bool unknown;
    uint64_t lost = remote_take_losses(remote, &unknown);
    if (lost) {
        snprintf(text, sizeof(text),
                 "%s: %" PRIu64 " records are missing: the server no longer had them",
                 remote_name(remote), lost);
        note(reader, text);
    }
    if (unknown) {
        snprintf(text, sizeof(text),
                 "%s: the server began anew; what it had not sent before is missing",
                 remote_name(remote));
        note(reader, text);
    }
}

static void end_member(struct reader *reader, struct member *member, const struct error *err)
{
    struct error text = *err;
    const struct reader_options *o = &reader->options;
    bool in_order = !err->text[0];
    if (!o->reconnects) {
        member->is_over = true;
        reader->failures += !in_order;
    } else {
        remote_again(member->remote, o->now() + member->rest);
        error_set(&text, "%s%s; trying again in %g s",
                  in_order ? remote_name(member->remote) : err->text,
                  in_order ? ": the server closed the connection" : "",
                  (double)member->rest / (double)NSEC_PER_SEC);
        member->rest = member->rest < REST_MOST / 2 ? 2 * member->rest : REST_MOST;
    }
    if (text.text[0])
        note(reader, text.text);
}

/* --- records ---------------------------------------------------------------------------------- */

/* A record that is at hand; READER_END: there is none. */
static int take_at_hand(struct reader *reader, struct record **ret, struct error *err)
{
    for (; reader->at < reader->options.count; reader->at++) {
        struct member *member = &reader->members[reader->at];
        if (member->is_over)
            continue;
        int result = remote_next(member->remote, ret, err);
        note_losses(reader, member->remote);
        if (!result || result == REMOTE_DAMAGED) {
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
    for (size_t i = 0; i < reader->options.count; i++) {
        const struct member *member = &reader->members[i];
        if (!member->is_over && remote_due(member->remote) < due)
            due = remote_due(member->remote);
    }
    if (due == INT64_MAX)
        return -1;
    nsec_t left = due <= now ? 0 : (due - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Waits until something can be done, and does it. False when there is nothing to wait for. */
static bool wait_and_work(struct reader *reader)
{
    const struct reader_options *o = &reader->options;
    size_t open = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct member *member = &reader->members[i];
        reader->polled[i] = (struct pollfd){.fd = -1};
        if (member->is_over)
            continue;
        open++;
        reader->polled[i].fd = remote_descriptor(member->remote);
        reader->polled[i].events = remote_events(member->remote);
    }
    if (!open || o->now() >= reader->end)
        return false;
    if (o->now() >= reader->tick_due) {
        reader->tick_due = o->now() + o->tick_every;
        o->tick(o->arg);
    }
    reader->polled[o->count] = (struct pollfd){.fd = o->stop_descriptor, .events = POLLIN};
    if (poll(reader->polled, (nfds_t)o->count + 1, patience(reader, o->now())) < 0)
        return errno == EINTR;
    if (reader->polled[o->count].revents)
        return false;
    for (size_t i = 0; i < o->count; i++)
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
        reader->is_stopped = !wait_and_work(reader);
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

struct remote *reader_remote_at(const struct reader *reader, size_t index)
{
    return reader->members[index].remote;
}

size_t reader_failures(const struct reader *reader)
{
    return reader->failures;
}
