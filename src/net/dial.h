/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "net/endpoint.h"

/*
 * Dial: a TCP connection under way, which tries the addresses of a host one after the other. Only
 * looking up a name may wait; addresses are never looked up. All zeros, but descriptor -1, is none.
 */
struct dial {
    struct addrinfo *list, *next;
    int descriptor; /* -1: none */
};

enum { DIAL_WAIT = 1 };

/* Both give 0 when the connection stands, DIAL_WAIT (until the descriptor is writable) or -1. */
int dial_begin(struct dial *dial, const struct endpoint *to, struct error *err) MUST_USE;
int dial_go_on(struct dial *dial, const struct endpoint *to, struct error *err) MUST_USE;

int dial_take(struct dial *dial); /* the connected descriptor, which is the caller's from now on */
void dial_release(struct dial *dial);
