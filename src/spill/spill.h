/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Spill: what does not fit into memory, in one temporary file. The file has no name (O_TMPFILE, or
 * unlinked at once where the file system cannot do that), so that nothing is left behind whatever
 * happens; it is made when the first byte goes to it. Many streams share it, block by block, and a
 * block that was read is used again. One thread uses a file and its streams.
 */
struct spill_file;

enum { SPILL_BLOCK_LEAST = 4096 };

/* In this folder. Blocks are what is written and read at a time: a multiple of 4096 bytes. */
struct spill_file *spill_file_new(const char *folder, size_t block_bytes) MUST_USE;
void spill_file_free(struct spill_file *file); /* after its streams were released */

uint64_t spill_file_written(const struct spill_file *file); /* bytes, all in all */

/*
 * Stream: bytes that are written one after the other, and then read once. It has a block of memory
 * while it is written to and while it is read, but none in between.
 */
struct spill_stream {
    struct spill_file *file; /* set by the owner; all else zeros */
    uint64_t bytes;          /* written, and not yet read */
    uint32_t *blocks;        /* where they are in the file; the last one may be filled in part */
    size_t block_count, block_capacity;
    uint8_t *buffer;
    size_t filled;   /* bytes in the buffer */
    size_t at, next; /* reading: in the buffer; the block that follows */
    uint8_t *joined; /* bytes that lie in more than one block */
    size_t joined_size;
};

int spill_write(struct spill_stream *stream, const void *bytes, size_t size,
                struct error *err) MUST_USE;

/* Writes what is in memory, and gives the memory back. Reading may begin. */
int spill_close(struct spill_stream *stream, struct error *err) MUST_USE;

/*
 * The next `size` bytes, which must be there, valid until the next call. They are aligned as they
 * were counted from the stream's beginning, up to 8 bytes.
 */
int spill_read(struct spill_stream *stream, size_t size, const void **ret,
               struct error *err) MUST_USE;

/* As spill_read, and leaves them to be read again. */
int spill_peek(struct spill_stream *stream, size_t size, const void **ret,
               struct error *err) MUST_USE;

/* Gives memory and blocks back; the stream is empty then. */
void spill_release(struct spill_stream *stream);
