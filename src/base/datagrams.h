/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Datagrams: pieces of bytes that go to a host, or a group of hosts, by UDP, each as one datagram.
 * Nobody says whether they arrive. Those that could not even be sent are counted.
 */
struct datagrams;

/* True of "argus-udp://host[:port]" and "udp://host[:port]". */
bool datagrams_are_named(const char *name);

/* Such a name; the host may be an address of IPv6 in brackets. */
int datagrams_open(struct datagrams **ret, const char *name, struct error *err) MUST_USE;

void datagrams_send(struct datagrams *datagrams, const void *bytes, size_t size);

/* -1 if some could not be sent, with how many and why. */
int datagrams_check(const struct datagrams *datagrams, struct error *err) MUST_USE;

void datagrams_close(struct datagrams *datagrams); /* frees it; NULL is fine */
