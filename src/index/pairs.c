/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/*
 * External merge sort (Knuth, The Art of Computer Programming, volume 3, section 5.4). Pairs come
 * in the order of their chunks, so a stable sort by the hash alone sorts them: three passes of a
 * radix sort. Half of the memory is for pairs, half for the sort to move them to; when runs are
 * merged all of it is for their readers.
 */
enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS, PASSES = 3 };
enum { PAIRS_LEAST = 1 << 16 };

struct run {               /* in the temporary file, and the part of it that is in memory */
    uint64_t offset, left; /* in pairs */
    uint64_t *buffer;
    size_t at, filled;
};

struct pairs {
    uint64_t *list; /* mapped: room for 2 * capacity */
    size_t count, capacity;
    char *folder;
    int descriptor; /* of the temporary file; -1: none */
    struct run *runs;
    size_t run_count, run_capacity;
    uint64_t spilled;  /* pairs in the file */
    size_t *heap;      /* runs by their next pair, while they are merged */
    size_t heap_count; /* those that are not at their end */
    size_t at;         /* in the list, when there are no runs */
    uint64_t last;     /* pair given last */
    bool has_last;
};

int pairs_new(struct pairs **ret, uint64_t memory, const char *folder, struct error *err)
{
    struct pairs *p = mem_zalloc(sizeof(*p));
    p->descriptor = -1;
    p->capacity = memory / (2 * sizeof(*p->list));
    if (p->capacity < PAIRS_LEAST)
        p->capacity = PAIRS_LEAST;
    p->folder = mem_strdup(folder);
    p->list = mem_try_map(2 * p->capacity * sizeof(*p->list));
    if (!p->list) {
        pairs_free(p);
        return error_set(err, "no memory for an index: %llu bytes", (unsigned long long)memory);
    }
    *ret = p;
    return 0;
}

void pairs_free(struct pairs *p)
{
    if (!p)
        return;
    if (p->list)
        mem_unmap(p->list, 2 * p->capacity * sizeof(*p->list));
    if (p->descriptor >= 0)
        close(p->descriptor);
    free(p->folder);
    free(p->runs);
    free(p->heap);
    free(p);
}

/* --- sorting in memory ------------------------------------------------------------------------ */

static unsigned digit_of(uint64_t pair, unsigned pass)
{
    return (unsigned)(pair >> (32 + pass * RADIX_BITS)) & (RADIX - 1);
}

static void radix_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned pass)
{
    size_t starts[RADIX] = {0}, next = 0;
    for (size_t i = 0; i < count; i++)
        starts[digit_of(from[i], pass)]++;
    for (unsigned digit = 0; digit < RADIX; digit++) {
        size_t size = starts[digit];
        starts[digit] = next;
        next += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[digit_of(from[i], pass)]++] = from[i];
}

/* Sorts the list, and takes out what stands there twice. */
static void sort_list(struct pairs *p)
{
    uint64_t *spare = p->list + p->capacity;
    for (unsigned pass = 0; pass < PASSES; pass++)
        radix_pass(pass % 2 ? spare : p->list, pass % 2 ? p->list : spare, p->count, pass);
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++)
        if (!kept || spare[i] != p->list[kept - 1])
            p->list[kept++] = spare[i];
    p->count = kept;
}

/* --- runs in the temporary file --------------------------------------------------------------- */

static int make_file(struct pairs *p, struct error *err)
{
    p->descriptor = open(p->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (p->descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        char *path = mem_printf("%s/panoptes-XXXXXX", p->folder);
        p->descriptor = mkostemp(path, O_CLOEXEC);
        if (p->descriptor >= 0)
            unlink(path);
        free(path);
    }
    return p->descriptor < 0
               ? error_errno(err, "%s: no temporary file can be made there", p->folder)
               : 0;
}

static int write_all(struct pairs *p, const uint64_t *list, size_t count, struct error *err)
{
    const uint8_t *at = (const uint8_t *)list;
    size_t size = count * sizeof(*list);
    off_t offset = (off_t)(p->spilled * sizeof(*list));
    while (size) {
        ssize_t done = pwrite(p->descriptor, at, size, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return error_errno(err, "%s: a temporary file there cannot be written", p->folder);
        at += done;
        offset += done;
        size -= (size_t)done;
    }
    return 0;
}

static int spill(struct pairs *p, struct error *err)
{
    sort_list(p);
    if (p->descriptor < 0 && make_file(p, err))
        return -1;
    if (write_all(p, p->list, p->count, err))
        return -1;
    p->runs = mem_grow(p->runs, &p->run_capacity, p->run_count + 1, sizeof(*p->runs));
    p->runs[p->run_count++] = (struct run){.offset = p->spilled, .left = p->count};
    p->spilled += p->count;
    p->count = 0;
    return 0;
}

int pairs_add(struct pairs *p, const uint64_t *list, size_t count, struct error *err)
{
    while (count) {
        if (p->count == p->capacity && spill(p, err))
            return -1;
        size_t room = p->capacity - p->count, part = count < room ? count : room;
        memcpy(p->list + p->count, list, part * sizeof(*list));
        p->count += part;
        list += part;
        count -= part;
    }
    return 0;
}

/* --- merging runs ----------------------------------------------------------------------------- */

static int fill(struct pairs *p, struct run *run, size_t size, struct error *err)
{
    size_t want = run->left < size ? (size_t)run->left : size, bytes = want * sizeof(*run->buffer);
    uint8_t *at = (uint8_t *)run->buffer;
    off_t offset = (off_t)(run->offset * sizeof(*run->buffer));
    while (bytes) {
        ssize_t got = pread(p->descriptor, at, bytes, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_errno(err, "%s: a temporary file there cannot be read", p->folder);
        at += got;
        offset += got;
        bytes -= (size_t)got;
    }
    run->offset += want;
    run->left -= want;
    run->at = 0;
    run->filled = want;
    return 0;
}

static uint64_t head_of(const struct pairs *p, size_t heap)
{
    const struct run *run = &p->runs[p->heap[heap]];
    return run->buffer[run->at];
}

static void sift_down(struct pairs *p, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < p->heap_count; at = child) {
        if (child + 1 < p->heap_count && head_of(p, child + 1) < head_of(p, child))
            child++;
        if (head_of(p, at) <= head_of(p, child))
            return;
        size_t kept = p->heap[at];
        p->heap[at] = p->heap[child];
        p->heap[child] = kept;
    }
}

/* Pairs that each run has in memory: the list's room is divided among them. */
static size_t buffer_size(const struct pairs *p)
{
    return 2 * p->capacity / p->run_count;
}

static int begin_merge(struct pairs *p, struct error *err)
{
    if (p->count && spill(p, err))
        return -1;
    p->heap = mem_realloc(p->heap, p->run_count * sizeof(*p->heap));
    p->heap_count = p->run_count;
    for (size_t i = 0; i < p->run_count; i++) {
        p->runs[i].buffer = p->list + i * buffer_size(p);
        p->heap[i] = i;
        if (fill(p, &p->runs[i], buffer_size(p), err))
            return -1;
    }
    for (size_t i = p->heap_count / 2; i-- > 0;)
        sift_down(p, i);
    return 0;
}

/* The smallest pair of all runs: 0, PAIRS_END or -1. */
static int merge_next(struct pairs *p, uint64_t *ret, struct error *err)
{
    if (!p->heap_count)
        return PAIRS_END;
    struct run *run = &p->runs[p->heap[0]];
    *ret = run->buffer[run->at++];
    if (run->at == run->filled && run->left && fill(p, run, buffer_size(p), err))
        return -1;
    if (run->at == run->filled)
        p->heap[0] = p->heap[--p->heap_count];
    sift_down(p, 0);
    return 0;
}

/* --- giving back ------------------------------------------------------------------------------ */

int pairs_sort(struct pairs *p, uint64_t *ret_most, struct error *err)
{
    p->at = 0;
    p->has_last = false;
    if (p->run_count) {
        int result = begin_merge(p, err);
        *ret_most = p->spilled;
        return result;
    }
    sort_list(p);
    *ret_most = p->count;
    return 0;
}

int pairs_next(struct pairs *p, uint64_t *ret, struct error *err)
{
    if (!p->run_count) {
        if (p->at == p->count)
            return PAIRS_END;
        *ret = p->list[p->at++];
        return 0;
    }
    int result;
    do {
        result = merge_next(p, ret, err);
    } while (!result && p->has_last && *ret == p->last);
    p->last = *ret;
    p->has_last = true;
    return result;
}
