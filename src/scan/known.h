/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/error.h"
#include "scan/address_key.h"

/*
 * Known services: a file of endpoints that were seen to answer, sorted, one a line:
 *
 *     10.0.0.5 6 22 1700000000.123456789
 *
 * address, protocol, port (of ICMP: the type of the request), and when it was first seen to answer.
 * Lines that begin with # are comments. The file is read and written anew at once, and the new one
 * takes the place of the old one in one step when it is whole.
 */
enum { ENDPOINT_KEY = ADDRESS_KEY + 3 };

struct scan_endpoint {
    uint8_t key[ENDPOINT_KEY]; /* address, protocol, port: sorts as they do */
    nsec_t first;
};

static inline void scan_endpoint_put(struct scan_endpoint *endpoint, const uint8_t *address,
                                     uint8_t protocol, uint16_t port)
{
    memcpy(endpoint->key, address, ADDRESS_KEY);
    endpoint->key[ADDRESS_KEY] = protocol;
    endpoint->key[ADDRESS_KEY + 1] = (uint8_t)(port >> 8);
    endpoint->key[ADDRESS_KEY + 2] = (uint8_t)port;
}

struct known;

/* A file that is not there is an empty one. Its folder must be there. */
int known_open(struct known **ret, const char *path, struct error *err) MUST_USE;

/* Closes both, and leaves the old file as it was. NULL is fine. */
void known_abandon(struct known *known);

/*
 * Adds an endpoint, which must be above those that were added before; *ret_known says whether the
 * old file has it. What the old file has before it, goes to the new one, too.
 */
int known_add(struct known *known, const struct scan_endpoint *endpoint, bool *ret_known,
              struct error *err) MUST_USE;

/* Behind the last endpoint: the rest of the file. */
int known_finish(struct known *known, struct error *err) MUST_USE;

/*
 * Puts the new file in the place of the old one, and frees. An error if somebody else, who has
 * begun with the same old file, was faster: what they found would be lost.
 */
int known_commit(struct known *known, struct error *err) MUST_USE;
