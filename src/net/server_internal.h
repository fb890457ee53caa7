/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <poll.h>
#include <pthread.h>

#include "net/backlog.h"
#include "net/journal.h"
#include "net/peers.h"
#include "net/server.h"
#include "net/session.h"
#include "net/spooler.h"
#include "record/wire.h"

/*
 * What server.c, for the producer, and the thread have in common: server_loop.c serves clients,
 * server_door.c decides who becomes one.
 */

enum {
    MOST_LISTENERS = 16,
    MOST_FILTER_BYTES = 16 * 1024,
    CHUNK = WIRE_RECORD_MAX, /* is copied at a time at most: a record may be as long */
    CHUNK_USUAL = 64 * 1024,
    ROUNDS = 16,  /* chunks for a client before the next one has its turn */
    ACCEPTS = 16, /* connections taken in a row */
    NOTES = 8,    /* lines within NOTE_TIME */
};

#define PATIENCE  (15 * NSEC_PER_SEC) /* until START */
#define NOTE_TIME (1 * NSEC_PER_SEC)

/* Records are sent when so many bytes have come together, or after so long. */
enum { GATHER_BYTES = 32 * 1024 };
#define GATHER_TIME (5 * NSEC_PER_MSEC)

/* A client that took nothing for so long is not waited for. */
#define STALLED (10 * NSEC_PER_SEC)

/* The same at an end that is to be soon, and how long that may take in all. */
#define HURRIED_STALLED (5 * NSEC_PER_SEC)
#define HURRIED_END     (30 * NSEC_PER_SEC)

/* At the end, a client that lost its connection may come back: it tries every 30 s at least. */
#define RETURN_TIME (40 * NSEC_PER_SEC)

/* How often it is looked whether the end is to be at once. */
#define LOOK_TIME (100 * NSEC_PER_MSEC)

struct client {
    struct session *session;
    struct address address; /* size 0: it has none any more */
    uint64_t number;        /* of its connection */
    struct backlog_cursor cursor;
    struct journal_reader journalled;
    bool reads;                 /* it has a cursor */
    bool is_behind;             /* there may be more for it than it took */
    struct session_counts told; /* those that are in the server's counts */
    nsec_t moved_at;            /* when the cursor moved last, or there was nothing to move to */
};

struct server {
    struct server_options options;
    struct session_options session;
    struct server_stream stream;
    int listeners[MOST_LISTENERS];
    char names[MOST_LISTENERS][SOCKET_NAME_SIZE];
    size_t listener_count;
    uint8_t head[WIRE_MAR_SIZE];
    uint8_t *encoded; /* by the producer */
    uint8_t *chunk;   /* of the thread */

    pthread_t thread;
    bool has_thread;
    int wake; /* an eventfd */
    _Atomic unsigned signs_asked, signs_given;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t moved; /* a cursor */
    struct backlog *backlog;
    struct client *clients; /* changed by the thread alone, with the lock; read by both */
    size_t client_count, client_capacity;
    size_t gathered; /* bytes that were added since the thread was woken */
    struct server_counts counts;
    struct spooler *spooler; /* NULL: there is none */
    bool is_finishing, is_ending;
    nsec_t end;     /* of finishing */
    nsec_t stalled; /* STALLED, or less */
    struct server_rules new_rules;
    bool has_new_rules;

    struct pollfd *polled; /* of the thread, as all below */
    size_t polled_capacity;
    bool ends_soon;
    size_t away; /* clients that count positions, and lost their connection */
    nsec_t return_due;
    nsec_t accept_due; /* there were no descriptors: not before this time */
    nsec_t pass_due;   /* when clients get what has gathered */
    struct server_rules rules;
    struct peers *peers;
    nsec_t note_from;
    unsigned notes;
};

/* The thread; arg is the server. */
void *server_run(void *arg);

/* Of the thread alone: connections that wait at a listener are taken, or refused. */
void server_accept(struct server *s, int listener, nsec_t now);

/* Takes other rules if there are some. */
void server_adopt(struct server *s);
void server_rules_release(struct server_rules *rules);

/* The client is over, and it is said why. */
void server_drop(struct server *s, size_t index);

/* Brings the server's counts up to date with a client's; with the lock. */
void server_count(struct server *s, struct client *client);

/* Says it, unless too much was said already. */
void server_note(struct server *s, const struct event *event);
