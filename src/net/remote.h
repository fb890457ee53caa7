/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/endpoint.h"
#include "net/protocol.h"
#include "net/tls.h"
#include "record/record.h"

/*
 * Remote: one server whose records are read, as a machine of states that never waits. Its owner
 * waits for the descriptor or the time that it names, lets it work, and takes records:
 *
 *     remote_work(r, what poll said, now);
 *     while ((result = remote_next(r, &record, err)) == 0 || result == REMOTE_DAMAGED) ...
 *     if (result == REMOTE_OVER) ... remote_again(r, when) or an end
 *
 * Whatever the peer sends, it takes no more memory than a record needs. Peers that send nothing
 * are given up: in the dialogue after REMOTE_PATIENCE, later after twice the interval of
 * management records that they promise. Times are of any clock that never goes back.
 */
struct remote;

struct remote_options {
    struct endpoint endpoint;
    const char *filter;    /* that the server is asked to apply; NULL: none. Borrowed */
    bool filter_for_all;   /* by servers of other make, too */
    bool counts_positions; /* to go on after a lost connection without gap or repetition */
    bool only_polls;       /* the start record is all that is wanted */
    const struct tls *tls; /* of endpoints that want it; else NULL. Borrowed */
};

#define REMOTE_PATIENCE (10 * NSEC_PER_SEC)

struct remote *remote_new(const struct remote_options *options) MUST_USE;
void remote_free(struct remote *remote); /* tells the server that we have all; NULL is fine */

/* Hangs up without a word, so that the server does not take for kept what came. */
void remote_abandon(struct remote *remote);

/* Takes a descriptor, which must not wait, for a connection that has just been made. */
void remote_attach(struct remote *remote, int descriptor, nsec_t now);

/* What to wait for: -1 and 0 if it is only time, which may be INT64_MAX. */
int remote_descriptor(const struct remote *remote);
short remote_events(const struct remote *remote);
nsec_t remote_due(const struct remote *remote);

void remote_work(struct remote *remote, short events, nsec_t now);

/*
 * 0: a record, valid until the next call. REMOTE_DAMAGED: the same, with a block that err says is
 * damaged. REMOTE_NONE: none now. REMOTE_OVER: the connection is gone; err says why, or is empty
 * when the server closed it in good order.
 */
enum { REMOTE_NONE = 1, REMOTE_OVER = 2, REMOTE_DAMAGED = 3 };
int remote_next(struct remote *remote, struct record **ret, struct error *err);

bool remote_is_head(const struct remote *remote);     /* the record given last is a start record */
bool remote_was_reached(const struct remote *remote); /* it ever gave its start record */
const char *remote_name(const struct remote *remote);

/* After REMOTE_OVER: connects again at the time `when`. */
void remote_again(struct remote *remote, nsec_t when);

/*
 * Records that the server says it lost for this client since the last call. *ret_unknown: and an
 * unknown number, because the server began a new stream.
 */
uint64_t remote_take_losses(struct remote *remote, bool *ret_unknown);

/* Where the record given last stands in the server's stream; false if it is none of it. */
bool remote_get_place(const struct remote *remote, struct protocol_place *ret);

/* Goes on at this place. */
void remote_set_place(struct remote *remote, const struct protocol_place *place);
