/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/*
 * Input: one file (or standard input) read from front to back, decompressed on the way when its
 * first bytes say gzip, zstd, xz, bzip2 or lz4. The name never matters. A plain regular file is
 * mapped; everything else goes through a buffer that grows to what a caller asks for at once, so
 * callers bound what they ask for.
 *
 * Reading is peek and advance. A view given by input_peek stays valid until the next input_peek
 * that asks for more bytes than were available, or input_close. Bytes already passed with
 * input_advance stay where they are until then, too: a caller may collect pointers as long as it
 * only peeks at what input_available says is there.
 *
 * Offsets count decompressed bytes. A damaged compressed stream gives the bytes before the damage,
 * and then the error. A file must not be cut short by others while it is read: the system ends a
 * process (SIGBUS) that looks at a mapped page that the file no longer has. Growing does no harm;
 * what came after input_open is not read.
 */
struct input;

/* Opens `path` ("-": standard input). An empty file is no error here; a directory is one. */
int input_open(struct input **ret, const char *path, struct error *err) MUST_USE;

/* Reads bytes in memory, which must outlive the input, as if a file called `name` held them. */
struct input *input_open_memory(struct view bytes, const char *name);

void input_close(struct input *in); /* NULL is fine */

/*
 * At least `want` bytes at the read position, or fewer only where the input ends. All contiguous
 * bytes at hand are given, so ret->size may exceed `want`. Returns -1 when a read or decompression
 * error stands before the last of the `want` bytes; ret then holds the good bytes before it, and
 * peeking at no more than these goes on to succeed.
 */
int input_peek(struct input *in, size_t want, struct view *ret, struct error *err) MUST_USE;

/* Contiguous bytes that can be peeked at without moving the buffer. */
size_t input_available(const struct input *in);

/* True if asking for more than what is available would wait for whoever writes to a pipe. */
bool input_would_wait(const struct input *in);
int input_descriptor(const struct input *in); /* that it waits for */

/* Moves the read position over bytes that were peeked at. */
void input_advance(struct input *in, size_t size);

/*
 * Goes to `offset`, from which about `size` bytes will be looked at. A mapped file is entered
 * there; of all others, the bytes up to there are read and passed over, and there is no way back:
 * seeking to a place that was passed fails, as does one behind the end.
 */
int input_seek(struct input *in, uint64_t offset, size_t size, struct error *err) MUST_USE;

uint64_t input_offset(const struct input *in);  /* of the read position, decompressed */
const char *input_name(const struct input *in); /* the path, or "standard input" */
bool input_is_mapped(const struct input *in);
bool input_is_compressed(const struct input *in);
bool input_is_stream(const struct input *in); /* a pipe or the like: can be read only once */

/* For progress: bytes of the file as stored, taken so far and in all (0 when not known). */
uint64_t input_raw_taken(const struct input *in);
uint64_t input_raw_size(const struct input *in);
