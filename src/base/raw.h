/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"

/*
 * Raw: the bytes of a file as they are stored, before decompression; the lower half of base/input.
 * A regular file is mapped, and its descriptor closed at once: a thousand open files cost no
 * descriptors. Standard input, pipes and devices are read into a chunk. Bytes in memory can stand
 * for a file.
 *
 * Of a mapping, what was passed is given back to the system now and then, so that a large file
 * does not count as memory of the process. The addresses stay valid.
 */
struct raw {
    int descriptor;           /* -1: all bytes are at hand from the start */
    const uint8_t *bytes;     /* those at hand: bytes[taken] to bytes[filled - 1] */
    size_t taken, filled;     /* both count from bytes[0] */
    uint64_t before;          /* how many bytes there were before bytes[0] */
    uint64_t size;            /* of the file, 0: not known */
    uint8_t *chunk;           /* what `bytes` points to, with a descriptor */
    void *map;                /* what `bytes` points to, of a mapped file */
    size_t ready, given_back; /* offsets in the mapping: mapped in up to, and from, these */
    bool is_stdin;            /* which is not ours to close */
    bool ended;
};

/* `path` "-" is standard input. On failure there is nothing to be released. */
int raw_open(struct raw *raw, const char *path, struct error *err) MUST_USE;
void raw_open_memory(struct raw *raw, struct view bytes);
void raw_release(struct raw *raw);

/* Lets the system read the first `size` bytes of a file that is going to be opened soon. */
void raw_prefetch(const char *path, size_t size);

/* True if all bytes are at hand, and stay where they are until raw_release. */
static inline bool raw_is_whole(const struct raw *raw)
{
    return raw->descriptor < 0;
}

static inline struct view raw_at_hand(const struct raw *raw)
{
    return (struct view){raw->bytes + raw->taken, raw->filled - raw->taken};
}

static inline uint64_t raw_taken(const struct raw *raw)
{
    return raw->before + raw->taken;
}

/*
 * More bytes at hand, or raw->ended is set. At most RAW_CHUNK bytes can be at hand of what is not
 * whole; when they are, this call does nothing. `name` is for the message.
 */
enum { RAW_CHUNK = 128 * 1024 };

int raw_fill(struct raw *raw, const char *name, struct error *err) MUST_USE;

/* True if nothing is at hand, and a read would wait for more. */
bool raw_would_wait(const struct raw *raw);

/* Goes on by `size` bytes of those at hand. */
void raw_take(struct raw *raw, size_t size);

/*
 * Goes to any place of a whole file, from which about `size` bytes will be looked at: the system is
 * told to read these, and no more. From then on nothing is given back; what was looked at may be
 * taken from the process when memory is short, as all pages of files are.
 */
void raw_seek(struct raw *raw, size_t position, size_t size);

/* Up to `size` > 0 bytes to `to`, what is at hand first. None are read only at the end. */
int raw_read(struct raw *raw, uint8_t *to, size_t size, size_t *ret_read, const char *name,
             struct error *err) MUST_USE;
