/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/address.h"
#include "base/error.h"

/* Sockets of streams: none of them waits. */

/* The error that the system keeps for the socket, or 0. */
int socket_take_error(int descriptor);

/*
 * What each connection of ours has: small records are sent at once, and a peer whose machine or
 * line is gone is noticed, though nobody says so: within half a minute if there is nothing to be
 * sent to it, else when it has taken nothing for `unheard_msec`.
 */
void socket_tune(int descriptor, int unheard_msec);

/* Bytes read or written; SOCKET_WAIT: not now; SOCKET_END: the peer closed; -1: errno. */
enum { SOCKET_END = -2, SOCKET_WAIT = -3 };
ssize_t socket_read(int descriptor, void *to, size_t size);
ssize_t socket_write(int descriptor, const void *from, size_t size);

/* Listens on an address (a name or a number; NULL: loopback) and port (0: any that is free). */
int socket_listen(int *ret, const char *address, uint16_t port, struct error *err) MUST_USE;

/* "address:port" of our end or of the peer's; text has at least SOCKET_NAME_SIZE bytes. */
enum { SOCKET_NAME_SIZE = 80 };
void socket_name(int descriptor, char *text);
void socket_peer_name(int descriptor, char *text);

/* The peer's address; one of IPv4 that comes as one of IPv6 is one of IPv4. False: it has none. */
bool socket_peer_address(int descriptor, struct address *ret);
