/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

/*
 * Decompress: one stream of compressed bytes, in pieces as they come, to the plain bytes. The
 * format is told by the first bytes: gzip, zstd, xz, bzip2, lz4 (frames). A stream may have several
 * members, one behind the other, as `cat a.gz b.gz` makes them, and zeros behind a member, as some
 * tapes and copiers do.
 */
struct compression; /* a row in the table of known formats */
struct decompressor;

enum { COMPRESSION_MAGIC_MAX = 6 };

/* The format of a stream that begins with `head`, or NULL if it is none that is known. */
const struct compression *compression_of(struct view head);
const char *compression_name(const struct compression *compression);

struct decompressor *decompressor_new(const struct compression *compression);
void decompressor_free(struct decompressor *decompressor); /* NULL is fine */

/* Between members: the stream may end here. */
bool decompressor_is_between(const struct decompressor *decompressor);

/*
 * Takes from the front of *in, and writes at most `size` > 0 bytes to `to`. When nothing was taken
 * nor written, more input is needed. Returns NULL, or what is wrong with the input, "invalid
 * distance"; then *ret_size bytes before that place were still written, and the stream is over.
 */
const char *decompressor_step(struct decompressor *decompressor, struct view *in, uint8_t *to,
                              size_t size, size_t *ret_size) MUST_USE;
