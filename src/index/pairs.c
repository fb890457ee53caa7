/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pairs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/temp_file.h"
#include "index/pair_parts.h"

/*
 * External merge sort (Knuth, The Art of Computer Programming, volume 3, section 5.4). The memory
 * is for parts of pairs, which are sorted part by part; when runs are merged it is for their
 * readers.
 */
enum { WORDS_LEAST = 1 << 17 };

struct run {               /* in the temporary file, and the part of it that is in memory */
    uint64_t offset, left; /* in pairs */
    uint64_t *buffer;
    size_t at, filled;
};

struct pairs {
    uint64_t *memory; /* mapped */
    size_t words;
    struct pair_parts parts;
    uint64_t added;
    char *folder;
    int descriptor; /* of the temporary file; -1: none */
    struct run *runs;
    size_t run_count, run_capacity;
    uint64_t spilled;  /* pairs in the file */
    size_t *heap;      /* runs by their next pair, while they are merged */
    size_t heap_count; /* those that are not at their end */
    uint64_t last;     /* pair given last */
    bool has_last;
    /* when there are no runs: the part in hand */
    unsigned next_part;
    const uint64_t *list;
    size_t at, count;
};

int pairs_new(struct pairs **ret, uint64_t memory, const char *folder, struct error *err)
{
    struct pairs *p = mem_zalloc(sizeof(*p));
    p->descriptor = -1;
    p->words = memory / sizeof(*p->memory);
    if (p->words < WORDS_LEAST)
        p->words = WORDS_LEAST;
    p->folder = mem_strdup(folder);
    p->memory = mem_try_map(p->words * sizeof(*p->memory));
    if (!p->memory) {
        pairs_free(p);
        return error_set(err, "no memory for an index: %llu bytes", (unsigned long long)memory);
    }
    pair_parts_init(&p->parts, p->memory, p->words);
    *ret = p;
    return 0;
}

void pairs_free(struct pairs *p)
{
    if (!p)
        return;
    mem_unmap(p->memory, p->words * sizeof(*p->memory));
    if (p->descriptor >= 0)
        close(p->descriptor);
    free(p->folder);
    free(p->runs);
    free(p->heap);
    free(p);
}

/* --- runs in the temporary file --------------------------------------------------------------- */

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
    struct run run = {.offset = p->spilled};
    const uint64_t *list;
    if (p->descriptor < 0 && (p->descriptor = temp_file_open(p->folder, err)) < 0)
        return -1;
    for (unsigned part = 0; part < PAIR_PARTS; part++) {
        size_t count = pair_parts_sort(&p->parts, part, &list);
        if (write_all(p, list, count, err))
            return -1;
        p->spilled += count;
        run.left += count;
    }
    p->runs = mem_grow(p->runs, &p->run_capacity, p->run_count + 1, sizeof(*p->runs));
    p->runs[p->run_count++] = run;
    pair_parts_clear(&p->parts);
    return 0;
}

int pairs_add(struct pairs *p, const uint64_t *list, size_t count, struct error *err)
{
    size_t added;
    p->added += count;
    while ((added = pair_parts_add(&p->parts, list, count)) < count) {
        list += added;
        count -= added;
        if (spill(p, err))
            return -1;
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

/* Pairs that each run has in memory, which is divided among them. */
static size_t buffer_size(const struct pairs *p)
{
    return p->words / p->run_count;
}

static int begin_merge(struct pairs *p, struct error *err)
{
    if (p->parts.block_count && spill(p, err))
        return -1;
    p->heap = mem_realloc(p->heap, p->run_count * sizeof(*p->heap));
    p->heap_count = p->run_count;
    for (size_t i = 0; i < p->run_count; i++) {
        p->runs[i].buffer = p->memory + i * buffer_size(p);
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

int pairs_sort(struct pairs *p, struct error *err)
{
    const uint64_t *list;
    if (p->run_count)
        return begin_merge(p, err);
    for (unsigned part = 0; part < PAIR_PARTS; part++)
        (void)pair_parts_sort(&p->parts, part, &list); /* in its place */
    return 0;
}

uint64_t pairs_added(const struct pairs *p)
{
    return p->added;
}

static int part_next(struct pairs *p, uint64_t *ret)
{
    while (p->at == p->count) {
        if (p->next_part == PAIR_PARTS)
            return PAIRS_END;
        p->count = pair_parts_get(&p->parts, p->next_part++, &p->list);
        p->at = 0;
    }
    *ret = p->list[p->at++];
    return 0;
}

int pairs_next(struct pairs *p, uint64_t *ret, struct error *err)
{
    if (!p->run_count)
        return part_next(p, ret);
    int result;
    do {
        result = merge_next(p, ret, err);
    } while (!result && p->has_last && *ret == p->last);
    p->last = *ret;
    p->has_last = true;
    return result;
}
