/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "index/segment.h"
#include "packet/frame.h"

/* Chunk set: chunks of one capture that are to be read. */
struct chunk_set {
    uint8_t *bits;
    uint32_t count;  /* of all chunks */
    uint32_t marked; /* of those in the set */
};

void chunk_set_init(struct chunk_set *set, uint32_t count);
void chunk_set_release(struct chunk_set *set);

/* Adds the chunks in which a flow of this hash may have packets between these times. */
int chunk_set_add_flow(struct chunk_set *set, struct segment *segment, uint32_t hash, nsec_t first,
                       nsec_t last, struct error *err) MUST_USE;

/* Adds all chunks that have frames between these times. */
int chunk_set_add_time(struct chunk_set *set, struct segment *segment, nsec_t first, nsec_t last,
                       struct error *err) MUST_USE;

/*
 * Reads the frames of all chunks in the set from the capture at `path`, in the order of the file,
 * and gives each to `visit`, whose -1 ends it. The frame is valid during the call.
 */
int chunk_set_read(const struct chunk_set *set, struct segment *segment, const char *path,
                   int (*visit)(void *arg, const struct frame *frame, struct error *err), void *arg,
                   struct error *err) MUST_USE;
