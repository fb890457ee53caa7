/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/error.h"
#include "index/builder.h"

/*
 * Sealing: a builder that was told of everything sorts, writes and syncs its segment in a thread of
 * its own, while the caller reads on. One at a time, so that at most one builder more is in memory
 * than the caller has.
 */
struct sealing {
    struct index_builder *builder; /* NULL: nothing is in hand */
    pthread_t thread;
    bool has_thread;
    int result;
    struct error error;
};

/* Takes the builder, and frees it in the end. Nothing may be in hand. */
void sealing_start(struct sealing *sealing, struct index_builder *builder);

/* Waits for what is in hand. 0 also if nothing is; -1: the segment is not there. */
int sealing_wait(struct sealing *sealing, struct error *err) MUST_USE;
