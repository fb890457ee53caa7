/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "index/finder_internal.h"
#include "index/lookup_key.h"

struct scan {
    struct finder *finder;
    uint32_t file;
    struct decode_options decode;
};

static void add(struct scan *s, const struct frame *frame, const struct packet *packet,
                uint64_t flow, uint32_t want, enum found_reason reason)
{
    struct finder *f = s->finder;
    f->found = mem_grow(f->found, &f->found_capacity, f->found_count + 1, sizeof(*f->found));
    f->found[f->found_count++] = (struct found){
        .time = frame->time,
        .number = frame->number,
        .offset = frame->offset,
        .flow = flow,
        .file = s->file,
        .want = want,
        .bytes = packet->bytes,
        .is_answer = want_is_answered(&f->wants->list[want], packet),
        .reason = reason,
    };
}

/* As the sensor did: filter, then decode. False: no packet of a flow. */
static int take_packet(struct scan *s, const struct frame *frame, struct packet *ret,
                       bool *ret_taken, struct error *err)
{
    bool passes = true;
    const struct finder_file *file = &s->finder->files[s->file];
    *ret_taken = false;
    if (file->filter && packet_filter_match(file->filter, frame, &passes, err))
        return -1;
    *ret_taken = passes && packet_decode(frame, &s->decode, ret) == PACKET_OK;
    return 0;
}

static int scan(struct finder *f, uint32_t file, const struct chunk_set *set,
                int (*visit)(void *arg, const struct frame *frame, struct error *err),
                struct error *err)
{
    struct segment *segment = f->files[file].segment;
    const struct segment_decoding *decoding = &segment_info(segment)->decoding;
    struct scan s = {f, file, {decoding->quirks, decoding->tunnels}};
    f->counts.chunks += set->marked;
    return chunk_set_read(set, segment, f->files[file].path, visit, &s, err);
}

/* --- packets of flows ------------------------------------------------------------------------- */

/* A first fragment of a flow that somebody wants, at whatever time. */
static void note_owner(struct scan *s, const struct packet *packet, const struct lookup_keys *keys)
{
    struct finder *f = s->finder;
    if (packet->frag != FRAG_FIRST || !wants_have(f->wants, &keys->list[0].identity))
        return;
    f->owners = mem_grow(f->owners, &f->owner_capacity, f->owner_count + 1, sizeof(*f->owners));
    struct fragment_owner *owner = &f->owners[f->owner_count++];
    *owner = (struct fragment_owner){
        .identity = keys->list[0].identity,
        .flow = flow_key_hash(&keys->flow),
        .time = packet->time,
    };
    lookup_fragments_of(&owner->fragments, packet);
}

static int visit_flow(void *arg, const struct frame *frame, struct error *err)
{
    struct scan *s = arg;
    const struct wants *wants = s->finder->wants;
    struct packet packet;
    struct lookup_keys keys;
    bool taken;
    if (take_packet(s, frame, &packet, &taken, err))
        return -1;
    if (!taken)
        return 0;
    lookup_keys_of_packet(&keys, &packet, &s->decode);
    for (unsigned i = 0; i < keys.count; i++) {
        const struct flow_key *identity = &keys.list[i].identity;
        bool is_error = keys.list[i].reason == LOOKUP_ERROR;
        bool is_of_pair = identity->kind == FLOW_PAIR4 || identity->kind == FLOW_PAIR6;
        uint64_t flow = flow_key_hash(is_error || is_of_pair ? identity : &keys.flow);
        if (is_error && !s->finder->options.with_errors)
            continue;
        for (uint32_t want = 0; (want = wants_next(wants, identity, frame->time, want)) != 0;)
            add(s, frame, &packet, flow, want, is_error ? FOUND_ERROR : FOUND_PACKET);
    }
    note_owner(s, &packet, &keys);
    return 0;
}

int finder_scan_flows(struct finder *f, uint32_t file, const struct chunk_set *set,
                      struct error *err)
{
    return scan(f, file, set, visit_flow, err);
}

/* --- later fragments -------------------------------------------------------------------------- */

static int by_datagram(const void *a, const void *b)
{
    const struct fragment_owner *one = a, *other = b;
    int order = memcmp(&one->fragments, &other->fragments, sizeof(one->fragments));
    return order ? order : (one->time > other->time) - (one->time < other->time);
}

void finder_sort_owners(struct finder *f)
{
    if (f->owner_count)
        qsort(f->owners, f->owner_count, sizeof(*f->owners), by_datagram);
}

/* The first owner that does not stand in front of this datagram and time. */
static size_t find_owner(const struct finder *f, const struct fragment_owner *wanted)
{
    size_t low = 0, high = f->owner_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_datagram(&f->owners[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_owner(const struct finder *f, size_t at, const struct fragment_owner *wanted)
{
    if (at >= f->owner_count)
        return false;
    const struct fragment_owner *owner = &f->owners[at];
    nsec_t apart = owner->time - wanted->time;
    return flow_key_equal(&owner->fragments, &wanted->fragments) &&
           llabs(apart) <= FRAGMENT_SECONDS * NSEC_PER_SEC;
}

/*
 * A fragment is of the datagram whose first fragment came last before it; if there was none, of the
 * next one to come, which brings it home.
 */
static const struct fragment_owner *owner_of(const struct finder *f,
                                             const struct flow_key *fragments, nsec_t time)
{
    struct fragment_owner wanted = {.fragments = *fragments, .time = time + 1};
    size_t at = find_owner(f, &wanted);
    wanted.time = time;
    if (at && is_owner(f, at - 1, &wanted))
        return &f->owners[at - 1];
    return is_owner(f, at, &wanted) ? &f->owners[at] : NULL;
}

static int visit_fragment(void *arg, const struct frame *frame, struct error *err)
{
    struct scan *s = arg;
    const struct finder *f = s->finder;
    struct packet packet;
    struct lookup_keys keys;
    bool taken;
    if (take_packet(s, frame, &packet, &taken, err))
        return -1;
    if (!taken || packet.frag != FRAG_LATER)
        return 0;
    lookup_keys_of_packet(&keys, &packet, &s->decode);
    const struct fragment_owner *owner = owner_of(f, &keys.list[0].identity, frame->time);
    if (!owner)
        return 0;
    for (uint32_t want = 0;
         (want = wants_next(f->wants, &owner->identity, frame->time, want)) != 0;)
        add(s, frame, &packet, owner->flow, want, FOUND_FRAGMENT);
    return 0;
}

int finder_scan_fragments(struct finder *f, uint32_t file, const struct chunk_set *set,
                          struct error *err)
{
    return scan(f, file, set, visit_fragment, err);
}
