/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "flow/key.h"
#include "index/format.h"

/*
 * Builder: makes the segment of one capture file while somebody reads the file. It is told of every
 * frame, in the order of the file, and of the packets that some of them became. Memory does not
 * depend on the size of the capture, but for 4 bytes for each page of the index.
 */
struct index_builder;

struct index_options {
    const char *folder;      /* of the segments; it must be there */
    const char *filter;      /* that frames had to pass to become packets; NULL: none */
    const char *temp_folder; /* for what does not fit into memory */
    uint64_t memory;         /* bytes, for each file that is being read */
    struct decode_options decode;
};

/* What `options` points to must live as long as the builder. */
int index_builder_new(struct index_builder **ret, const struct index_options *options,
                      const char *path, struct error *err) MUST_USE;

/* Without index_builder_finish nothing is left behind. NULL is fine. */
void index_builder_free(struct index_builder *builder);

/*
 * The next frames, FRAME_BATCH at most, and the packet of each; NULL: it is none of a flow. The
 * packets are complete: with their keys and the hashes of these.
 */
int index_builder_frames(struct index_builder *builder, const struct frame *frames,
                         const struct keyed_packet *const *packets, unsigned count,
                         struct error *err) MUST_USE;

/* Seals the segment. Fails if the file has changed since index_builder_new. */
int index_builder_finish(struct index_builder *builder, struct error *err) MUST_USE;
