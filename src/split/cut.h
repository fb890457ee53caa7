/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/*
 * Cutting: a record that lasts longer than a bin becomes one for each bin that it has packets in,
 * from the front. The parts have all of its packets, bytes and other counters together (share.h),
 * and all of its time.
 *
 * Nobody knows when the packets between the first and the last one of a side were seen. So they are
 * taken to be spread evenly over its time, and each part has those up to the end of its bin,
 * rounded down, but at least one of each side that goes on behind the end, and never the last one
 * of it. Two packets are cut into one at the start and one at the end.
 */
struct cut {
    const struct record *whole;
    struct record left; /* what was not given yet */
    nsec_t start[2];    /* of each side's packets left */
    nsec_t first[2], last[2];
};

/* True if some of its packets may lie behind `end`; a packet at the end itself is in front of it.
 */
bool cut_reaches(const struct record *r, nsec_t end);

/* The record, and what it borrows, must live as long as the cut. */
void cut_begin(struct cut *cut, const struct record *r);

/* When what is left starts. */
nsec_t cut_start(const struct cut *cut);

/* The part up to `end`, which lies behind cut_start. False if nothing was left. */
bool cut_next(struct cut *cut, nsec_t end, struct record *ret);
