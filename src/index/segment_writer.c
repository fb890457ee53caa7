/* SPDX-License-Identifier: Apache-2.0 */
#include "index/segment_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "base/new_file.h"
#include "index/capture_id.h"
#include "index/header.h"
#include "index/posting.h"

enum { BUFFER_SIZE = 64 * SEGMENT_PAGE };

struct segment_writer {
    char *folder;
    struct new_file file;
    uint8_t *buffer; /* whole pages of the file, but for the last one */
    size_t filled;
    uint64_t written; /* bytes of the file in front of the buffer */
    uint32_t *checks; /* of the pages in front of the buffer */
    size_t check_count, check_capacity;
    uint32_t chunk_count;
    struct segment_resume *resumes;
    size_t resume_count, resume_capacity;
    /* the flow in hand, and where the buckets begin */
    struct posting_run *runs;
    size_t run_count, run_capacity;
    uint8_t *posting;
    size_t posting_capacity;
    uint64_t *buckets;
    uint64_t entries;
};

/* --- life ------------------------------------------------------------------------------------- */

static int sys_write(struct segment_writer *w, const uint8_t *bytes, size_t size, uint64_t offset,
                     struct error *err)
{
    while (size) {
        ssize_t done = pwrite(w->file.descriptor, bytes, size, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return error_errno(err, "%s: the index cannot be written", w->folder);
        bytes += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return 0;
}

int segment_writer_new(struct segment_writer **ret, const char *folder, struct error *err)
{
    struct segment_writer *w = mem_zalloc(sizeof(*w));
    w->folder = mem_strdup(folder);
    char *path = mem_printf("%s/segment" SEGMENT_SUFFIX, folder);
    int result = new_file_create(&w->file, path, err);
    free(path);
    if (result) {
        segment_writer_free(w);
        return -1;
    }
    w->buffer = mem_alloc(BUFFER_SIZE);
    w->written = SEGMENT_PAGE; /* the header comes last */
    *ret = w;
    return 0;
}

void segment_writer_free(struct segment_writer *w)
{
    if (!w)
        return;
    new_file_abandon(&w->file);
    free(w->folder);
    free(w->buffer);
    free(w->checks);
    free(w->resumes);
    free(w->runs);
    free(w->posting);
    free(w->buckets);
    free(w);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void add_check(struct segment_writer *w, const uint8_t *page, size_t size)
{
    w->checks = mem_grow(w->checks, &w->check_capacity, w->check_count + 1, sizeof(*w->checks));
    w->checks[w->check_count++] = (uint32_t)crc32(0, page, (uInt)size);
}

static int flush(struct segment_writer *w, struct error *err)
{
    for (size_t at = 0; at < w->filled; at += SEGMENT_PAGE)
        add_check(w, w->buffer + at, w->filled - at < SEGMENT_PAGE ? w->filled - at : SEGMENT_PAGE);
    int result = sys_write(w, w->buffer, w->filled, w->written, err);
    w->written += w->filled;
    w->filled = 0;
    return result;
}

static int put(struct segment_writer *w, const void *bytes, size_t size, struct error *err)
{
    const uint8_t *at = bytes;
    if (likely(size < BUFFER_SIZE - w->filled)) {
        memcpy(w->buffer + w->filled, at, size);
        w->filled += size;
        return 0;
    }
    while (size) {
        size_t part = BUFFER_SIZE - w->filled < size ? BUFFER_SIZE - w->filled : size;
        memcpy(w->buffer + w->filled, at, part);
        w->filled += part;
        at += part;
        size -= part;
        if (w->filled == BUFFER_SIZE && flush(w, err))
            return -1;
    }
    return 0;
}

static int put_word(struct segment_writer *w, uint64_t word, struct error *err)
{
    uint8_t bytes[8];
    store_le64(bytes, word);
    return put(w, bytes, sizeof(bytes), err);
}

static uint64_t position(const struct segment_writer *w)
{
    return w->written + w->filled;
}

int segment_writer_chunk(struct segment_writer *w, const struct segment_chunk *chunk,
                         struct error *err)
{
    uint8_t entry[SEGMENT_CHUNK_ENTRY];
    if (w->chunk_count == UINT32_MAX)
        return error_set(err, "a capture of more than 2^32 chunks");
    store_le64(entry, chunk->offset);
    store_le64(entry + 8, chunk->number);
    store_le64(entry + 16, (uint64_t)chunk->first);
    store_le64(entry + 24, (uint64_t)chunk->last);
    w->chunk_count++;
    return put(w, entry, sizeof(entry), err);
}

void segment_writer_resume(struct segment_writer *w, struct segment_resume resume)
{
    w->resumes =
        mem_grow(w->resumes, &w->resume_capacity, w->resume_count + 1, sizeof(*w->resumes));
    w->resumes[w->resume_count++] = resume;
}

/* --- postings --------------------------------------------------------------------------------- */

/*
 * How many flows there are is known when they have been written, too late. Pairs, some of them
 * added twice, are not fewer and for most traffic not many more.
 *
 * 8 bits more than are needed to number them: of 256 flows that are asked for and not there, one is
 * looked for in vain.
 */
static uint32_t hash_bits_for(uint64_t pairs)
{
    uint32_t bits = 8;
    while (bits < 32 && pairs >> (bits - 8))
        bits++;
    return bits;
}

static uint32_t buckets_for(uint64_t pairs)
{
    uint32_t buckets = 1;
    while (buckets < 1u << 26 && (uint64_t)buckets * SEGMENT_BUCKET_FLOWS < pairs)
        buckets *= 2;
    return buckets;
}

static void add_chunk(struct segment_writer *w, uint32_t chunk)
{
    struct posting_run *last = w->run_count ? &w->runs[w->run_count - 1] : NULL;
    if (last && chunk >= last->chunk && chunk - last->chunk < last->count)
        return; /* of another flow with the same hash, as far as it is kept */
    if (last && chunk == last->chunk + last->count) {
        last->count++;
        return;
    }
    w->runs = mem_grow(w->runs, &w->run_capacity, w->run_count + 1, sizeof(*w->runs));
    w->runs[w->run_count++] = (struct posting_run){chunk, 1};
}

static int by_chunk(const void *a, const void *b)
{
    const struct posting_run *one = a, *other = b;
    return (one->chunk > other->chunk) - (one->chunk < other->chunk);
}

/* Flows that share a hash bring their chunks one after the other; they become one list. */
static void join_runs(struct segment_writer *w)
{
    size_t count = w->run_count;
    qsort(w->runs, count, sizeof(*w->runs), by_chunk);
    w->run_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct posting_run run = w->runs[i]; /* never behind what is written */
        struct posting_run *last = w->run_count ? &w->runs[w->run_count - 1] : NULL;
        if (last && run.chunk <= last->chunk + last->count) {
            uint32_t end = run.chunk + run.count;
            if (end > last->chunk + last->count)
                last->count = end - last->chunk;
        } else {
            w->runs[w->run_count++] = run;
        }
    }
}

static bool is_in_order(const struct segment_writer *w)
{
    for (size_t i = 1; i < w->run_count; i++)
        if (w->runs[i].chunk <= w->runs[i - 1].chunk + w->runs[i - 1].count)
            return false;
    return true;
}

static int put_flow(struct segment_writer *w, uint64_t difference, struct error *err)
{
    if (w->run_count > 1 && !is_in_order(w))
        join_runs(w);
    bool more = w->run_count > 1 || w->runs[0].count > 1;
    size_t most = posting_most(w->run_count) + POSTING_NUMBER_MAX;
    if (most > w->posting_capacity)
        w->posting = mem_grow(w->posting, &w->posting_capacity, most, 1);
    size_t size = posting_put_number(w->posting, difference << 1 | more);
    size += posting_put_runs(w->posting + size, w->runs, w->run_count);
    w->run_count = 0;
    w->entries++;
    return put(w, w->posting, size, err);
}

struct postings {
    uint64_t start;  /* offset */
    unsigned shift;  /* from a hash to its bucket */
    uint32_t bucket; /* that is being filled */
    uint64_t before; /* hash of the flow before, or where the bucket begins */
    uint64_t hash;   /* of the flow in hand */
};

/* Writes the flow in hand, into its bucket. */
static int end_flow(struct segment_writer *w, struct postings *p, struct error *err)
{
    if (!w->run_count)
        return 0;
    uint32_t bucket = (uint32_t)(p->hash >> p->shift);
    while (p->bucket < bucket) {
        w->buckets[++p->bucket] = position(w) - p->start;
        p->before = (uint64_t)p->bucket << p->shift;
    }
    int result = put_flow(w, p->hash - p->before, err);
    p->before = p->hash;
    return result;
}

static int put_postings(struct segment_writer *w, struct segment_header *header,
                        struct pairs *pairs, struct error *err)
{
    uint64_t pair;
    if (pairs_sort(pairs, err))
        return -1;
    header->hash_bits = hash_bits_for(pairs_added(pairs));
    header->bucket_count = buckets_for(pairs_added(pairs));
    w->buckets = mem_zalloc(((size_t)header->bucket_count + 1) * sizeof(*w->buckets));
    struct postings p = {
        .start = position(w),
        .shift = header->hash_bits - (unsigned)__builtin_ctz(header->bucket_count),
    };
    int result;
    while (!(result = pairs_next(pairs, &pair, err))) {
        uint64_t hash = pair >> (64 - header->hash_bits);
        if (hash != p.hash && end_flow(w, &p, err))
            return -1;
        p.hash = hash;
        add_chunk(w, (uint32_t)pair);
    }
    if (result < 0 || end_flow(w, &p, err))
        return -1;
    header->postings = p.start;
    header->postings_size = position(w) - p.start;
    header->entries = w->entries;
    while (p.bucket < header->bucket_count)
        w->buckets[++p.bucket] = header->postings_size;
    return 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

static int put_rest(struct segment_writer *w, struct segment_header *header,
                    const struct segment_summary *summary, struct error *err)
{
    header->directory = position(w);
    for (uint64_t i = 0; i <= header->bucket_count; i++)
        if (put_word(w, w->buckets[i], err))
            return -1;
    header->resumes = position(w);
    for (size_t i = 0; i < w->resume_count; i++)
        if (put_word(w, w->resumes[i].offset, err) || put_word(w, w->resumes[i].setup, err))
            return -1;
    header->texts = position(w);
    if (put(w, summary->path, header->path_size + 1, err) ||
        put(w, summary->filter ? summary->filter : "", header->filter_size + 1, err))
        return -1;
    header->checks = position(w);
    if (flush(w, err))
        return -1;
    size_t count = w->check_count;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        store_le32(bytes, w->checks[i]);
        if (put(w, bytes, sizeof(bytes), err))
            return -1;
    }
    return flush(w, err);
}

void segment_name_of(char ret[SEGMENT_NAME_SIZE], const struct capture_id *capture, nsec_t first,
                     nsec_t last)
{
    snprintf(ret, SEGMENT_NAME_SIZE, "%016" PRIx64 "-%016" PRIx64 "-%016" PRIx64 SEGMENT_SUFFIX,
             (uint64_t)first, (uint64_t)last, capture_id_hash(capture));
}

int segment_writer_finish(struct segment_writer *w, const struct segment_summary *summary,
                          struct pairs *pairs, struct error *err)
{
    struct segment_header header = {
        .capture = summary->capture,
        .decoding = summary->decoding,
        .packets = summary->packets,
        .last_number = summary->last_number,
        .first = summary->first,
        .last = summary->last,
        .chunk_count = w->chunk_count,
        .resume_count = (uint32_t)w->resume_count,
        .path_size = (uint32_t)strlen(summary->path),
        .filter_size = summary->filter ? (uint32_t)strlen(summary->filter) : 0,
    };
    uint8_t page[SEGMENT_PAGE];
    char name[SEGMENT_NAME_SIZE];
    if (header.path_size > SEGMENT_TEXT_MAX || header.filter_size > SEGMENT_TEXT_MAX)
        return error_set(err, "%s: a path or a packet filter too long for an index", summary->path);
    if (put_postings(w, &header, pairs, err) || put_rest(w, &header, summary, err))
        return -1;
    segment_header_encode(&header, page);
    segment_name_of(name, &summary->capture, summary->first, summary->last);
    new_file_set_name(&w->file, name);
    return sys_write(w, page, sizeof(page), 0, err) ? -1 : new_file_commit(&w->file, err);
}
