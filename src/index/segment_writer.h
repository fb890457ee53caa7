/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/format.h"
#include "index/pairs.h"

/*
 * Writes a segment. It is written beside its place and moved there when it is complete, so that
 * under its name there is a whole segment or none.
 */
struct segment_writer;

/* In the folder, which must be there. */
int segment_writer_new(struct segment_writer **ret, const char *folder, struct error *err) MUST_USE;

/* Leaves nothing behind unless the segment was finished. NULL is fine. */
void segment_writer_free(struct segment_writer *writer);

/* All chunks, in the order of the capture; how many there were so far is their number. */
int segment_writer_chunk(struct segment_writer *writer, const struct segment_chunk *chunk,
                         struct error *err) MUST_USE;

/* See segment_resume. */
void segment_writer_resume(struct segment_writer *writer, struct segment_resume resume);

struct segment_summary {
    struct capture_id capture;
    struct segment_decoding decoding;
    uint64_t packets, last_number;
    nsec_t first, last;
    const char *path, *filter; /* of the capture; NULL: no filter */
};

/* Writes the rest, with all `pairs` that were added, and puts the segment under its name. */
int segment_writer_finish(struct segment_writer *writer, const struct segment_summary *summary,
                          struct pairs *pairs, struct error *err) MUST_USE;

/*
 * The name of a segment in its folder says which capture it is of and which time it covers, so that
 * most segments need not be opened: FIRST-LAST-CAPTURE.pidx, each 16 hexadecimal digits, times as
 * nanoseconds since 1970.
 */
enum { SEGMENT_NAME_SIZE = 16 * 3 + 2 + 5 + 1 };
void segment_name_of(char ret[SEGMENT_NAME_SIZE], const struct capture_id *capture, nsec_t first,
                     nsec_t last);
