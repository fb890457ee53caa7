/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "cmd/probe_sources.h"

/*
 * Probes: what programs print and what is in files, at intervals. One thread starts the programs,
 * reads what they say, and waits for them; nobody waits for it. What a source says is at most
 * PROBE_TEXT_MOST bytes, the rest is left out; a program is killed when it says more, or takes
 * longer than PROBE_RUN_MOST. A source is not asked again before it has answered and the answer
 * was taken. Troubles are told, but not those that a source had the last time, too.
 */
struct probes;

enum { PROBE_TEXT_MOST = UINT16_MAX };
static const nsec_t PROBE_RUN_MOST = 30 * NSEC_PER_SEC;

struct probe_answer {
    nsec_t began, ended; /* by the clock */
    struct view bytes;   /* "prog:NAME", a line feed, and what was said */
    size_t size;         /* of these before they were compressed */
    bool is_compressed;  /* a zlib stream */
};

/*
 * Begins at once: each source is asked now, and then at its intervals. An error if there is no such
 * program or file.
 */
int probes_new(struct probes **ret, const struct probe_sources *sources,
               struct error *err) MUST_USE;

/* The next that is there, if any; valid until the next call. */
bool probes_next(struct probes *probes, struct probe_answer *ret);

/* Kills the programs that are running. NULL is fine. */
void probes_free(struct probes *probes);
