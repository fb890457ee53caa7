/* SPDX-License-Identifier: Apache-2.0 */
#include "index/chunk_set.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/frame_reader.h"

void chunk_set_init(struct chunk_set *set, uint32_t count)
{
    *set = (struct chunk_set){.bits = mem_zalloc(count / 8 + 1), .count = count};
}

void chunk_set_release(struct chunk_set *set)
{
    free(set->bits);
    *set = (struct chunk_set){0};
}

static bool has(const struct chunk_set *set, uint32_t chunk)
{
    return set->bits[chunk / 8] >> chunk % 8 & 1;
}

static void mark(struct chunk_set *set, uint32_t chunk)
{
    set->marked += !has(set, chunk);
    set->bits[chunk / 8] |= (uint8_t)(1u << chunk % 8);
}

/* --- choosing --------------------------------------------------------------------------------- */

struct marking {
    struct chunk_set *set;
    struct segment *segment;
    nsec_t first, last;
    int result;
    struct error *err;
};

static void mark_run(void *arg, struct posting_run run)
{
    struct marking *m = arg;
    for (uint32_t i = run.chunk; i < run.chunk + run.count && !m->result; i++) {
        struct segment_chunk chunk;
        m->result = segment_chunk(m->segment, i, &chunk, m->err);
        if (!m->result && chunk.first <= m->last && chunk.last >= m->first)
            mark(m->set, i);
    }
}

int chunk_set_add_flow(struct chunk_set *set, struct segment *segment, uint32_t hash, nsec_t first,
                       nsec_t last, struct error *err)
{
    struct marking marking = {set, segment, first, last, 0, err};
    int result = segment_find(segment, hash, mark_run, &marking, err);
    return result ? result : marking.result;
}

int chunk_set_add_time(struct chunk_set *set, struct segment *segment, nsec_t first, nsec_t last,
                       struct error *err)
{
    struct marking marking = {set, segment, first, last, 0, err};
    if (set->count)
        mark_run(&marking, (struct posting_run){0, set->count});
    return marking.result;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The frames of a chunk are those from its own number up to `end`. */
static int read_chunk(struct frame_reader *r, const struct segment_chunk *chunk, uint64_t end,
                      int (*visit)(void *arg, const struct frame *frame, struct error *err),
                      void *arg, struct error *err)
{
    struct frame first = {.offset = chunk->offset, .number = chunk->number, .time = chunk->first};
    const struct frame *frame;
    if (frame_reader_go(r, &first, SEGMENT_CHUNK_BYTES, err))
        return -1;
    do {
        if (frame_reader_next(r, &frame, err))
            return -1;
        if (frame->number <= end && visit(arg, frame, err))
            return -1;
    } while (frame->number < end);
    return 0;
}

/* The number of the last frame that may be in the chunk. */
static int find_end(struct segment *segment, uint32_t chunk, uint64_t *ret, struct error *err)
{
    struct segment_chunk next;
    const struct segment_header *info = segment_info(segment);
    *ret = info->last_number;
    if (chunk + 1 == info->chunk_count)
        return 0;
    if (segment_chunk(segment, chunk + 1, &next, err))
        return -1;
    *ret = next.number - 1;
    return 0;
}

static int read_chunks(const struct chunk_set *set, struct segment *segment, struct frame_reader *r,
                       int (*visit)(void *arg, const struct frame *frame, struct error *err),
                       void *arg, struct error *err)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct segment_chunk chunk;
        uint64_t end;
        if (!has(set, i))
            continue;
        if (segment_chunk(segment, i, &chunk, err) || find_end(segment, i, &end, err) ||
            read_chunk(r, &chunk, end, visit, arg, err))
            return -1;
    }
    return 0;
}

int chunk_set_read(const struct chunk_set *set, struct segment *segment, const char *path,
                   int (*visit)(void *arg, const struct frame *frame, struct error *err), void *arg,
                   struct error *err)
{
    struct frame_reader *reader;
    if (!set->marked)
        return 0;
    if (frame_reader_open(&reader, segment, path, err))
        return -1;
    int result = read_chunks(set, segment, reader, visit, arg, err);
    frame_reader_close(reader);
    return result;
}
