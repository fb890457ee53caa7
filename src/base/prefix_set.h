/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attr.h"
#include "base/error.h"

/*
 * Prefix set: IPv4 and IPv6 prefixes, each with a number, and the longest one that covers an
 * address. Prefixes are added in any order, the set is built once, and never changes afterwards:
 * a built set may be shared between threads.
 *
 * A built set takes up to 30 bytes for a prefix of IPv4 and up to 60 for one of IPv6, and as much
 * again while it is built. A lookup in a million hardly costs more than one in ten, but for memory
 * that is not in the cache.
 */
struct prefix_set;

#define PREFIX_NONE     UINT32_MAX /* in place of a number: no prefix covers the address */
#define PREFIX_SET_MOST (UINT32_C(1) << 28)

struct prefix_set *prefix_set_new(void) MUST_USE;
void prefix_set_free(struct prefix_set *set); /* NULL is fine */

/*
 * Adds a prefix; bits of the address behind it do not matter. The same prefix again takes the new
 * number. `value` is not PREFIX_NONE. Fails only at the maximum.
 */
int prefix_set_add(struct prefix_set *set, const struct prefix *prefix, uint32_t value,
                   struct error *err) MUST_USE;

/* Adds the addresses from first to last, both included, as the fewest prefixes that are these. */
int prefix_set_add_range(struct prefix_set *set, const struct address *first,
                         const struct address *last, uint32_t value, struct error *err) MUST_USE;

/* Prefixes of addresses of this size that were added, repetitions included. */
size_t prefix_set_count(const struct prefix_set *set, unsigned address_size);

/* Ends the adding. */
void prefix_set_build(struct prefix_set *set);

/* The number of the longest prefix that covers the address of 4 or 16 bytes, or PREFIX_NONE. */
uint32_t prefix_set_find(const struct prefix_set *set, const uint8_t *address,
                         unsigned address_size);
