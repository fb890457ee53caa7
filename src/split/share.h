/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "record/record.h"

/*
 * What a part of a record has of its counters: packets of the whole say how much, and what rounding
 * leaves over stays in the rest, so that all parts together have what the whole had. Besides
 * packets, bytes and application bytes these are retransmissions, losses, sequence numbers,
 * keystrokes, inter-packet times, fragments and merged records. Everything else (addresses, states,
 * flags, user data, labels) every part has as the whole.
 */

/* total * part / of, rounded down; `of` is not 0. */
static inline uint64_t share_of(uint64_t total, uint64_t part, uint64_t of)
{
    return (uint64_t)((unsigned __int128)total * part / of);
}

/*
 * Moves one side's share of `packets` from what is left of the record to a part, a copy of it that
 * has no counters yet (share_clear). All that is left goes if these are all packets left.
 */
void share_side(const struct record *whole, struct record *left, struct record *part, unsigned side,
                uint64_t packets);

/* The same for what is of no side; to be called after both sides were shared. */
void share_common(const struct record *whole, struct record *left, struct record *part);

/* Takes out of a copy what share_side and share_common put in. */
void share_clear(struct record *part);
