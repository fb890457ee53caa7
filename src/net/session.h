/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"
#include "filter/filter.h"
#include "net/access.h"
#include "net/protocol.h"
#include "net/socket.h"
#include "net/tls.h"

/*
 * Session: what a server says to one client, as a machine of states that never waits. Its owner
 * waits for its socket, lets it work, and gives it records while it has room. A client that says
 * nothing, or something else than the protocol's words, is given up.
 */
struct session;

struct session_options {
    const uint8_t *head;              /* the start record, WIRE_MAR_SIZE bytes, borrowed */
    const struct filter_names *names; /* for clients' filters; NULL: no names */
    const struct tls *tls;            /* NULL: in the clear */
    const struct access *access;      /* NULL: everybody is served, and may see everything */
    uint64_t stream;
    size_t most_filter_bytes;
    nsec_t patience;      /* for the client to say START */
    nsec_t mar_interval;  /* silence after which a management record is sent; 0: none */
    nsec_t (*wall)(void); /* the time of day, for such records */
};

/* `options` outlives the session. What access says may change: call session_decide then. */
struct session *session_new(int descriptor, const struct session_options *options,
                            nsec_t now) MUST_USE;
void session_free(struct session *session); /* hangs up; NULL is fine */

short session_events(const struct session *session);
nsec_t session_due(const struct session *session);

/*
 * Reads commands and sends what is ready. True while the session goes on; false when it is over:
 * session_why then says why.
 */
bool session_work(struct session *session, short events, nsec_t now);
const char *session_why(const struct session *session);

bool session_has_started(const struct session *session);
bool session_is_denied(const struct session *session);   /* over, as access has it */
unsigned session_rule(const struct session *session);    /* its line in the access rules, or 0 */
const char *session_name(const struct session *session); /* "address:port" of the client */
int session_descriptor(const struct session *session);

/* True if the client goes on where it stopped, in this stream or another one. */
bool session_wants_place(const struct session *session, struct protocol_place *ret);

/* What access says now is so from now on. False: the session is over. */
bool session_decide(struct session *session);

/*
 * To be called when it has started: the first record that is given will be this one. A client that
 * counts positions is told at once, so that it knows where to go on before anything has come.
 */
void session_begin(struct session *session, uint64_t position);

/* True if the system did not take all yet that was given. */
bool session_has_unsent(const struct session *session);

/* True if it takes more: it has started, and does not wait for the client to read. */
bool session_has_room(const struct session *session);

/*
 * Records for the client, whole ones of the stream: those that its filter lets pass are sent when
 * it works next. `position` is that of the first one.
 */
void session_give(struct session *session, struct view records, uint64_t position, nsec_t now);

/* Tells the client that `count` records in front of `position` are lost for it. */
void session_tell_loss(struct session *session, uint64_t count, uint64_t position, nsec_t now);

/*
 * No more is given: it is over when all is sent, or, of a client that counts positions, when that
 * says DONE, by which it has all.
 */
void session_finish(struct session *session);

/* Of a session that is over: the client counts positions, and did not say that it is done. */
bool session_may_return(const struct session *session);

struct session_counts {
    uint64_t records, bytes, lost; /* sent; lost for this client */
};
const struct session_counts *session_counts(const struct session *session);
