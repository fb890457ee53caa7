/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "packet/frame.h"

/*
 * Capture: one capture file, told by its content (pcap in all its variants, pcapng, ERF), read as
 * batches of frames. The frames' bytes are borrowed and valid until the next capture_next or
 * capture_close.
 */
struct capture;

enum { CAPTURE_END = 1 };

/* Opens `path` ("-": standard input). An empty file is an error; one without packets is not. */
int capture_open(struct capture **ret, const char *path, struct error *err) MUST_USE;

/* Of a file with time sequence headers, which nothing in it tells. */
int capture_open_tsh(struct capture **ret, const char *path, struct error *err) MUST_USE;

/* Reads bytes in memory, which must outlive the capture, as if a file called `name` held them. */
int capture_open_memory(struct capture **ret, struct view bytes, const char *name,
                        struct error *err) MUST_USE;

void capture_close(struct capture *cap); /* NULL is fine */

/*
 * The next frames: 0 with at least one, CAPTURE_END, or -1 where the file is damaged (err names
 * file and offset). Good frames before the damage are given first, by the calls before; after
 * CAPTURE_END or -1 the same comes again.
 */
int capture_next(struct capture *cap, struct frame_batch *ret, struct error *err) MUST_USE;

/*
 * Goes on at the frame whose record lies at `offset` and that has this number and time, with about
 * `size` bytes to be read from there. What the file says about its frames (of pcapng: sections and
 * interfaces; frame.setup counts them) must have been read before, so whoever skips over frames
 * goes first to each frame behind which that changes, and reads on until it has. Compressed files
 * can only be gone forward in, and are decompressed on the way.
 */
int capture_seek(struct capture *cap, const struct frame *frame, size_t size,
                 struct error *err) MUST_USE;

/* True if capture_seek can go back. */
bool capture_goes_back(const struct capture *cap);

/* How often the file has said until now how its frames are to be read. */
uint32_t capture_setup(const struct capture *cap);

const char *capture_name(const struct capture *cap);
const char *capture_format(const struct capture *cap); /* "pcap", "pcapng", "ERF" */
bool capture_is_stream(const struct capture *cap);     /* a pipe or the like: read only once */
uint64_t capture_raw_taken(const struct capture *cap);
uint64_t capture_raw_size(const struct capture *cap);
