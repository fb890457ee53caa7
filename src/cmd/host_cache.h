/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Names of hosts by their addresses, as the system's resolver knows them, each asked for once. What
 * is kept is bounded: when it is full, all of it is forgotten. A resolver that does not answer is
 * given up after a few tries, with a warning, because each of them takes seconds.
 */
struct host_cache;

struct host_cache *host_cache_new(void);
void host_cache_free(struct host_cache *cache); /* NULL is fine */

/* The name of an address of 4 or 16 bytes, or NULL; valid until the next call. */
const char *host_cache_name(void *cache, const uint8_t *address, unsigned size);
