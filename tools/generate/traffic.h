/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "session.h"

/*
 * Traffic: many sessions at once, as one sequence of frames in time order. Which kinds of
 * sessions there are, and how many of each, is a mix.
 */
struct traffic_options {
    const char *mix; /* see traffic_mixes */
    uint64_t seed;
    uint64_t packets_most; /* stop here, whatever is going on; 0: no limit */
    uint64_t flows_most;   /* begin so many sessions and let them end; 0: no limit */
    uint32_t rate;         /* packets a second, about */
    nsec_t start;
};

struct traffic;

/* Called with each session that is over, or is cut off by the end of the capture. */
typedef void (*traffic_done)(void *arg, const struct session *s);

/* -1 if there is no mix of that name. */
int traffic_new(struct traffic **ret, const struct traffic_options *options, traffic_done done,
                void *arg, struct error *err) MUST_USE;
void traffic_free(struct traffic *traffic);

/* The next frame; false at the end. w->snap must be set. */
bool traffic_next(struct traffic *traffic, struct frame_writer *w, nsec_t *ret_time);

/* The names of the mixes, "a, b, c". */
const char *traffic_mixes(void);
