/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netdb.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Lookup: the addresses of a host, found out by a thread of its own, since the system's resolver
 * waits: for half a minute and more if no name server answers. Addresses are no names, and are
 * there at once.
 */
struct lookup;

/* As getaddrinfo. */
typedef int lookup_resolve(const char *host, const char *port, const struct addrinfo *wanted,
                           struct addrinfo **ret);

/* 0: the addresses are there. LOOKUP_WAIT: *ret is under way. -1: they cannot be had. */
enum { LOOKUP_WAIT = 1 };
int lookup_begin(struct lookup **ret, struct addrinfo **ret_list, const char *host, uint16_t port,
                 struct error *err) MUST_USE;

/* The same by another resolver, and of any host. */
int lookup_begin_by(struct lookup **ret, lookup_resolve *resolve, const char *host, uint16_t port,
                    struct error *err) MUST_USE;

int lookup_descriptor(const struct lookup *lookup); /* can be read when it is over */

/* As lookup_begin. The list is the caller's, to be freed with freeaddrinfo. */
int lookup_take(struct lookup *lookup, struct addrinfo **ret_list, struct error *err) MUST_USE;

/* Who waits for it no longer need not: what comes of it then is thrown away. NULL is fine. */
void lookup_free(struct lookup *lookup);
