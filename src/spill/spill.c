/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/temp_file.h"

struct spill_file {
    char *folder;
    size_t block_bytes;
    int descriptor; /* -1: not made yet */
    uint32_t high;  /* blocks that the file has */
    uint32_t *free; /* blocks that may be used again */
    size_t free_count, free_capacity;
    uint64_t written;
};

struct spill_file *spill_file_new(const char *folder, size_t block_bytes)
{
    check(block_bytes && block_bytes % SPILL_BLOCK_LEAST == 0);
    struct spill_file *file = mem_zalloc(sizeof(*file));
    file->folder = mem_strdup(folder);
    file->block_bytes = block_bytes;
    file->descriptor = -1;
    return file;
}

void spill_file_free(struct spill_file *file)
{
    if (!file)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->free);
    free(file->folder);
    free(file);
}

uint64_t spill_file_written(const struct spill_file *file)
{
    return file->written;
}

static int failed(const struct spill_file *file, struct error *err)
{
    return error_errno(err, "temporary file in %s", file->folder);
}

static void give_block(struct spill_file *file, uint32_t block)
{
    file->free =
        mem_grow(file->free, &file->free_capacity, file->free_count + 1, sizeof(*file->free));
    file->free[file->free_count++] = block;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Writes the buffer, whole or the last part of a stream, to a block of its own. */
static int write_block(struct spill_stream *stream, struct error *err)
{
    struct spill_file *file = stream->file;
    if (file->descriptor < 0 && (file->descriptor = temp_file_open(file->folder, err)) < 0)
        return -1;
    uint32_t block = file->free_count ? file->free[--file->free_count] : file->high++;
    check(file->high);
    stream->blocks = mem_grow(stream->blocks, &stream->block_capacity, stream->block_count + 1,
                              sizeof(*stream->blocks));
    stream->blocks[stream->block_count++] = block;
    off_t offset = (off_t)block * (off_t)file->block_bytes;
    for (size_t done = 0; done < stream->filled;) {
        ssize_t written = pwrite(file->descriptor, stream->buffer + done, stream->filled - done,
                                 offset + (off_t)done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failed(file, err);
        done += (size_t)written;
    }
    file->written += stream->filled;
    stream->filled = 0;
    return 0;
}

int spill_write(struct spill_stream *stream, const void *bytes, size_t size, struct error *err)
{
    const uint8_t *from = bytes;
    const size_t block_bytes = stream->file->block_bytes;
    if (!stream->buffer)
        stream->buffer = mem_alloc(block_bytes);
    while (size) {
        if (stream->filled == block_bytes && write_block(stream, err))
            return -1;
        size_t part = block_bytes - stream->filled;
        part = part < size ? part : size;
        memcpy(stream->buffer + stream->filled, from, part);
        stream->filled += part;
        stream->bytes += part;
        from += part;
        size -= part;
    }
    return 0;
}

int spill_close(struct spill_stream *stream, struct error *err)
{
    int result = stream->filled ? write_block(stream, err) : 0;
    free(stream->buffer);
    stream->buffer = NULL;
    return result;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_block(struct spill_stream *stream, struct error *err)
{
    struct spill_file *file = stream->file;
    check(stream->next < stream->block_count);
    if (!stream->buffer)
        stream->buffer = mem_alloc(file->block_bytes);
    uint32_t block = stream->blocks[stream->next++];
    /* What was read before is no longer counted in `bytes`: this block has all that it can. */
    size_t wanted = stream->bytes < file->block_bytes ? (size_t)stream->bytes : file->block_bytes;
    off_t offset = (off_t)block * (off_t)file->block_bytes;
    for (size_t done = 0; done < wanted;) {
        ssize_t got =
            pread(file->descriptor, stream->buffer + done, wanted - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (!got)
            return error_set(err, "temporary file in %s: it has become shorter", file->folder);
        if (got < 0)
            return failed(file, err);
        done += (size_t)got;
    }
    give_block(file, block);
    stream->filled = wanted;
    stream->at = 0;
    return 0;
}

/* Collects bytes of several blocks. They are taken from the blocks, and kept in `joined`. */
static int join(struct spill_stream *stream, size_t size, struct error *err)
{
    uint8_t *joined = mem_realloc(stream->joined, size);
    stream->joined = joined;
    while (stream->joined_size < size) {
        if (stream->at == stream->filled && read_block(stream, err))
            return -1;
        size_t part = stream->filled - stream->at;
        size_t rest = size - stream->joined_size;
        part = part < rest ? part : rest;
        memcpy(joined + stream->joined_size, stream->buffer + stream->at, part);
        stream->at += part;
        stream->bytes -= part;
        stream->joined_size += part;
    }
    return 0;
}

int spill_peek(struct spill_stream *stream, size_t size, const void **ret, struct error *err)
{
    if (!stream->joined_size && stream->at == stream->filled && read_block(stream, err))
        return -1;
    if (!stream->joined_size && stream->filled - stream->at >= size) {
        *ret = stream->buffer + stream->at;
        return 0;
    }
    if (stream->joined_size < size && join(stream, size, err))
        return -1;
    *ret = stream->joined;
    return 0;
}

/* Joined bytes are peeked at, and then read, to their end: a caller looks at a head and reads. */
int spill_read(struct spill_stream *stream, size_t size, const void **ret, struct error *err)
{
    if (spill_peek(stream, size, ret, err))
        return -1;
    if (stream->joined_size) {
        check(stream->joined_size == size);
        stream->joined_size = 0;
        return 0;
    }
    stream->at += size;
    stream->bytes -= size;
    return 0;
}

void spill_release(struct spill_stream *stream)
{
    while (stream->next < stream->block_count)
        give_block(stream->file, stream->blocks[stream->next++]);
    free(stream->blocks);
    free(stream->buffer);
    free(stream->joined);
    *stream = (struct spill_stream){.file = stream->file};
}
