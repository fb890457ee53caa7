/* SPDX-License-Identifier: Apache-2.0 */
#include "base/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/decompress.h"
#include "base/mem.h"
#include "base/raw.h"

/* Large enough that the bytes that are moved to the front do not count, small enough for the L2
 * cache. */
enum { BUFFER_FIRST = 256 * 1024 };

/*
 * Bytes come by one of three ways: a whole plain file lies ready (raw), a plain stream is read into
 * the buffer, or either of them is decompressed into the buffer.
 */
struct input {
    char *name;
    const uint8_t *data; /* the raw bytes of a whole plain file, else the buffer */
    size_t position;     /* where the next byte to be read lies in data */
    size_t end;          /* of what is at hand in data */
    uint64_t before;     /* how many bytes there were before data[0] */
    uint8_t *buffer;
    size_t capacity;
    const struct compression *compression; /* NULL: plain */
    struct decompressor *decompressor;
    struct raw raw;
    bool ended; /* there is nothing behind data[end] */
    bool failed;
    struct error failure; /* why there is nothing behind it */
};

/* Looks at the first bytes, for the format. */
static int find_compression(struct input *in, struct error *err)
{
    while (raw_at_hand(&in->raw).size < COMPRESSION_MAGIC_MAX && !in->raw.ended) {
        if (raw_fill(&in->raw, in->name, err))
            return -1;
    }
    in->compression = compression_of(raw_at_hand(&in->raw));
    if (in->compression)
        in->decompressor = decompressor_new(in->compression);
    return 0;
}

static int begin(struct input *in, struct error *err)
{
    if (find_compression(in, err))
        return -1;
    if (!in->compression && raw_is_whole(&in->raw)) {
        struct view all = raw_at_hand(&in->raw);
        in->data = all.data;
        in->end = all.size;
        in->ended = true;
        return 0;
    }
    in->capacity = BUFFER_FIRST;
    in->data = in->buffer = mem_alloc(in->capacity);
    return 0;
}

int input_open(struct input **ret, const char *path, struct error *err)
{
    struct input *in = mem_zalloc(sizeof(*in));
    *ret = NULL;
    if (raw_open(&in->raw, path, err)) {
        free(in);
        return -1;
    }
    in->name = mem_strdup(in->raw.is_stdin ? "standard input" : path);
    if (begin(in, err)) {
        input_close(in);
        return -1;
    }
    *ret = in;
    return 0;
}

struct input *input_open_memory(struct view bytes, const char *name)
{
    struct input *in = mem_zalloc(sizeof(*in));
    in->name = mem_strdup(name);
    raw_open_memory(&in->raw, bytes);
    check(!begin(in, NULL)); /* only reading from the system can fail */
    return in;
}

void input_close(struct input *in)
{
    if (!in)
        return;
    decompressor_free(in->decompressor);
    raw_release(&in->raw);
    free(in->buffer);
    free(in->name);
    free(in);
}

/* --- filling the buffer ----------------------------------------------------------------------- */

static int damaged(struct input *in, size_t made, const char *wrong, struct error *err)
{
    return error_set(err, "%s: offset %llu: damaged %s data at byte %llu of the file: %s", in->name,
                     (unsigned long long)(in->before + in->end + made),
                     compression_name(in->compression), (unsigned long long)raw_taken(&in->raw),
                     wrong);
}

/* The raw bytes have come to their end; is that a good place? */
static int end_of_compressed(struct input *in, struct error *err)
{
    in->ended = true;
    if (decompressor_is_between(in->decompressor))
        return 0;
    return error_set(err, "%s: offset %llu: ends in the middle of its %s data (after %llu bytes)",
                     in->name, (unsigned long long)(in->before + in->end),
                     compression_name(in->compression), (unsigned long long)raw_taken(&in->raw));
}

/* Some more bytes to the end of the buffer, or the end. */
static int pull_compressed(struct input *in, struct error *err)
{
    size_t made = 0;
    while (!made) {
        if (!raw_at_hand(&in->raw).size && raw_fill(&in->raw, in->name, err))
            return -1;
        const struct view at_hand = raw_at_hand(&in->raw);
        struct view rest = at_hand;
        const char *wrong = decompressor_step(in->decompressor, &rest, in->buffer + in->end,
                                              in->capacity - in->end, &made);
        raw_take(&in->raw, at_hand.size - rest.size);
        if (wrong)
            damaged(in, made, wrong, err);
        in->end += made;
        if (wrong)
            return -1;
        if (made || rest.size < at_hand.size)
            continue;
        if (rest.size)
            return damaged(in, 0, "the decompressor does not go on", err);
        if (in->raw.ended)
            return end_of_compressed(in, err);
    }
    return 0;
}

static int pull_plain(struct input *in, struct error *err)
{
    size_t got;
    int result =
        raw_read(&in->raw, in->buffer + in->end, in->capacity - in->end, &got, in->name, err);
    in->end += got;
    in->ended = in->raw.ended && !raw_at_hand(&in->raw).size;
    return result;
}

/* Moves what is still to be read to the front. */
static void compact(struct input *in)
{
    memmove(in->buffer, in->buffer + in->position, in->end - in->position);
    in->before += in->position;
    in->end -= in->position;
    in->position = 0;
}

/*
 * Reads until `want` bytes are at hand. The buffer grows as bytes come, not at once: `want` may be
 * a lie of the file's that its end exposes.
 */
static void fill(struct input *in, size_t want)
{
    if (in->ended || in->failed)
        return;
    compact(in);
    while (in->end < want && !in->ended && !in->failed) {
        if (in->end == in->capacity) {
            in->capacity *= 2;
            in->data = in->buffer = mem_realloc(in->buffer, in->capacity);
        }
        in->failed =
            in->compression ? pull_compressed(in, &in->failure) : pull_plain(in, &in->failure);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

int input_peek(struct input *in, size_t want, struct view *ret, struct error *err)
{
    if (unlikely(in->end - in->position < want))
        fill(in, want);
    *ret = (struct view){in->data + in->position, in->end - in->position};
    if (likely(ret->size >= want) || !in->failed)
        return 0;
    if (err)
        *err = in->failure;
    return -1;
}

size_t input_available(const struct input *in)
{
    return in->end - in->position;
}

bool input_would_wait(const struct input *in)
{
    return !in->ended && !in->failed && raw_would_wait(&in->raw);
}

int input_descriptor(const struct input *in)
{
    return in->raw.descriptor;
}

void input_advance(struct input *in, size_t size)
{
    check(size <= in->end - in->position);
    in->position += size;
    if (!in->buffer)
        raw_take(&in->raw, size);
}

/* Reads and forgets what lies in front of `offset`. */
static int pass_over(struct input *in, uint64_t offset, struct error *err)
{
    struct view bytes;
    while (input_offset(in) < offset) {
        if (input_peek(in, 1, &bytes, err))
            return -1;
        if (!bytes.size)
            return error_set(err, "%s: ends at offset %llu, in front of offset %llu", in->name,
                             (unsigned long long)input_offset(in), (unsigned long long)offset);
        uint64_t left = offset - input_offset(in);
        input_advance(in, bytes.size < left ? bytes.size : (size_t)left);
    }
    return 0;
}

int input_seek(struct input *in, uint64_t offset, size_t size, struct error *err)
{
    if (in->buffer && offset < input_offset(in))
        return error_set(err, "%s: cannot be read backwards", in->name);
    if (in->buffer)
        return pass_over(in, offset, err);
    if (offset > in->end)
        return error_set(err, "%s: ends at offset %llu, in front of offset %llu", in->name,
                         (unsigned long long)in->end, (unsigned long long)offset);
    in->position = (size_t)offset;
    raw_seek(&in->raw, in->position, size);
    return 0;
}

uint64_t input_offset(const struct input *in)
{
    return in->before + in->position;
}

const char *input_name(const struct input *in)
{
    return in->name;
}

bool input_is_mapped(const struct input *in)
{
    return !in->buffer;
}

bool input_is_compressed(const struct input *in)
{
    return in->compression;
}

bool input_is_stream(const struct input *in)
{
    return !raw_is_whole(&in->raw);
}

uint64_t input_raw_taken(const struct input *in)
{
    return raw_taken(&in->raw);
}

uint64_t input_raw_size(const struct input *in)
{
    return in->raw.size;
}
