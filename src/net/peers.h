/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/attr.h"
#include "base/clock.h"

/*
 * Peers: what a server remembers of the addresses that connect to it: how fast they come, and when
 * it was said last that one was refused. It takes fixed memory: of more addresses than it has room
 * for, those are forgotten whom that does the least good.
 *
 * Each address may come so many times a second, and all of them together ten times as often. What
 * ten seconds allow may come at once. Of IPv6, a network of 64 bits counts as one address: a host
 * may have all of it.
 */
struct peers;

enum { PEERS_BURST_SECONDS = 10, PEERS_TOGETHER = 10, PEERS_RATE_MOST = 100000 };

/* A peer that is refused again is told of again after so long. */
#define PEERS_QUIET (60 * NSEC_PER_SEC)

struct peers *peers_new(uint64_t seed) MUST_USE; /* an outsider does not know the seed */
void peers_free(struct peers *peers);            /* NULL is fine */

/* Counts a connection, and says if it keeps to the rate. 0: there is none. */
bool peers_admit(struct peers *peers, const struct address *address, unsigned rate, nsec_t now);

/*
 * Counts a refusal. True if it is to be said; *ret_before then says how many of this address were
 * not, since the last one that was.
 */
bool peers_refuse(struct peers *peers, const struct address *address, nsec_t now,
                  uint64_t *ret_before);
