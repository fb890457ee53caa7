/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"

/*
 * The sessions that are under way wait in a binary heap by the time of their next frame (ties: the
 * one that was put in first), so a frame costs the logarithm of the number of live sessions. A new
 * session begins whenever the frames that the sessions so far had planned are used up at the rate
 * that was asked for: the rate holds on the average, whatever the mix.
 */
enum { KINDS_MOST = 24 };

static const struct mix {
    const char *name;
    struct part {
        const char *kind;
        uint32_t weight;
    } parts[KINDS_MOST];
} MIXES[] = {
    {"mixed", {{"web", 240}, {"mail", 90},   {"shell", 30},  {"other", 60},     {"web6", 50},
               {"vlan", 30}, {"gre", 10},    {"probe", 80},  {"dns", 200},      {"dns6", 30},
               {"ntp", 30},  {"stream", 20}, {"stream6", 5}, {"fragments", 10}, {"unreachable", 15},
               {"echo", 30}, {"echo6", 10},  {"arp", 40},    {"esp", 5},        {"sctp", 5},
               {"igmp", 10}}},
    {"scan", {{"probe", 750}, {"dns", 110}, {"web", 50}, {"mail", 30}, {"stream", 60}}},
    {"scans",
     {{"web", 2500},
      {"mail", 500},
      {"dns", 3500},
      {"ntp", 300},
      {"stream", 20},
      {"echo", 300},
      {"unreachable", 100},
      {"other", 300},
      {"peer", 2200},
      {"scan-horizontal", 12},
      {"scan-vertical", 12},
      {"scan-block", 12},
      {"scan-stealth", 12},
      {"scan-udp", 12},
      {"scan-sweep", 12},
      {"scan-slow", 30},
      {"watch", 12}}},
    {"mail", {{"mail", 700}, {"dns", 250}, {"probe", 50}}},
    {"web", {{"web", 700}, {"web6", 100}, {"dns", 200}}},
    {"dns", {{"dns", 900}, {"dns6", 100}}},
    {"flood", {{"flood", 1}}},
};

struct waiting {
    nsec_t time;
    uint64_t order;
    struct session *session;
};

struct traffic {
    struct traffic_options options;
    const struct mix *mix;
    const struct session_kind *kinds[KINDS_MOST];
    uint32_t weight_sum;
    traffic_done done;
    void *arg;

    struct rng rng;
    struct bulk bulk;
    struct waiting *heap;
    size_t heap_size, heap_room;
    struct session *spare; /* one that is over, to be used again */
    uint64_t order, packets, flows;
    nsec_t next_start;
};

const char *traffic_mixes(void)
{
    return "mixed, scan, scans, mail, web, dns, flood";
}

static const struct session_kind *find_kind(const char *name)
{
    const struct session_kind *kind = SESSION_KINDS;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    check(kind->name);
    return kind;
}

int traffic_new(struct traffic **ret, const struct traffic_options *options, traffic_done done,
                void *arg, struct error *err)
{
    size_t m = 0;
    while (m < ARRAY_SIZE(MIXES) && strcmp(MIXES[m].name, options->mix) != 0)
        m++;
    if (m == ARRAY_SIZE(MIXES))
        return error_set(err, "there is no mix '%s', but %s", options->mix, traffic_mixes());

    struct traffic *t = mem_zalloc(sizeof(*t));
    t->options = *options;
    t->mix = &MIXES[m];
    t->done = done;
    t->arg = arg;
    t->next_start = options->start;
    rng_init(&t->rng, options->seed, 0);
    bulk_init(&t->bulk, options->seed);
    for (int i = 0; i < KINDS_MOST && t->mix->parts[i].kind; i++) {
        t->kinds[i] = find_kind(t->mix->parts[i].kind);
        t->weight_sum += t->mix->parts[i].weight;
    }
    *ret = t;
    return 0;
}

static bool is_before(const struct waiting *a, const struct waiting *b)
{
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

/* Puts `item` into the hole at the bottom, or lets it sink from the hole at the top. */
static void heap_rise(struct waiting *heap, size_t hole, struct waiting item)
{
    while (hole && is_before(&item, &heap[(hole - 1) / 2])) {
        heap[hole] = heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    heap[hole] = item;
}

static void heap_sink(struct waiting *heap, size_t size, struct waiting item)
{
    size_t hole = 0, child;
    while ((child = 2 * hole + 1) < size) {
        if (child + 1 < size && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (!is_before(&heap[child], &item))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = item;
}

static void begin_session(struct traffic *t)
{
    struct session *s = t->spare ? t->spare : mem_alloc(sizeof(*s));
    t->spare = NULL;
    uint32_t chosen = rng_below(&t->rng, t->weight_sum);
    int i = 0;
    while (chosen >= t->mix->parts[i].weight)
        chosen -= t->mix->parts[i++].weight;

    *s = (struct session){.kind = t->kinds[i], .bulk = &t->bulk};
    rng_init(&s->rng, t->options.seed, ++t->flows);
    s->kind->open(s);
    t->heap = mem_grow(t->heap, &t->heap_room, t->heap_size + 1, sizeof(*t->heap));
    heap_rise(t->heap, t->heap_size++, (struct waiting){t->next_start, t->order++, s});

    uint32_t mean_us = (uint32_t)(s->planned * UINT64_C(1000000) / t->options.rate);
    t->next_start += rng_below(&t->rng, 2 * mean_us + 2) * NSEC_PER_USEC;
}

static void end_session(struct traffic *t, struct session *s)
{
    t->done(t->arg, s);
    if (t->spare)
        free(s);
    else
        t->spare = s;
}

static void count(struct session *s, const struct frame_writer *w, nsec_t time)
{
    struct tally *tally = &s->tally[s->row];
    if (!tally->packets[FORTH] && !tally->packets[BACK])
        tally->first = time;
    tally->last = time;
    tally->packets[s->direction]++;
    tally->bytes[s->direction] += w->wire_size;
}

bool traffic_next(struct traffic *t, struct frame_writer *w, nsec_t *ret_time)
{
    const struct traffic_options *o = &t->options;
    while ((!t->heap_size || t->next_start <= t->heap[0].time) &&
           (!o->flows_most || t->flows < o->flows_most))
        begin_session(t);
    if (!t->heap_size || (o->packets_most && t->packets == o->packets_most))
        return false;

    struct waiting top = t->heap[0];
    nsec_t delay = top.session->kind->next(top.session, w);
    count(top.session, w, top.time);
    *ret_time = top.time;
    t->packets++;
    if (delay == SESSION_END) {
        end_session(t, top.session);
        top = t->heap[--t->heap_size];
    } else {
        top.time += delay;
        top.order = t->order++;
    }
    if (t->heap_size)
        heap_sink(t->heap, t->heap_size, top);
    return true;
}

void traffic_free(struct traffic *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->heap_size; i++) {
        t->done(t->arg, t->heap[i].session);
        free(t->heap[i].session);
    }
    free(t->spare);
    free(t->heap);
    free(t);
}
