/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/metering.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/worker.h"
#include "flow/objects.h"
#include "flow/shards_internal.h"

/*
 * Packets are handed over by so many: a thread that wakes the other costs as much as some dozens of
 * them. The ring is short, because what is in it should not leave the caches.
 *
 * What the hand-over costs is the way of cache lines from one processor to the other and back. Of
 * most packets two lines are enough; those to come are asked for some packets ahead.
 */
enum { JOB_ITEMS = 256, JOBS = 8, KEPT_FIRST = 64 * 1024, AHEAD = 4 };

static const size_t FRONT_BYTES =
    offsetof(struct keyed_packet, packet.u.tcp) + sizeof(struct packet_tcp);

_Static_assert(offsetof(struct keyed_packet, packet.u.tcp) + sizeof(struct packet_tcp) ==
                   2 * CACHE_LINE,
               "the front of most packets is two cache lines");

/* What is done with an item of a job. A packet's shard does it, or else all do. */
enum task { TASK_PACKET, TASK_TICK, TASK_END };

/*
 * Items are packets in order; a tick has nothing but a time. When there are several threads, each
 * finds what is its own by `owners`.
 */
struct job {
    struct shards *shards;
    unsigned count;
    uint64_t first; /* event, see streams.h */
    size_t kept, kept_capacity;
    uint8_t *bytes; /* of the frames, that the packets point to */
    uint8_t tasks[JOB_ITEMS], owners[JOB_ITEMS];
    _Alignas(CACHE_LINE) struct keyed_packet packets[JOB_ITEMS];
};

enum { OWNER_ALL = UINT8_MAX };

struct metering {
    struct worker *worker;   /* NULL: the shards are called at once */
    struct streams *streams; /* NULL: no more than one thread has shards */
    struct job *job;         /* that is being filled */
    unsigned parts;
    uint64_t events;
    struct metering_options options;
};

/* --- the threads ------------------------------------------------------------------------------ */

/* The items of one thread; those in between are on their way while others are metered. */
struct own_items {
    struct shard_item list[JOB_ITEMS];
    uint8_t tasks[JOB_ITEMS];
    unsigned count;
};

static void find_own(const struct job *job, unsigned part, struct own_items *ret)
{
    ret->count = 0;
    for (unsigned i = 0; i < job->count; i++) {
        if (job->owners[i] != part && job->owners[i] != OWNER_ALL)
            continue;
        ret->list[ret->count] = (struct shard_item){&job->packets[i], job->first + i};
        ret->tasks[ret->count++] = job->tasks[i];
    }
}

static void prefetch_items(const struct own_items *own, unsigned from)
{
    for (unsigned i = from; i < from + FRAME_BATCH && i < own->count; i++) {
        __builtin_prefetch(own->list[i].packet);
        __builtin_prefetch((const char *)own->list[i].packet + CACHE_LINE);
    }
}

/* How many items from `at` on are packets, as many as are done together. */
static unsigned count_packets(const struct own_items *own, unsigned at)
{
    unsigned count = 0;
    while (count < FRAME_BATCH && at + count < own->count && own->tasks[at + count] == TASK_PACKET)
        count++;
    return count;
}

static int work_on_items(struct shards *shards, struct shard_part *part,
                         const struct own_items *own, struct error *err)
{
    int result = 0;
    prefetch_items(own, 0);
    for (unsigned at = 0, packets; at < own->count && !result; at += packets ? packets : 1) {
        packets = count_packets(own, at);
        prefetch_items(own, at + packets);
        if (packets) {
            result = shards_items(shards, part, &own->list[at], packets, err);
            continue;
        }
        if (part->outlet->stream)
            stream_begin(part->outlet->stream, own->list[at].event);
        result = own->tasks[at] == TASK_TICK
                     ? shards_tick(shards, part, own->list[at].packet->packet.time, err)
                     : shards_end(shards, part, err);
    }
    return result;
}

static int work(void *arg, void *at, unsigned which, struct error *err)
{
    struct metering *x = arg;
    struct job *job = at;
    struct own_items own;
    find_own(job, which, &own);
    int result = work_on_items(job->shards, shards_part(job->shards, which), &own, err);
    if (!x->streams)
        return result;
    if (!result)
        result = stream_end(streams_at(x->streams, which), job->first + job->count, err);
    if (result)
        streams_fail(x->streams, result, err);
    return result;
}

/* --- life ------------------------------------------------------------------------------------- */

struct metering *metering_new(const struct metering_options *options)
{
    struct metering *x = mem_zalloc(sizeof(*x));
    const unsigned others = options->threads - 1;
    x->options = *options;
    x->parts = others < FLOW_SHARDS ? others : FLOW_SHARDS;
    if (!x->parts)
        return x;
    const struct worker_options worker = {
        .job_bytes = sizeof(struct job),
        .places = JOBS,
        .threads = x->parts,
        .work = work,
        .arg = x,
    };
    x->worker = worker_new(&worker);
    x->job = worker_job(x->worker);
    if (x->parts > 1)
        x->streams = streams_new(x->parts, &options->streams);
    return x;
}

void metering_free(struct metering *x)
{
    const struct error given_up = {.text = "given up"};
    if (!x)
        return;
    if (x->streams)
        streams_fail(x->streams, -1, &given_up);
    if (x->worker)
        worker_stop(x->worker);
    for (unsigned i = 0; x->worker && i < JOBS; i++)
        free(((struct job *)worker_place(x->worker, i))->bytes);
    worker_free(x->worker);
    streams_free(x->streams);
    free(x);
}

void metering_add(struct metering *x, struct shards *shards)
{
    if (x->streams)
        shards_divide(shards, x->parts, x->streams);
}

/* --- filling a job ---------------------------------------------------------------------------- */

static int push(struct metering *x, struct error *err)
{
    x->job->first = x->events + 1;
    x->events += x->job->count;
    int result = worker_push(x->worker, err);
    x->job = worker_job(x->worker);
    x->job->count = 0;
    x->job->kept = 0;
    return result;
}

static int push_items(struct metering *x, struct error *err)
{
    return x->job->count ? push(x, err) : 0;
}

static bool has_inner(const struct packet *p)
{
    enum { PROTO_ICMP = 1, PROTO_ICMP6 = 58 };
    return p->has_upper && ((p->kind == PACKET_IP4 && p->protocol == PROTO_ICMP) ||
                            (p->kind == PACKET_IP6 && p->protocol == PROTO_ICMP6));
}

/* How much of the payload a meter may look at. */
static size_t payload_wanted(const struct metering *x, const struct packet *p)
{
    size_t wanted = flow_object_payload(p);
    if (wanted < x->options.user_bytes)
        wanted = x->options.user_bytes;
    return wanted < p->payload.size ? wanted : p->payload.size;
}

/* Only a job without packets may move what it keeps; one packet may need more than usual. */
static void make_room(struct job *job, size_t size)
{
    size_t capacity = size > KEPT_FIRST ? size : KEPT_FIRST;
    if (job->kept_capacity >= size)
        return;
    job->bytes = mem_realloc(job->bytes, capacity);
    job->kept_capacity = capacity;
}

/* Nothing behind the front is asked of a packet like this. */
static bool is_front_enough(const struct metering *x, const struct packet *p)
{
    enum { PROTO_TCP = 6, PROTO_UDP = 17 };
    return (p->kind == PACKET_IP4 || p->kind == PACKET_IP6) &&
           (p->protocol == PROTO_TCP || p->protocol == PROTO_UDP) && p->frag == FRAG_NONE &&
           !p->has_vlan && !p->has_mpls && !x->options.mac_addresses;
}

static void copy(const struct metering *x, struct keyed_packet *to, const struct keyed_packet *from)
{
    __builtin_prefetch(to + AHEAD, 1);
    __builtin_prefetch((char *)(to + AHEAD) + CACHE_LINE, 1);
    if (likely(is_front_enough(x, &from->packet)))
        memcpy(to, from, FRONT_BYTES);
    else
        *to = *from;
}

static void keep(struct job *job, struct view *view, size_t size)
{
    uint8_t *to = job->bytes + job->kept;
    if (size)
        memcpy(to, view->data, size);
    *view = (struct view){to, size};
    job->kept += size;
}

static int begin_job(struct metering *x, struct shards *shards, size_t size, struct error *err)
{
    int result = push_items(x, err);
    if (result)
        return result;
    make_room(x->job, size);
    x->job->shards = shards;
    return 0;
}

/* Sees to it that the job has room for another item, which keeps so many bytes. */
static inline int make_item(struct metering *x, struct shards *shards, size_t size,
                            struct error *err)
{
    const struct job *job = x->job;
    if (likely(job->count && job->count < JOB_ITEMS && job->shards == shards &&
               size <= job->kept_capacity - job->kept))
        return 0;
    return begin_job(x, shards, size, err);
}

static int add_packet(struct metering *x, struct shards *shards, const struct keyed_packet *packet,
                      struct error *err)
{
    const bool inner = has_inner(&packet->packet);
    const size_t payload = payload_wanted(x, &packet->packet);
    const size_t size = payload + (inner ? packet->packet.u.icmp.inner.size : 0);
    int result = make_item(x, shards, size, err);
    if (result)
        return result;
    struct job *job = x->job;
    struct keyed_packet *to = &job->packets[job->count];
    job->tasks[job->count] = TASK_PACKET;
    job->owners[job->count++] = (uint8_t)(packet->shard % x->parts);
    copy(x, to, packet);
    keep(job, &to->packet.payload, payload);
    if (inner)
        keep(job, &to->packet.u.icmp.inner, to->packet.u.icmp.inner.size);
    return 0;
}

/* What is for all shards. */
static int add_task(struct metering *x, struct shards *shards, enum task task, nsec_t now,
                    struct error *err)
{
    int result = make_item(x, shards, 0, err);
    if (result)
        return result;
    struct job *job = x->job;
    job->packets[job->count].packet.time = now;
    job->tasks[job->count] = task;
    job->owners[job->count++] = OWNER_ALL;
    return 0;
}

static int add(struct metering *x, struct shards *shards, const struct keyed_packet *packet,
               struct error *err)
{
    struct keyed_packet about;
    const nsec_t now = packet->packet.time;
    int result = add_packet(x, shards, packet, err);
    if (shards_find_error(shards, &packet->packet, &about) && !result)
        result = add_packet(x, shards, &about, err);
    if (unlikely(ticks_are_due(&shards->ticks, now)) && !result) {
        ticks_next(&shards->ticks, now);
        result = add_task(x, shards, TASK_TICK, now, err);
    }
    return result;
}

/* --- the calls -------------------------------------------------------------------------------- */

int metering_packets(struct metering *x, struct shards *shards, const struct keyed_packet *packets,
                     unsigned count, struct error *err)
{
    int result = 0;
    if (!x->worker)
        return shards_packets(shards, packets, count, err);
    for (unsigned i = 0; i < count && !result; i++)
        result = add(x, shards, &packets[i], err);
    return result;
}

int metering_advance(struct metering *x, struct shards *shards, nsec_t now, struct error *err)
{
    if (!x->worker)
        return shards_advance(shards, now, err);
    if (!shards->ticks.has_begun || !ticks_are_due(&shards->ticks, now))
        return push_items(x, err);
    ticks_next(&shards->ticks, now);
    int result = add_task(x, shards, TASK_TICK, now, err);
    return result ? result : push(x, err);
}

int metering_flush(struct metering *x, struct shards *shards, struct error *err)
{
    if (!x->worker)
        return shards_flush(shards, err);
    shards->ticks.has_begun = false;
    int result = add_task(x, shards, TASK_END, 0, err);
    return result ? result : push(x, err);
}

int metering_settle(struct metering *x, struct error *err)
{
    if (!x->worker)
        return 0;
    int result = push_items(x, err);
    if (!result)
        result = worker_settle(x->worker, err);
    return !result && x->streams ? streams_finish(x->streams, err) : result;
}
