/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "net/endpoint.h"

/*
 * Dial: a TCP connection under way, which tries the addresses of a host one after the other. It
 * never waits, not even for a name server: a name that is still being looked up when the attempt is
 * given up is what the next attempt waits for. All zeros, but descriptor -1, is none.
 */
struct dial {
    struct lookup *lookup; /* of the host's name, under way; NULL: none */
    struct addrinfo *list, *next;
    int descriptor; /* of a connection; -1: none */
};

enum { DIAL_WAIT = 1 };

/* Both give 0 when the connection stands, DIAL_WAIT (see dial_descriptor) or -1. */
int dial_begin(struct dial *dial, const struct endpoint *to, struct error *err) MUST_USE;
int dial_go_on(struct dial *dial, const struct endpoint *to, struct error *err) MUST_USE;

int dial_descriptor(const struct dial *dial); /* to be waited for; -1: nothing */
short dial_events(const struct dial *dial);
bool dial_awaits_name(const struct dial *dial);

int dial_take(struct dial *dial); /* the connected descriptor, which is the caller's from now on */
void dial_give_up(struct dial *dial); /* the attempt; another one may begin */
void dial_release(struct dial *dial);
