/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decompress.h"

#include <bzlib.h>
#include <limits.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

/*
 * Each format is a row of a table at the end of this file and four functions:
 *
 * open   makes the library's state.
 * begin  gets ready for a member, the first or a later one; NULL or the reason why not.
 * step   moves the stream on, and says whether its member has ended.
 * close  frees the state.
 *
 * A reader is to get everything in front of a damage. The zstd and lz4 libraries do not report what
 * a failing call has written; but if a call gets one block at most, and none while the library
 * still holds plain bytes that had no room, then a failing call has written nothing. How large the
 * next block is they say themselves: the hint.
 */

/* What a step works on; it moves the pointers and lowers the sizes as it goes. */
struct work {
    const uint8_t *from;
    size_t from_size;
    uint8_t *to;
    size_t to_size;
    bool member_ended;
};

struct compression {
    const char *name;
    unsigned magic_size;
    uint8_t magic[COMPRESSION_MAGIC_MAX];
    void (*open)(struct decompressor *d);
    const char *(*begin)(struct decompressor *d);
    const char *(*step)(struct decompressor *d, struct work *work);
    void (*close)(struct decompressor *d);
};

struct decompressor {
    const struct compression *compression;
    bool in_member;
    bool is_full; /* the last step filled its output: the library may hold more */
    size_t hint;  /* the most bytes that the next step may get */
    union {
        z_stream gzip;
        lzma_stream xz;
        bz_stream bzip2;
        ZSTD_DStream *zstd;
        LZ4F_dctx *lz4;
    };
};

static const char no_memory[] = "not enough memory to decompress it";

/* What to give for one block, when a library wants `wanted` bytes. */
static size_t one_block(size_t wanted, size_t block_header_size)
{
    return wanted > block_header_size ? wanted - block_header_size : wanted;
}

static unsigned int_size(size_t size)
{
    return size < UINT_MAX ? (unsigned)size : UINT_MAX;
}

/* --- gzip ------------------------------------------------------------------------------------- */

/* 15 bits of window, as large as it gets; 16 says gzip and not zlib. */
enum { GZIP_WINDOW_BITS = 15 + 16 };

static void gzip_open(struct decompressor *d)
{
    d->gzip = (z_stream){0};
}

static const char *gzip_begin(struct decompressor *d)
{
    int result = d->gzip.state ? inflateReset(&d->gzip) : inflateInit2(&d->gzip, GZIP_WINDOW_BITS);
    return result == Z_OK ? NULL : no_memory;
}

static const char *gzip_step(struct decompressor *d, struct work *work)
{
    z_stream *z = &d->gzip;
    const unsigned in = int_size(work->from_size), out = int_size(work->to_size);
    z->next_in = (Bytef *)work->from;
    z->avail_in = in;
    z->next_out = work->to;
    z->avail_out = out;
    int result = inflate(z, Z_NO_FLUSH);
    work->from += in - z->avail_in;
    work->from_size -= in - z->avail_in;
    work->to += out - z->avail_out;
    work->to_size -= out - z->avail_out;
    work->member_ended = result == Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        return NULL;
    if (result == Z_MEM_ERROR)
        return no_memory;
    return z->msg ? z->msg : "not as gzip writes it";
}

static void gzip_close(struct decompressor *d)
{
    inflateEnd(&d->gzip);
}

/* --- xz --------------------------------------------------------------------------------------- */

/* A file can ask for a dictionary of 4 GB. That of xz -9 takes 65 MiB. */
enum { XZ_MEMORY_MAX = 128 * 1024 * 1024 };

static void xz_open(struct decompressor *d)
{
    d->xz = (lzma_stream)LZMA_STREAM_INIT;
}

static const char *xz_begin(struct decompressor *d)
{
    return lzma_stream_decoder(&d->xz, XZ_MEMORY_MAX, 0) == LZMA_OK ? NULL : no_memory;
}

static const char *xz_step(struct decompressor *d, struct work *work)
{
    lzma_stream *xz = &d->xz;
    xz->next_in = work->from;
    xz->avail_in = work->from_size;
    xz->next_out = work->to;
    xz->avail_out = work->to_size;
    lzma_ret result = lzma_code(xz, LZMA_RUN);
    work->from = xz->next_in;
    work->from_size = xz->avail_in;
    work->to = xz->next_out;
    work->to_size = xz->avail_out;
    work->member_ended = result == LZMA_STREAM_END;
    switch (result) {
    case LZMA_OK:
    case LZMA_STREAM_END:
    case LZMA_BUF_ERROR:
        return NULL;
    case LZMA_MEM_ERROR:
        return no_memory;
    case LZMA_MEMLIMIT_ERROR:
        return "its dictionary is larger than 128 MiB";
    case LZMA_FORMAT_ERROR:
        return "not as xz writes it";
    case LZMA_OPTIONS_ERROR:
        return "options that are not supported";
    default:
        return "the data is corrupt";
    }
}

static void xz_close(struct decompressor *d)
{
    lzma_end(&d->xz);
}

/* --- bzip2 ------------------------------------------------------------------------------------ */

static void bzip2_open(struct decompressor *d)
{
    d->bzip2 = (bz_stream){0};
}

static const char *bzip2_begin(struct decompressor *d)
{
    if (d->bzip2.state)
        BZ2_bzDecompressEnd(&d->bzip2);
    return BZ2_bzDecompressInit(&d->bzip2, 0, 0) == BZ_OK ? NULL : no_memory;
}

static const char *bzip2_step(struct decompressor *d, struct work *work)
{
    bz_stream *bz = &d->bzip2;
    const unsigned in = int_size(work->from_size), out = int_size(work->to_size);
    bz->next_in = (char *)work->from;
    bz->avail_in = in;
    bz->next_out = (char *)work->to;
    bz->avail_out = out;
    int result = BZ2_bzDecompress(bz);
    work->from += in - bz->avail_in;
    work->from_size -= in - bz->avail_in;
    work->to += out - bz->avail_out;
    work->to_size -= out - bz->avail_out;
    work->member_ended = result == BZ_STREAM_END;
    if (result == BZ_OK || result == BZ_STREAM_END)
        return NULL;
    if (result == BZ_MEM_ERROR)
        return no_memory;
    return result == BZ_DATA_ERROR_MAGIC ? "not as bzip2 writes it" : "the data is corrupt";
}

static void bzip2_close(struct decompressor *d)
{
    if (d->bzip2.state)
        BZ2_bzDecompressEnd(&d->bzip2);
}

/* --- zstd ------------------------------------------------------------------------------------- */

enum { ZSTD_BLOCK_HEADER = 3 };

static void zstd_open(struct decompressor *d)
{
    d->zstd = ZSTD_createDStream();
}

static const char *zstd_begin(struct decompressor *d)
{
    if (!d->zstd)
        return no_memory;
    d->hint = ZSTD_initDStream(d->zstd);
    return NULL;
}

static const char *zstd_step(struct decompressor *d, struct work *work)
{
    ZSTD_inBuffer in = {work->from, work->from_size, 0};
    ZSTD_outBuffer out = {work->to, work->to_size, 0};
    size_t result = ZSTD_decompressStream(d->zstd, &out, &in);
    if (ZSTD_isError(result))
        return ZSTD_getErrorName(result);
    work->from += in.pos;
    work->from_size -= in.pos;
    work->to += out.pos;
    work->to_size -= out.pos;
    work->member_ended = !result;
    d->hint = one_block(result, ZSTD_BLOCK_HEADER);
    return NULL;
}

static void zstd_close(struct decompressor *d)
{
    ZSTD_freeDStream(d->zstd);
}

/* --- lz4 -------------------------------------------------------------------------------------- */

enum { LZ4_BLOCK_HEADER = 4 };

static void lz4_open(struct decompressor *d)
{
    if (LZ4F_isError(LZ4F_createDecompressionContext(&d->lz4, LZ4F_VERSION)))
        d->lz4 = NULL;
}

static const char *lz4_begin(struct decompressor *d)
{
    if (!d->lz4)
        return no_memory;
    LZ4F_resetDecompressionContext(d->lz4);
    d->hint = LZ4F_HEADER_SIZE_MIN;
    return NULL;
}

static const char *lz4_step(struct decompressor *d, struct work *work)
{
    size_t in = work->from_size, out = work->to_size;
    size_t result = LZ4F_decompress(d->lz4, work->to, &out, work->from, &in, NULL);
    if (LZ4F_isError(result))
        return LZ4F_getErrorName(result);
    work->from += in;
    work->from_size -= in;
    work->to += out;
    work->to_size -= out;
    work->member_ended = !result;
    d->hint = one_block(result, LZ4_BLOCK_HEADER);
    return NULL;
}

static void lz4_close(struct decompressor *d)
{
    LZ4F_freeDecompressionContext(d->lz4);
}

/* --- the table and what all formats share ----------------------------------------------------- */

#define FUNCTIONS(format) format##_open, format##_begin, format##_step, format##_close

static const struct compression compressions[] = {
    {"gzip", 3, {0x1f, 0x8b, 0x08}, FUNCTIONS(gzip)},
    {"zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}, FUNCTIONS(zstd)},
    {"zstd", 4, {0x50, 0x2a, 0x4d, 0x18}, FUNCTIONS(zstd)}, /* of pzstd: a skippable frame first */
    {"xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0x00}, FUNCTIONS(xz)},
    {"bzip2", 3, {'B', 'Z', 'h'}, FUNCTIONS(bzip2)},
    {"lz4", 4, {0x04, 0x22, 0x4d, 0x18}, FUNCTIONS(lz4)},
};

const struct compression *compression_of(struct view head)
{
    for (size_t i = 0; i < ARRAY_SIZE(compressions); i++) {
        const struct compression *row = &compressions[i];
        if (head.size >= row->magic_size && !memcmp(head.data, row->magic, row->magic_size))
            return row;
    }
    return NULL;
}

const char *compression_name(const struct compression *compression)
{
    return compression->name;
}

struct decompressor *decompressor_new(const struct compression *compression)
{
    struct decompressor *d = mem_zalloc(sizeof(*d));
    d->compression = compression;
    d->hint = SIZE_MAX;
    compression->open(d);
    return d;
}

void decompressor_free(struct decompressor *d)
{
    if (!d)
        return;
    d->compression->close(d);
    free(d);
}

bool decompressor_is_between(const struct decompressor *d)
{
    return !d->in_member;
}

static void skip_zeros(struct view *in)
{
    while (in->size && !*in->data) {
        in->data++;
        in->size--;
    }
}

/* One call of the library, within a member. */
static const char *step(struct decompressor *d, struct view *in, uint8_t *to, size_t size,
                        size_t *ret_size)
{
    size_t most = d->is_full ? 0 : d->hint;
    size_t given = in->size < most ? in->size : most;
    struct work work = {.from = in->data, .from_size = given, .to = to, .to_size = size};
    const char *wrong = d->compression->step(d, &work);
    in->data += given - work.from_size;
    in->size -= given - work.from_size;
    *ret_size = size - work.to_size;
    d->is_full = !work.to_size;
    d->in_member = !work.member_ended;
    return wrong;
}

const char *decompressor_step(struct decompressor *d, struct view *in, uint8_t *to, size_t size,
                              size_t *ret_size)
{
    *ret_size = 0;
    if (!d->in_member) {
        skip_zeros(in);
        if (!in->size)
            return NULL;
        const char *wrong = d->compression->begin(d);
        if (wrong)
            return wrong;
    }
    bool was_full = d->is_full;
    const char *wrong = step(d, in, to, size, ret_size);
    if (!wrong && was_full && !*ret_size && d->in_member)
        wrong = step(d, in, to, size, ret_size); /* the library held nothing, after all */
    return wrong;
}
