/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "net/socket.h"
#include "net/tls.h"

/*
 * Channel: a connection that never waits, in the clear or by TLS, of which both sides are sure who
 * the other one is before anything is read. Reading and writing give what socket_read and
 * socket_write give; channel_error says why they failed.
 */
struct channel {
    int descriptor;        /* -1: none */
    struct ssl_st *secure; /* NULL: in the clear */
    bool wants_write;      /* reading has to wait until something can be sent */
    bool has_failed;
    char why[96];
};

#define CHANNEL_NONE ((struct channel){.descriptor = -1})

/*
 * Takes the descriptor. `tls` NULL: in the clear. `host` is whom the certificate must name, of the
 * client's side; NULL: this is the server's side.
 */
void channel_open(struct channel *channel, int descriptor, const struct tls *tls, const char *host);
void channel_close(struct channel *channel);

/* Both sides get sure of each other: 0, SOCKET_WAIT or -1. Reading and writing do it, too. */
ssize_t channel_greet(struct channel *channel);

/* What the other side has shown and we believe; NULL: nothing. Of OpenSSL, and of the channel. */
struct x509_st *channel_certificate(const struct channel *channel);

ssize_t channel_read(struct channel *channel, void *to, size_t size);
ssize_t channel_write(struct channel *channel, const void *from, size_t size);
void channel_shut(struct channel *channel); /* nothing more is written */

/* What could not be done waits for room; by TLS it may wait for what the other side says. */
bool channel_awaits_room(const struct channel *channel);

/* There is more to be read, and poll does not know of it. */
bool channel_has_more(const struct channel *channel);
const char *channel_error(const struct channel *channel);
