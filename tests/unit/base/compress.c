/* SPDX-License-Identifier: Apache-2.0 */
#include "compress.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

static size_t gzip(struct view bytes, uint8_t *to, size_t size)
{
    z_stream z = {0};
    check(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (Bytef *)bytes.data;
    z.avail_in = (uInt)bytes.size;
    z.next_out = to;
    z.avail_out = (uInt)size;
    check(deflate(&z, Z_FINISH) == Z_STREAM_END);
    deflateEnd(&z);
    return size - z.avail_out;
}

static size_t zstd(struct view bytes, uint8_t *to, size_t size)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t done = ZSTD_compress2(context, to, size, bytes.data, bytes.size);
    check(!ZSTD_isError(done));
    ZSTD_freeCCtx(context);
    return done;
}

static size_t xz(struct view bytes, uint8_t *to, size_t size)
{
    size_t done = 0;
    check(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes.data, bytes.size, to, &done,
                                  size) == LZMA_OK);
    return done;
}

static size_t bzip2(struct view bytes, uint8_t *to, size_t size)
{
    unsigned done = (unsigned)size;
    check(BZ2_bzBuffToBuffCompress((char *)to, &done, (char *)bytes.data, (unsigned)bytes.size, 1,
                                   0, 0) == BZ_OK);
    return done;
}

static size_t lz4(struct view bytes, uint8_t *to, size_t size)
{
    const LZ4F_preferences_t preferences = {
        .frameInfo = {.blockSizeID = LZ4F_max64KB,
                      .contentChecksumFlag = LZ4F_contentChecksumEnabled}};
    size_t done = LZ4F_compressFrame(to, size, bytes.data, bytes.size, &preferences);
    check(!LZ4F_isError(done));
    return done;
}

const struct compressor compressors[COMPRESSOR_COUNT] = {
    {"gzip", gzip}, {"zstd", zstd}, {"xz", xz}, {"bzip2", bzip2}, {"lz4", lz4}};
