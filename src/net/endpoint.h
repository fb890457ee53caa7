/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Endpoint: where a stream of records is to be had, as users write it after -S. */
enum { ENDPOINT_PORT = 561, ENDPOINT_HOST_MOST = 255 };
enum { ENDPOINT_NAME_SIZE = ENDPOINT_HOST_MOST + 16 };

struct endpoint {
    char host[ENDPOINT_HOST_MOST + 1]; /* a name or an address, without brackets */
    uint16_t port;
    bool is_secure;                /* argus-tls:// */
    char name[ENDPOINT_NAME_SIZE]; /* "host:port", for messages */
};

/*
 * "host", "host:port", "[address]:port", with or without "argus://", "argus-tcp://" or, for TLS,
 * "argus-tls://" in front.
 * What Argus knows besides (other schemes, users, paths) is an error that says so.
 */
int endpoint_parse(struct endpoint *ret, const char *text, uint16_t default_port,
                   struct error *err) MUST_USE;
