/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as the flows of a segment, with a header and checksums that are right. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/check.h"
#include "index/header.h"
#include "index/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHUNKS = 16, POSTINGS_MOST = 8192, FILE_MOST = 32768 };

/* Lays out the file: chunks of zeros, the postings, one bucket, no texts. Returns its size. */
static size_t lay_out(uint8_t *file, const uint8_t *data, size_t size)
{
    struct segment_header h = {.chunk_count = CHUNKS, .bucket_count = 1, .hash_bits = 32};
    memset(file, 0, FILE_MOST);
    h.postings = SEGMENT_PAGE + CHUNKS * SEGMENT_CHUNK_ENTRY;
    h.postings_size = size;
    memcpy(file + h.postings, data, size);
    h.directory = h.postings + size;
    store_le64(file + h.directory + 8, size);
    h.resumes = h.texts = h.directory + 16;
    h.checks = h.texts + 2;
    segment_header_encode(&h, file);
    size_t pages = segment_page_count(h.checks) - 1;
    for (size_t i = 0; i < pages; i++) {
        size_t start = (i + 1) * SEGMENT_PAGE, end = start + SEGMENT_PAGE;
        end = end > h.checks ? h.checks : end;
        store_le32(file + h.checks + 4 * i, (uint32_t)crc32(0, file + start, (uInt)(end - start)));
    }
    return h.checks + 4 * pages;
}

static void expect_chunk(void *arg, struct posting_run run)
{
    (void)arg;
    check(run.count && run.chunk < CHUNKS && run.count <= CHUNKS - run.chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[FILE_MOST];
    struct segment *segment;
    char path[64];
    if (size > POSTINGS_MOST)
        return 0;
    size_t file_size = lay_out(file, data, size);
    int descriptor = memfd_create("segment", MFD_CLOEXEC);
    check(descriptor >= 0 && write(descriptor, file, file_size) == (ssize_t)file_size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    check(!segment_open(&segment, path, NULL));
    bool is_good = !segment_verify(segment, NULL);
    for (uint32_t hash = 0; hash < 8; hash++) /* verify wants the count of flows, too, which is 0 */
        check(!segment_find(segment, hash, expect_chunk, NULL, NULL) || !is_good);
    segment_close(segment);
    close(descriptor);
    return 0;
}
