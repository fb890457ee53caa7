/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/format.h"
#include "index/posting.h"

/*
 * Segment: the index of one capture file, mapped and read where it lies. A page is checked against
 * its checksum when it is first looked at; damage is an error that names the offset.
 */
struct segment;

int segment_open(struct segment **ret, const char *path, struct error *err) MUST_USE;
void segment_close(struct segment *segment); /* NULL is fine */

/* Only the header of a segment. */
int segment_peek(struct segment_header *ret, const char *path, struct error *err) MUST_USE;

const char *segment_name(const struct segment *segment);
const struct segment_header *segment_info(const struct segment *segment);

/* Path of the capture when it was indexed, and the packet filter ("" for none). */
int segment_texts(struct segment *segment, const char **ret_path, const char **ret_filter,
                  struct error *err) MUST_USE;

int segment_chunk(struct segment *segment, uint32_t at, struct segment_chunk *ret,
                  struct error *err) MUST_USE;

/* See struct segment_resume; in the order of the file. */
int segment_resume(struct segment *segment, uint32_t at, struct segment_resume *ret,
                   struct error *err) MUST_USE;

/*
 * Calls `take` for each run of chunks that may hold packets of flows with this hash, in rising
 * order. Other flows may share the hash as far as it is kept: who reads the chunks looks again.
 */
int segment_find(struct segment *segment, uint32_t hash,
                 void (*take)(void *arg, struct posting_run run), void *arg,
                 struct error *err) MUST_USE;

/* Looks at every page, and at every flow. */
int segment_verify(struct segment *segment, struct error *err) MUST_USE;
