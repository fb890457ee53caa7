/* SPDX-License-Identifier: Apache-2.0 */
#include "index/header.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"

/* Where the fields stand in the page. */
enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_CHECK = 12,
    AT_CAPTURE = 16, /* size, head, tail */
    AT_QUIRKS = 40,
    AT_TUNNELS = 44,
    AT_PACKETS = 48,
    AT_FIRST = 56,
    AT_LAST = 64,
    AT_CHUNK_COUNT = 72,
    AT_BUCKET_COUNT = 76,
    AT_RESUME_COUNT = 80,
    AT_HASH_BITS = 84,
    AT_ENTRIES = 88,
    AT_POSTINGS = 96,
    AT_POSTINGS_SIZE = 104,
    AT_DIRECTORY = 112,
    AT_RESUMES = 120,
    AT_TEXTS = 128,
    AT_CHECKS = 136,
    AT_PATH_SIZE = 144,
    AT_FILTER_SIZE = 148,
    AT_LAST_NUMBER = 152,
};

static uint32_t check_of(const uint8_t page[SEGMENT_PAGE])
{
    static const uint8_t none[4];
    uLong sum = crc32(0, page, AT_CHECK);
    sum = crc32(sum, none, sizeof(none));
    return (uint32_t)crc32(sum, page + AT_CHECK + 4, SEGMENT_PAGE - AT_CHECK - 4);
}

void segment_header_encode(const struct segment_header *h, uint8_t page[SEGMENT_PAGE])
{
    memset(page, 0, SEGMENT_PAGE);
    memcpy(page + AT_MAGIC, SEGMENT_MAGIC, 8);
    store_le32(page + AT_VERSION, SEGMENT_VERSION);
    store_le64(page + AT_CAPTURE, h->capture.size);
    store_le64(page + AT_CAPTURE + 8, h->capture.head);
    store_le64(page + AT_CAPTURE + 16, h->capture.tail);
    store_le32(page + AT_QUIRKS, h->decoding.quirks);
    store_le32(page + AT_TUNNELS, h->decoding.tunnels);
    store_le64(page + AT_PACKETS, h->packets);
    store_le64(page + AT_FIRST, (uint64_t)h->first);
    store_le64(page + AT_LAST, (uint64_t)h->last);
    store_le32(page + AT_CHUNK_COUNT, h->chunk_count);
    store_le32(page + AT_BUCKET_COUNT, h->bucket_count);
    store_le32(page + AT_RESUME_COUNT, h->resume_count);
    store_le32(page + AT_HASH_BITS, h->hash_bits);
    store_le64(page + AT_ENTRIES, h->entries);
    store_le64(page + AT_POSTINGS, h->postings);
    store_le64(page + AT_POSTINGS_SIZE, h->postings_size);
    store_le64(page + AT_DIRECTORY, h->directory);
    store_le64(page + AT_RESUMES, h->resumes);
    store_le64(page + AT_TEXTS, h->texts);
    store_le64(page + AT_CHECKS, h->checks);
    store_le32(page + AT_PATH_SIZE, h->path_size);
    store_le32(page + AT_FILTER_SIZE, h->filter_size);
    store_le64(page + AT_LAST_NUMBER, h->last_number);
    store_le32(page + AT_CHECK, check_of(page));
}

static void decode(struct segment_header *ret, const uint8_t *page)
{
    *ret = (struct segment_header){
        .capture = {load_le64(page + AT_CAPTURE), load_le64(page + AT_CAPTURE + 8),
                    load_le64(page + AT_CAPTURE + 16)},
        .decoding = {load_le32(page + AT_QUIRKS), load_le32(page + AT_TUNNELS)},
        .packets = load_le64(page + AT_PACKETS),
        .first = (nsec_t)load_le64(page + AT_FIRST),
        .last = (nsec_t)load_le64(page + AT_LAST),
        .chunk_count = load_le32(page + AT_CHUNK_COUNT),
        .bucket_count = load_le32(page + AT_BUCKET_COUNT),
        .resume_count = load_le32(page + AT_RESUME_COUNT),
        .hash_bits = load_le32(page + AT_HASH_BITS),
        .entries = load_le64(page + AT_ENTRIES),
        .postings = load_le64(page + AT_POSTINGS),
        .postings_size = load_le64(page + AT_POSTINGS_SIZE),
        .directory = load_le64(page + AT_DIRECTORY),
        .resumes = load_le64(page + AT_RESUMES),
        .texts = load_le64(page + AT_TEXTS),
        .checks = load_le64(page + AT_CHECKS),
        .path_size = load_le32(page + AT_PATH_SIZE),
        .filter_size = load_le32(page + AT_FILTER_SIZE),
        .last_number = load_le64(page + AT_LAST_NUMBER),
    };
}

/* The parts lie in their order, and each begins where the one before it ends. */
static bool is_laid_out(const struct segment_header *h, uint64_t file_size)
{
    if (h->postings_size > file_size || h->texts > file_size || h->path_size > SEGMENT_TEXT_MAX ||
        h->filter_size > SEGMENT_TEXT_MAX)
        return false;
    uint64_t chunks_end = SEGMENT_PAGE + (uint64_t)h->chunk_count * SEGMENT_CHUNK_ENTRY;
    uint64_t directory_end = h->directory + 8 * ((uint64_t)h->bucket_count + 1);
    return h->postings == chunks_end && h->directory == h->postings + h->postings_size &&
           h->resumes == directory_end &&
           h->texts == h->resumes + (uint64_t)h->resume_count * SEGMENT_RESUME_ENTRY &&
           h->checks == h->texts + h->path_size + h->filter_size + 2 &&
           file_size == h->checks + 4 * (segment_page_count(h->checks) - 1);
}

int segment_header_decode(struct segment_header *ret, const uint8_t page[SEGMENT_PAGE],
                          uint64_t file_size, const char *name, struct error *err)
{
    if (memcmp(page + AT_MAGIC, SEGMENT_MAGIC, 8))
        return error_set(err, "%s: offset 0: not the index of a capture", name);
    uint32_t version = load_le32(page + AT_VERSION);
    if (version != SEGMENT_VERSION)
        return error_set(err, "%s: an index of version %u, and this program knows version %u", name,
                         version, SEGMENT_VERSION);
    if (load_le32(page + AT_CHECK) != check_of(page))
        return error_set(err, "%s: offset 0: damaged, the checksum is another", name);
    decode(ret, page);
    bool is_power = ret->bucket_count && !(ret->bucket_count & (ret->bucket_count - 1));
    if (!is_power || ret->hash_bits < 8 || ret->hash_bits > 32 ||
        (uint64_t)ret->bucket_count > UINT64_C(1) << ret->hash_bits || !is_laid_out(ret, file_size))
        return error_set(err, "%s: damaged: its parts do not fit into its %llu bytes", name,
                         (unsigned long long)file_size);
    return 0;
}
