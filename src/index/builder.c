/* SPDX-License-Identifier: Apache-2.0 */
#include "index/builder.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "flow/identity.h"
#include "index/capture_id.h"
#include "index/lookup_key.h"
#include "index/pairs.h"
#include "index/segment_writer.h"

/* Flows that were just seen in this chunk: direct-mapped, a miss only costs a pair too many. */
enum { RECENT = 1024 };

struct index_builder {
    const struct index_options *options;
    char *path;
    struct capture_id capture;
    struct segment_writer *writer;
    struct pairs *pairs;

    struct segment_chunk chunk; /* the one that is being filled */
    uint32_t chunk_number;
    uint64_t last_offset; /* of the frame before */
    uint32_t setup;
    uint64_t packets, last_number;
    nsec_t first, last; /* of the chunks that are done */
    bool has_chunk;
    uint64_t recent[RECENT];
    uint64_t added[2 * FRAME_BATCH]; /* pairs of the batch in hand; a packet has two at most */
    unsigned added_count;
};

int index_builder_new(struct index_builder **ret, const struct index_options *options,
                      const char *path, struct error *err)
{
    struct index_builder *b = mem_zalloc(sizeof(*b));
    b->options = options;
    b->path = mem_strdup(path);
    b->first = INT64_MAX;
    b->last = INT64_MIN;
    for (unsigned i = 0; i < RECENT; i++)
        b->recent[i] = UINT64_MAX;
    if (capture_id_of(&b->capture, path, err) ||
        pairs_new(&b->pairs, options->memory, options->temp_folder, err) ||
        segment_writer_new(&b->writer, options->folder, err)) {
        index_builder_free(b);
        return -1;
    }
    *ret = b;
    return 0;
}

void index_builder_free(struct index_builder *b)
{
    if (!b)
        return;
    segment_writer_free(b->writer);
    pairs_free(b->pairs);
    free(b->path);
    free(b);
}

/* --- frames ----------------------------------------------------------------------------------- */

static int end_chunk(struct index_builder *b, struct error *err)
{
    if (!b->has_chunk)
        return 0;
    b->has_chunk = false;
    b->chunk_number++;
    if (b->chunk.first < b->first)
        b->first = b->chunk.first;
    if (b->chunk.last > b->last)
        b->last = b->chunk.last;
    return segment_writer_chunk(b->writer, &b->chunk, err);
}

/* The frame is not in the chunk in hand, or the file says anew how it is to be read. */
static int begin_frame(struct index_builder *b, const struct frame *frame, struct error *err)
{
    if (b->has_chunk && frame->setup != b->setup)
        segment_writer_resume(b->writer, (struct segment_resume){b->last_offset, frame->setup});
    b->setup = frame->setup;
    if (b->has_chunk && frame->offset - b->chunk.offset >= SEGMENT_CHUNK_BYTES && end_chunk(b, err))
        return -1;
    if (!b->has_chunk)
        b->chunk = (struct segment_chunk){frame->offset, frame->number, frame->time, frame->time};
    b->has_chunk = true;
    return 0;
}

static int take_frame(struct index_builder *b, const struct frame *frame, struct error *err)
{
    bool goes_on = b->has_chunk && frame->setup == b->setup &&
                   frame->offset - b->chunk.offset < SEGMENT_CHUNK_BYTES;
    if (unlikely(!goes_on) && begin_frame(b, frame, err))
        return -1;
    if (frame->time < b->chunk.first)
        b->chunk.first = frame->time;
    if (frame->time > b->chunk.last)
        b->chunk.last = frame->time;
    b->last_offset = frame->offset;
    return 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

/* Without a branch: whether a flow was just seen is what no processor can guess. */
static void add(struct index_builder *b, uint32_t hash)
{
    uint64_t pair = pair_of(hash, b->chunk_number);
    uint64_t *recent = &b->recent[hash % RECENT];
    b->added[b->added_count] = pair;
    b->added_count += *recent != pair;
    *recent = pair;
}

static void take_other(struct index_builder *b, const struct keyed_packet *packet)
{
    struct flow_key identity;
    flow_identity_of_key(&identity, &packet->key);
    add(b, lookup_hash(&identity));
    if (lookup_quoted(&identity, &packet->packet, &b->options->decode))
        add(b, lookup_hash(&identity));
}

static void take_packet(struct index_builder *b, const struct keyed_packet *packet)
{
    if (likely(flow_identity_is_key(&packet->key))) /* which no ICMP error's is */
        add(b, packet->tag);
    else
        take_other(b, packet);
}

int index_builder_frames(struct index_builder *b, const struct frame *frames,
                         const struct keyed_packet *const *packets, unsigned count,
                         struct error *err)
{
    check(count <= FRAME_BATCH);
    b->added_count = 0;
    for (unsigned i = 0; i < count; i++) {
        if (take_frame(b, &frames[i], err))
            return -1;
        if (packets[i])
            take_packet(b, packets[i]);
    }
    if (count)
        b->last_number = frames[count - 1].number;
    b->packets += count;
    return pairs_add(b->pairs, b->added, b->added_count, err);
}

/* --- the end ---------------------------------------------------------------------------------- */

int index_builder_finish(struct index_builder *b, struct error *err)
{
    struct capture_id now;
    if (end_chunk(b, err) || capture_id_of(&now, b->path, err))
        return -1;
    if (!capture_id_equal(&now, &b->capture))
        return error_set(err, "%s: has changed while it was read, so it gets no index", b->path);
    char *path = realpath(b->path, NULL);
    struct segment_summary summary = {
        .capture = b->capture,
        .decoding = {b->options->decode.quirks, b->options->decode.tunnels},
        .packets = b->packets,
        .last_number = b->last_number,
        .first = b->first,
        .last = b->last,
        .path = path ? path : b->path,
        .filter = b->options->filter,
    };
    int result = segment_writer_finish(b->writer, &summary, b->pairs, err);
    free(path);
    return result;
}
