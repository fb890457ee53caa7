/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "flow/key.h"
#include "index/format.h"

/*
 * Builder: makes the segment of one capture file while somebody reads the file. It is told of every
 * frame, in the order of the file, and of those that became packets of flows. Memory does not
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

int index_builder_frame(struct index_builder *builder, const struct frame *frame,
                        struct error *err) MUST_USE;

/* The packet of the frame given last. */
int index_builder_packet(struct index_builder *builder, const struct keyed_packet *packet,
                         struct error *err) MUST_USE;

/* Seals the segment. Fails if the file has changed since index_builder_new. */
int index_builder_finish(struct index_builder *builder, struct error *err) MUST_USE;
