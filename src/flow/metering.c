/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/metering.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/worker.h"
#include "flow/objects.h"

/*
 * Packets are handed over by so many: a thread that wakes the other costs as much as some dozens of
 * them. The ring is short, because what is in it should not leave the caches.
 *
 * What the hand-over costs is the way of cache lines from one processor to the other and back. Of
 * most packets two lines are enough; those to come are asked for some packets ahead.
 */
enum { JOB_PACKETS = 256, JOBS = 4, KEPT_FIRST = 64 * 1024, AHEAD = 4 };

static const size_t FRONT_BYTES =
    offsetof(struct keyed_packet, packet.u.tcp) + sizeof(struct packet_tcp);

_Static_assert(offsetof(struct keyed_packet, packet.u.tcp) + sizeof(struct packet_tcp) ==
                   2 * CACHE_LINE,
               "the front of most packets is two cache lines");

enum task { TASK_PACKETS, TASK_ADVANCE, TASK_FLUSH };

struct job {
    struct shards *shards;
    enum task task;
    nsec_t now; /* of TASK_ADVANCE */
    unsigned count;
    size_t kept, kept_capacity;
    uint8_t *bytes; /* of the frames, that the packets point to */
    _Alignas(CACHE_LINE) struct keyed_packet packets[JOB_PACKETS];
};

struct metering {
    struct worker *worker; /* NULL: the meters are called at once */
    struct metering_options options;
};

/* By batches, each of which is on its way while the one before is metered. */
static int work_on_packets(const struct job *job, struct error *err)
{
    int result = 0;
    for (unsigned at = 0; at < job->count && !result; at += FRAME_BATCH) {
        unsigned next = at + FRAME_BATCH, left = job->count - at;
        for (unsigned i = next; i < next + FRAME_BATCH && i < job->count; i++) {
            __builtin_prefetch(&job->packets[i]);
            __builtin_prefetch((const char *)&job->packets[i] + CACHE_LINE);
        }
        result = shards_packets(job->shards, &job->packets[at],
                                left < FRAME_BATCH ? left : FRAME_BATCH, err);
    }
    return result;
}

static int work(void *arg, void *at, struct error *err)
{
    struct job *job = at;
    (void)arg;
    switch (job->task) {
    case TASK_PACKETS:
        return work_on_packets(job, err);
    case TASK_ADVANCE:
        return shards_advance(job->shards, job->now, err);
    case TASK_FLUSH:
        return shards_flush(job->shards, err);
    }
    return 0;
}

struct metering *metering_new(const struct metering_options *options)
{
    struct metering *x = mem_zalloc(sizeof(*x));
    const struct worker_options worker = {
        .job_bytes = sizeof(struct job),
        .places = JOBS,
        .has_thread = true,
        .work = work,
    };
    x->options = *options;
    if (options->has_thread)
        x->worker = worker_new(&worker);
    return x;
}

void metering_free(struct metering *x)
{
    if (!x)
        return;
    if (x->worker)
        worker_stop(x->worker);
    for (unsigned i = 0; x->worker && i < JOBS; i++)
        free(((struct job *)worker_place(x->worker, i))->bytes);
    worker_free(x->worker);
    free(x);
}

/* --- filling a job ---------------------------------------------------------------------------- */

static int push(struct metering *x, struct error *err)
{
    int result = worker_push(x->worker, err);
    struct job *next = worker_job(x->worker);
    next->count = 0;
    next->kept = 0;
    return result;
}

static int push_packets(struct metering *x, struct error *err)
{
    const struct job *job = worker_job(x->worker);
    return job->count ? push(x, err) : 0;
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

static int add(struct metering *x, struct shards *shards, const struct keyed_packet *packet,
               struct error *err)
{
    const bool inner = has_inner(&packet->packet);
    const size_t payload = payload_wanted(x, &packet->packet);
    const size_t size = payload + (inner ? packet->packet.u.icmp.inner.size : 0);
    struct job *job = worker_job(x->worker);
    if (job->count == JOB_PACKETS ||
        (job->count && (job->shards != shards || size > job->kept_capacity - job->kept))) {
        int result = push(x, err);
        if (result)
            return result;
        job = worker_job(x->worker);
    }
    if (!job->count)
        make_room(job, size);
    job->shards = shards;
    job->task = TASK_PACKETS;
    struct keyed_packet *to = &job->packets[job->count++];
    copy(x, to, packet);
    keep(job, &to->packet.payload, payload);
    if (inner)
        keep(job, &to->packet.u.icmp.inner, to->packet.u.icmp.inner.size);
    return 0;
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

/* A job without packets, behind those that are waiting. */
static int push_task(struct metering *x, struct shards *shards, enum task task, nsec_t now,
                     struct error *err)
{
    int result = push_packets(x, err);
    if (result)
        return result;
    struct job *job = worker_job(x->worker);
    job->shards = shards;
    job->task = task;
    job->now = now;
    return push(x, err);
}

int metering_advance(struct metering *x, struct shards *shards, nsec_t now, struct error *err)
{
    return x->worker ? push_task(x, shards, TASK_ADVANCE, now, err)
                     : shards_advance(shards, now, err);
}

int metering_flush(struct metering *x, struct shards *shards, struct error *err)
{
    return x->worker ? push_task(x, shards, TASK_FLUSH, 0, err) : shards_flush(shards, err);
}

int metering_settle(struct metering *x, struct error *err)
{
    if (!x->worker)
        return 0;
    int result = push_packets(x, err);
    return result ? result : worker_settle(x->worker, err);
}
