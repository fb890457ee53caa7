/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Output: buffered bytes to a file or standard output. Every write error (disk full, closed pipe)
 * comes back to the caller, the last ones from output_close. SIGPIPE must be ignored by the
 * program; a closed pipe is then the condition OUTPUT_CLOSED.
 */
struct output;

enum { OUTPUT_CLOSED = 1 };

/* Opens `path` for appending, creating it and its folders ("-": standard output). */
int output_open(struct output **ret, const char *path, struct error *err) MUST_USE;

/* The same with a buffer of this size, for those who open many. */
int output_open_sized(struct output **ret, const char *path, size_t buffer_bytes,
                      struct error *err) MUST_USE;

/*
 * Opens a file that takes the place of `path` when it is closed, and not before: see
 * base/new_file.h. Its folder must be there. "-": standard output.
 */
int output_replace(struct output **ret, const char *path, struct error *err) MUST_USE;

/* Closes without writing the rest; a file that was to be replaced stays as it was. NULL is fine. */
void output_abandon(struct output *out);

/* True when nothing was in the file when it was opened (always true for standard output). */
bool output_is_new(const struct output *out);

/*
 * What is given in one call stays together: a file on a full disk ends behind one of them, if only
 * we write to it.
 *
 * Both return 0, OUTPUT_CLOSED when the reader of a pipe went away, or -1.
 */
int output_write(struct output *out, const void *bytes, size_t size, struct error *err) MUST_USE;
int output_flush(struct output *out, struct error *err) MUST_USE;

uint64_t output_written(const struct output *out); /* bytes since it was opened */
uint64_t output_size(const struct output *out);    /* and those that were there before */

/* Which file it is, and how many bytes it has, but for those not flushed. False: none that stays.
 */
bool output_file(const struct output *out, uint64_t *ret_inode, uint64_t *ret_bytes);
const char *output_name(const struct output *out);

/* Flushes and closes; frees out whatever happens. NULL is fine. */
int output_close(struct output *out, struct error *err) MUST_USE;
