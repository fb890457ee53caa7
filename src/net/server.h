/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/event.h"
#include "filter/filter.h"
#include "record/record.h"

/*
 * Server: records for any number of clients over TCP, by a thread of its own. Who produces the
 * records is never kept waiting: they go to a backlog of fixed size, from which each client is
 * served as fast as it reads, through a filter of its own. What a client is too slow for is lost
 * for it alone, oldest first, counted, and told to it in a management record where the gap is.
 *
 *     server_new        listens; privileges may be dropped then
 *     server_start      begins to serve
 *     server_add        for each record
 *     server_finish     sends what there still is, and ends the thread
 *
 * Memory: the backlog, and for each client its socket, a filter, and what is being sent: up to
 * 256 KiB, while it catches up from a journal or gets a long record 640 KiB.
 */
struct server;
struct journal;
struct access;
struct tls;

/* What may change while clients are served. What it points at is taken by whom it is given to. */
struct server_rules {
    size_t most_clients;      /* who comes then is refused */
    unsigned connection_rate; /* of each address, see net/peers.h; 0: any */
    struct access *access;    /* who is served, and may see what; NULL: everybody, everything */
    struct tls *tls;          /* NULL: in the clear */
};

struct server_options {
    const char *const *addresses; /* to listen on; none: loopback */
    size_t address_count;
    uint16_t port; /* 0: any that is free */
    size_t backlog_bytes;
    struct server_rules rules;
    uint64_t seed;       /* that outsiders do not know */
    nsec_t mar_interval; /* of silence, after which a management record is sent; 0: none */
    const struct filter_names *names;
    bool waits;           /* for clients that read, instead of losing records: not for live data */
    nsec_t (*now)(void);  /* CLOCK_MONOTONIC */
    nsec_t (*wall)(void); /* the time of day */
    /* Called by threads with what became of a client or a journal; a few in a second at most. */
    void (*note)(void *arg, const struct event *event);
    void *arg;
};

int server_new(struct server **ret, const struct server_options *options,
               struct error *err) MUST_USE;
void server_free(struct server *server); /* ends the thread at once; NULL is fine */

/* "address:port" of each listener; NULL behind the last one. */
const char *server_listener(const struct server *server, size_t index);

struct server_stream {
    uint64_t number;         /* that no stream had before */
    uint64_t position;       /* of the first record that is added */
    struct journal *journal; /* has all that is added, before it is; NULL: none. Borrowed */
    bool spools; /* the server itself writes the journal, as fast as that takes: net/spooler.h */
};

/* `head`: the start record that clients get. */
int server_start(struct server *server, const struct record *head,
                 const struct server_stream *stream, struct error *err) MUST_USE;

/*
 * Other rules from now on. Clients that they deny are cut off, and what others see is what the
 * rules now say; that they are too many, or came by another certificate, changes nothing for them.
 */
void server_change(struct server *server, const struct server_rules *rules);

void server_add(struct server *server, const struct record *r);
void server_add_bytes(struct server *server, struct view record);

/*
 * Does the thread do its work? Asks it for a sign of life, which takes no more than a turn of its
 * loop, and is true if it has given those that it was asked for before. For the producer alone.
 */
bool server_is_alive(struct server *server);

/*
 * Clients get what they still lack, until stop() is not 0 (NULL: it never is); then the connections
 * are closed. Who takes nothing for 10 s is not waited for; when in a hurry, for 5 s, and nobody
 * for more than 30 s. That clients were cut off, and what they lack, is an event.
 */
void server_finish(struct server *server, bool is_hurried, int (*stop)(void));

/* Why a connection came to nothing. */
enum server_refusal {
    SERVER_REFUSED_ACCESS,  /* it is not allowed */
    SERVER_REFUSED_RATE,    /* connections come too fast */
    SERVER_REFUSED_CLIENTS, /* there are as many as may be */
    SERVER_REFUSED_SPEECH,  /* it ended before it said what it wants, or said it wrong */
    SERVER_REFUSALS,
};

struct server_counts {
    uint64_t records;  /* added */
    uint64_t accepted; /* connections */
    uint64_t refused[SERVER_REFUSALS];
    uint64_t served;                                 /* clients that ever said START */
    size_t clients, started;                         /* now; those that have said START */
    uint64_t sent_records, sent_bytes, lost_records; /* of all clients, also of those gone */
    uint64_t spool_queue, spool_missed; /* to be written to the journal; that it never got */
};
void server_get_counts(struct server *server, struct server_counts *ret);

struct server_client {
    const char *name;       /* "address:port" */
    uint64_t queue_records; /* that were added, and that it has not got yet */
    uint64_t sent_records, lost_records;
};

/* Calls each() for each client; records that are added wait as long as that takes. */
void server_each_client(struct server *server,
                        void (*each)(void *arg, const struct server_client *client), void *arg);
