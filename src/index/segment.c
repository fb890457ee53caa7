/* SPDX-License-Identifier: Apache-2.0 */
#include "index/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "index/header.h"

struct segment {
    char *name;
    const uint8_t *bytes; /* of the whole file, mapped */
    uint64_t size;
    struct segment_header header;
    uint8_t *is_checked; /* a bit a page */
};

/* --- life ------------------------------------------------------------------------------------- */

static int open_file(const char *path, uint64_t *ret_size, struct error *err)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return error_errno(err, "%s", path);
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode)) {
        close(descriptor);
        return error_set(err, "%s: not a file", path);
    }
    *ret_size = (uint64_t)status.st_size;
    if (*ret_size < SEGMENT_PAGE) {
        close(descriptor);
        return error_set(err, "%s: not the index of a capture: %llu bytes are less than a header",
                         path, (unsigned long long)*ret_size);
    }
    return descriptor;
}

int segment_peek(struct segment_header *ret, const char *path, struct error *err)
{
    uint8_t page[SEGMENT_PAGE];
    uint64_t size;
    int descriptor = open_file(path, &size, err);
    if (descriptor < 0)
        return -1;
    ssize_t got = pread(descriptor, page, sizeof(page), 0);
    int result = got == (ssize_t)sizeof(page) ? segment_header_decode(ret, page, size, path, err)
                                              : error_errno(err, "%s: cannot be read", path);
    close(descriptor);
    return result;
}

int segment_open(struct segment **ret, const char *path, struct error *err)
{
    uint64_t size;
    int descriptor = open_file(path, &size, err);
    if (descriptor < 0)
        return -1;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (bytes == MAP_FAILED)
        error_errno(err, "%s", path);
    close(descriptor);
    if (bytes == MAP_FAILED)
        return -1;
    struct segment *segment = mem_zalloc(sizeof(*segment));
    segment->name = mem_strdup(path);
    segment->bytes = bytes;
    segment->size = size;
    if (segment_header_decode(&segment->header, segment->bytes, size, path, err)) {
        segment_close(segment);
        return -1;
    }
    madvise(bytes, size, MADV_RANDOM);
    segment->is_checked = mem_zalloc(segment_page_count(size) / 8 + 1);
    *ret = segment;
    return 0;
}

void segment_close(struct segment *segment)
{
    if (!segment)
        return;
    munmap((void *)segment->bytes, segment->size);
    free(segment->is_checked);
    free(segment->name);
    free(segment);
}

const char *segment_name(const struct segment *segment)
{
    return segment->name;
}

const struct segment_header *segment_info(const struct segment *segment)
{
    return &segment->header;
}

/* --- checked bytes ---------------------------------------------------------------------------- */

static int damaged(const struct segment *segment, uint64_t offset, const char *wrong,
                   struct error *err)
{
    return error_set(err, "%s: offset %llu: damaged: %s; build the index anew", segment->name,
                     (unsigned long long)offset, wrong);
}

static int check_page(struct segment *segment, uint64_t page, struct error *err)
{
    if (segment->is_checked[page / 8] >> page % 8 & 1)
        return 0;
    uint64_t start = page * SEGMENT_PAGE, end = start + SEGMENT_PAGE;
    if (end > segment->header.checks)
        end = segment->header.checks;
    uint32_t sum = (uint32_t)crc32(0, segment->bytes + start, (uInt)(end - start));
    if (sum != load_le32(segment->bytes + segment->header.checks + 4 * (page - 1)))
        return damaged(segment, start, "the checksum of this page is another", err);
    segment->is_checked[page / 8] |= (uint8_t)(1u << page % 8);
    return 0;
}

/* `size` > 0 bytes at `offset`, behind the header and in front of the checks. */
static int look(struct segment *segment, uint64_t offset, uint64_t size, const uint8_t **ret,
                struct error *err)
{
    for (uint64_t page = offset / SEGMENT_PAGE; page <= (offset + size - 1) / SEGMENT_PAGE; page++)
        if (check_page(segment, page, err))
            return -1;
    *ret = segment->bytes + offset;
    return 0;
}

/* --- parts ------------------------------------------------------------------------------------ */

int segment_texts(struct segment *segment, const char **ret_path, const char **ret_filter,
                  struct error *err)
{
    const struct segment_header *h = &segment->header;
    const uint8_t *texts;
    if (look(segment, h->texts, (uint64_t)h->path_size + h->filter_size + 2, &texts, err))
        return -1;
    if (texts[h->path_size] || texts[h->path_size + 1 + h->filter_size])
        return damaged(segment, h->texts, "texts that do not end", err);
    *ret_path = (const char *)texts;
    *ret_filter = (const char *)texts + h->path_size + 1;
    return 0;
}

int segment_chunk(struct segment *segment, uint32_t at, struct segment_chunk *ret,
                  struct error *err)
{
    const uint8_t *entry;
    uint64_t offset = SEGMENT_PAGE + (uint64_t)at * SEGMENT_CHUNK_ENTRY;
    if (look(segment, offset, SEGMENT_CHUNK_ENTRY, &entry, err))
        return -1;
    ret->offset = load_le64(entry);
    ret->number = load_le64(entry + 8);
    ret->first = (nsec_t)load_le64(entry + 16);
    ret->last = (nsec_t)load_le64(entry + 24);
    return 0;
}

int segment_resume(struct segment *segment, uint32_t at, struct segment_resume *ret,
                   struct error *err)
{
    const uint8_t *entry;
    uint64_t offset = segment->header.resumes + (uint64_t)at * SEGMENT_RESUME_ENTRY;
    if (look(segment, offset, SEGMENT_RESUME_ENTRY, &entry, err))
        return -1;
    *ret = (struct segment_resume){load_le64(entry), load_le64(entry + 8)};
    return 0;
}

/* --- flows ------------------------------------------------------------------------------------ */

static int bucket_bytes(struct segment *segment, uint32_t bucket, struct view *ret,
                        struct error *err)
{
    const struct segment_header *h = &segment->header;
    const uint8_t *entry;
    uint64_t offset = h->directory + 8 * (uint64_t)bucket;
    if (look(segment, offset, 16, &entry, err))
        return -1;
    uint64_t start = load_le64(entry), end = load_le64(entry + 8);
    if (start > end || end > h->postings_size)
        return damaged(segment, offset, "a bucket beyond the postings", err);
    ret->size = (size_t)(end - start);
    if (!ret->size)
        return 0;
    return look(segment, h->postings + start, ret->size, &ret->data, err);
}

static void ignore(void *arg, struct posting_run run)
{
    (void)arg, (void)run;
}

/* What is looked for among the flows of a bucket, and who gets its chunks. */
struct lookup {
    uint64_t hash; /* counted from the first one that belongs into the bucket */
    void (*take)(void *arg, struct posting_run run);
    void *arg;
    uint64_t flows; /* that were gone through */
};

/* Goes through the flows of a bucket, up to the one that is looked for. */
static int walk_bucket(struct segment *segment, uint32_t bucket, struct lookup *lookup,
                       struct error *err)
{
    const struct segment_header *h = &segment->header;
    struct view bytes;
    if (bucket_bytes(segment, bucket, &bytes, err))
        return -1;
    uint64_t hash = 0, head, hashes = (UINT64_C(1) << h->hash_bits) / h->bucket_count;
    for (; bytes.size; lookup->flows++) {
        uint64_t offset = (uint64_t)(bytes.data - segment->bytes);
        if (!posting_take_number(&bytes, &head) || (head >> 1) + hash >= hashes)
            return damaged(segment, offset, "a flow that is not of its bucket", err);
        hash += head >> 1;
        if (hash > lookup->hash)
            return 0;
        if (!posting_take_runs(&bytes, head & 1, h->chunk_count,
                               hash == lookup->hash ? lookup->take : ignore, lookup->arg))
            return damaged(segment, offset, "chunks that the capture does not have", err);
    }
    return 0;
}

int segment_find(struct segment *segment, uint32_t hash,
                 void (*take)(void *arg, struct posting_run run), void *arg, struct error *err)
{
    const struct segment_header *h = &segment->header;
    uint64_t hashes = (UINT64_C(1) << h->hash_bits) / h->bucket_count;
    uint64_t kept = hash >> (32 - h->hash_bits);
    struct lookup lookup = {.hash = kept % hashes, .take = take, .arg = arg};
    return walk_bucket(segment, (uint32_t)(kept / hashes), &lookup, err);
}

int segment_verify(struct segment *segment, struct error *err)
{
    const struct segment_header *h = &segment->header;
    const uint8_t *all;
    struct lookup nothing = {.hash = UINT64_MAX, .take = ignore};
    if (look(segment, SEGMENT_PAGE, h->checks - SEGMENT_PAGE, &all, err))
        return -1;
    for (uint32_t i = 0; i < h->bucket_count; i++)
        if (walk_bucket(segment, i, &nothing, err))
            return -1;
    if (nothing.flows != h->entries)
        return damaged(segment, h->postings, "the number of flows is another", err);
    return 0;
}
