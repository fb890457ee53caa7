/* SPDX-License-Identifier: Apache-2.0 */
#include "index/build.h"

#include <stdlib.h>

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/packet_filter.h"
#include "index/lookup_key.h"

/* Gives every frame of a capture, in batches, and the packet of each (NULL: none of a flow). */
struct walk {
    struct packet_filter *filter;
    struct decode_options decode;
    int (*visit)(void *arg, const struct frame *frames, const struct keyed_packet *const *packets,
                 unsigned count, struct error *err);
    void *arg;
};

static int make_packet(const struct walk *walk, const struct frame *frame, struct keyed_packet *ret,
                       bool *ret_is_packet, struct error *err)
{
    bool passes = true;
    if (walk->filter && packet_filter_match(walk->filter, frame, &passes, err))
        return -1;
    *ret_is_packet = passes && packet_decode(frame, &walk->decode, &ret->packet) == PACKET_OK;
    if (*ret_is_packet)
        keyed_packet_complete(ret, walk->decode.quirks);
    return 0;
}

static int walk_batch(const struct walk *walk, const struct frame_batch *batch, struct error *err)
{
    struct keyed_packet packets[FRAME_BATCH];
    const struct keyed_packet *of_frames[FRAME_BATCH];
    for (unsigned i = 0; i < batch->count; i++) {
        bool is_packet;
        if (make_packet(walk, &batch->frames[i], &packets[i], &is_packet, err))
            return -1;
        of_frames[i] = is_packet ? &packets[i] : NULL;
    }
    return walk->visit(walk->arg, batch->frames, of_frames, batch->count, err);
}

static int walk_frames(const struct walk *walk, struct capture *capture, struct error *err)
{
    struct frame_batch batch;
    int result;
    while (!(result = capture_next(capture, &batch, err)))
        if (walk_batch(walk, &batch, err))
            return -1;
    return result == CAPTURE_END ? 0 : BUILD_DAMAGED;
}

static int walk_capture(struct walk *walk, const char *path, const char *filter, struct error *err)
{
    struct capture *capture;
    if (capture_open(&capture, path, err))
        return -1;
    int result = filter && *filter ? packet_filter_new(&walk->filter, filter, true, err) : 0;
    if (!result)
        result = walk_frames(walk, capture, err);
    packet_filter_free(walk->filter);
    capture_close(capture);
    return result;
}

/* --- building --------------------------------------------------------------------------------- */

static int build_frames(void *arg, const struct frame *frames,
                        const struct keyed_packet *const *packets, unsigned count,
                        struct error *err)
{
    return index_builder_frames(arg, frames, packets, count, err);
}

int index_build(const struct index_options *options, const char *path, struct error *err)
{
    struct index_builder *builder;
    struct error damage;
    if (index_builder_new(&builder, options, path, err))
        return -1;
    struct walk walk = {.decode = options->decode, .visit = build_frames, .arg = builder};
    int result = walk_capture(&walk, path, options->filter, &damage);
    if (result < 0)
        *err = damage;
    else if (index_builder_finish(builder, err))
        result = -1;
    else if (result == BUILD_DAMAGED)
        *err = damage;
    index_builder_free(builder);
    return result;
}

/* --- verifying -------------------------------------------------------------------------------- */

struct verification {
    struct segment *segment;
    const char *path;
    struct segment_chunk chunk; /* the one that frames come from now */
    uint32_t chunk_number;      /* counted from 1; 0: none yet */
    uint64_t next;              /* number of the next chunk's first frame */
    uint64_t frames;
    bool is_there; /* the flow that is looked for is in this chunk */
};

static int wrong(const struct verification *v, const struct frame *frame, const char *what,
                 struct error *err)
{
    return error_set(err, "%s: packet %llu of %s: %s", segment_name(v->segment),
                     (unsigned long long)frame->number, v->path, what);
}

static int next_chunk(struct verification *v, const struct frame *frame, struct error *err)
{
    const struct segment_header *info = segment_info(v->segment);
    if (v->chunk_number == info->chunk_count)
        return wrong(v, frame, "lies behind the last chunk of the index", err);
    if (segment_chunk(v->segment, v->chunk_number++, &v->chunk, err))
        return -1;
    struct segment_chunk next = {.number = UINT64_MAX};
    if (v->chunk_number < info->chunk_count &&
        segment_chunk(v->segment, v->chunk_number, &next, err))
        return -1;
    v->next = next.number;
    if (frame->offset != v->chunk.offset || frame->number != v->chunk.number)
        return wrong(v, frame, "is not where its chunk begins", err);
    return 0;
}

static void look_for_chunk(void *arg, struct posting_run run)
{
    struct verification *v = arg;
    uint32_t chunk = v->chunk_number - 1;
    v->is_there |= chunk >= run.chunk && chunk - run.chunk < run.count;
}

static int verify_packet(struct verification *v, const struct frame *frame,
                         const struct packet *packet, struct error *err)
{
    const struct segment_decoding *decoding = &segment_info(v->segment)->decoding;
    struct decode_options decode = {decoding->quirks, decoding->tunnels};
    struct lookup_keys keys;
    lookup_keys_of_packet(&keys, packet, &decode);
    for (unsigned i = 0; i < keys.count; i++) {
        if (keys.list[i].reason == LOOKUP_PAIR) /* which no index has */
            continue;
        v->is_there = false;
        if (segment_find(v->segment, lookup_hash(&keys.list[i].identity), look_for_chunk, v, err))
            return -1;
        if (!v->is_there)
            return wrong(v, frame, "its flow is not in the index", err);
    }
    return 0;
}

static int verify_frame(struct verification *v, const struct frame *frame, struct error *err)
{
    v->frames++;
    if ((!v->chunk_number || frame->number >= v->next) && next_chunk(v, frame, err))
        return -1;
    if (frame->time < v->chunk.first || frame->time > v->chunk.last)
        return wrong(v, frame, "its time is not within its chunk", err);
    return 0;
}

static int verify_frames(void *arg, const struct frame *frames,
                         const struct keyed_packet *const *packets, unsigned count,
                         struct error *err)
{
    struct verification *v = arg;
    for (unsigned i = 0; i < count; i++)
        if (verify_frame(v, &frames[i], err) ||
            (packets[i] && verify_packet(v, &frames[i], &packets[i]->packet, err)))
            return -1;
    return 0;
}

int index_verify(struct segment *segment, const char *path, struct error *err)
{
    const struct segment_header *info = segment_info(segment);
    const char *old_path, *filter;
    struct error damage;
    if (segment_verify(segment, err) || segment_texts(segment, &old_path, &filter, err))
        return -1;
    struct verification v = {.segment = segment, .path = path};
    struct walk walk = {
        .decode = {info->decoding.quirks, info->decoding.tunnels},
        .visit = verify_frames,
        .arg = &v,
    };
    int result = walk_capture(&walk, path, filter, &damage);
    if (result < 0) {
        *err = damage;
        return -1;
    }
    if (v.frames != info->packets)
        return error_set(err, "%s: has %llu packets, and %s has %llu", segment_name(segment),
                         (unsigned long long)info->packets, path, (unsigned long long)v.frames);
    return 0;
}
