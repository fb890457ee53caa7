/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/segment.h"
#include "packet/frame.h"

/*
 * Frame reader: goes to frames of a capture that its segment knows, and reads on from there. A
 * plain file is entered where the frame lies; a compressed one is decompressed up to there, from
 * its beginning if the frame lies behind where the reader is.
 */
struct frame_reader;

/* The segment must live as long as the reader. */
int frame_reader_open(struct frame_reader **ret, struct segment *segment, const char *path,
                      struct error *err) MUST_USE;
void frame_reader_close(struct frame_reader *reader); /* NULL is fine */

/* Offset, number and time of `frame` say where to; about `size` bytes will be read from there. */
int frame_reader_go(struct frame_reader *reader, const struct frame *frame, size_t size,
                    struct error *err) MUST_USE;

/* The frame at hand, valid until the next call. That there is none any more is an error. */
int frame_reader_next(struct frame_reader *reader, const struct frame **ret,
                      struct error *err) MUST_USE;
