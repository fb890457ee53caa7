/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "flow/flow.h"
#include "flow/meter.h"
#include "flow/queue.h"
#include "flow/table.h"

/*
 * The meter's inside, shared by its files: meter.c (packets), lifecycle.c (making and
 * forgetting flows), eviction.c (which of them leave at the memory limit), period.c (periods and
 * ticks), fragment.c, mapping.c (ICMP errors), report.c (flow to record). Functions that may emit a
 * record return what the sink returned when that was not 0.
 */
enum { METER_WORDS = sizeof(struct meter_counts) / sizeof(uint64_t) };

/* How far eviction.c has come. */
struct eviction {
    nsec_t silent_since; /* flows that have been heard of since then are passed over */
    nsec_t round_began;
    nsec_t latest;      /* that any flow of this round was heard of */
    nsec_t last_period; /* periods that began later wait for the next round */
};

struct meter {
    struct meter_options options;
    meter_sink sink;
    void *sink_arg;

    struct flow_pools flows;
    struct pool states, extras;
    struct flow_table table;
    struct period_queue periods;
    struct flow_queue idle[TIMEOUT_COUNT];
    nsec_t timeouts[TIMEOUT_COUNT];
    struct eviction eviction;

    bool wants_extra; /* every flow has a struct flow_extra */
    nsec_t tick_due;
    bool ticking;  /* the first packet has come */
    uint32_t busy; /* the flow in hand, never evicted */
    uint32_t next_number;
    struct meter_counts counts;
    struct record *record; /* for emission */
    struct flow *expanded; /* a half flow, for emission; its state is one that no other flow has */
    uint32_t expanded_state;                 /* 0: there are no halves */
    _Atomic uint64_t published[METER_WORDS]; /* of the counts, for other threads */
};

static inline struct flow *meter_flow(const struct meter *m, uint32_t ref)
{
    return pool_at(&m->flows.whole, ref);
}

/* Of a flow of either size. */
static inline struct flow_node *meter_node(const struct meter *m, uint32_t ref)
{
    return node_at(&m->flows, ref);
}

static inline union flow_state *meter_state(const struct meter *m, const struct flow *flow)
{
    return flow->state ? pool_at(&m->states, flow->state) : NULL;
}

static inline struct flow_extra *meter_extra(const struct meter *m, const struct flow *flow)
{
    return flow->extra ? pool_at(&m->extras, flow->extra) : NULL;
}

/* What a side has counted in this period. */
static inline struct flow_sums meter_sums(const struct meter *m, const struct flow *flow,
                                          unsigned side)
{
    struct flow_sums sums = {flow->packets[side], flow->bytes[side], flow->app_bytes[side]};
    const struct flow_extra *extra = meter_extra(m, flow);
    if (extra) {
        sums.packets += extra->sums[side].packets;
        sums.bytes += extra->sums[side].bytes;
        sums.app_bytes += extra->sums[side].app_bytes;
    }
    return sums;
}

static inline bool flow_is_tcp(const struct flow *flow)
{
    enum { PROTO_TCP = 6 };
    return flow->key.protocol == PROTO_TCP &&
           (flow->key.kind == FLOW_IP4 || flow->key.kind == FLOW_IP6);
}

/* --- lifecycle.c ------------------------------------------------------------------------------ */

/* A new flow, without an open period, whose SRC is the sender of `packet`. May evict others. */
int meter_flow_new(struct meter *m, const struct flow_key *key, bool second, uint32_t *ret,
                   struct error *err);

/* Gives a flow that has none a protocol state, which is still to be filled in. May evict others. */
int meter_new_state(struct meter *m, uint32_t ref, struct error *err);

/* Gives the flow a zeroed extra object unless it has one. May evict others. */
int meter_need_extra(struct meter *m, uint32_t ref, struct error *err);

/*
 * Makes a new flow a half one, if it is such and there is room, and a half flow a whole one, in
 * which case *ref is another one then. meter_unfold may evict others.
 */
void meter_fold(struct meter *m, uint32_t ref, const struct packet *packet);
int meter_unfold(struct meter *m, uint32_t *ref, struct error *err);

/* A flow as a whole one: of a half, valid until the next call. */
const struct flow *meter_whole(const struct meter *m, uint32_t ref);

enum flow_timeout meter_timeout(const struct meter *m, uint32_t ref);

/* Takes a flow without open period out of everything. */
void meter_forget(struct meter *m, uint32_t ref);

/* Forgets all flows, of which none has an open period. */
void meter_forget_all(struct meter *m);

/* Exchanges source and destination of a flow. */
void meter_flow_swap(struct meter *m, struct flow *flow);

/* --- eviction.c ------------------------------------------------------------------------------- */

size_t meter_memory(const struct meter *m);

/* True if taking one object of the pool (and a table entry, for flows) would break the limit. */
bool meter_is_over(const struct meter *m, const struct pool *pool);

/* Gives flows up, but for the one in hand, until one more object of the pool has room. */
int meter_make_room(struct meter *m, const struct pool *pool, struct error *err);

/* --- period.c --------------------------------------------------------------------------------- */

void meter_period_open(struct meter *m, uint32_t ref, nsec_t now);

/* Emits the open period's record; the flow is in no queue then. */
int meter_period_end(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option,
                     struct error *err);

/* The same; the flow is idle from `now` on. */
int meter_period_close(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option, nsec_t now,
                       struct error *err);

/* Closes all periods that are a status interval old, oldest first. */
int meter_close_expired(struct meter *m, nsec_t now, struct error *err);

/* What the passing of packet time asks for; after each packet for which meter_tick_is_due. */
int meter_tick(struct meter *m, nsec_t now, struct error *err);

/* When a capture's clock falls back by more than this, the ticks start over from there. */
static const nsec_t TICK_FALLBACK = NSEC_PER_SEC;

static inline bool meter_tick_is_due(const struct meter *m, nsec_t now)
{
    return now >= m->tick_due || now + TICK_FALLBACK < m->tick_due || !m->ticking;
}

/* --- meter.c ---------------------------------------------------------------------------------- */

/* The sums take what the flow's own counters have no room for. May evict others. */
int meter_count_in_sums(struct meter *m, uint32_t ref, unsigned side, const struct flow_sums *more,
                        struct error *err);

/* Counts so many packets more to a side of a flow. May evict others. */
static inline int meter_count(struct meter *m, uint32_t ref, unsigned side,
                              const struct flow_sums *more, struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    uint64_t all = flow->packets[side] | flow->bytes[side] | flow->app_bytes[side] | more->packets |
                   more->bytes | more->app_bytes;
    if (unlikely(all >> 31)) /* or else no sum of two has more than 32 bits */
        return meter_count_in_sums(m, ref, side, more, err);
    flow->packets[side] += (uint32_t)more->packets;
    flow->bytes[side] += (uint32_t)more->bytes;
    flow->app_bytes[side] += (uint32_t)more->app_bytes;
    return 0;
}

/* Counts a packet to a flow; the flow may be reported and reopened on the way. */
int meter_account(struct meter *m, uint32_t ref, unsigned side, const struct packet *packet,
                  struct error *err);

/* --- fragment.c ------------------------------------------------------------------------------- */

/* Lets the later fragments of this first one find the flow, and brings home those that came early.
 */
int meter_fragment_first(struct meter *m, uint32_t ref, unsigned side, const struct packet *packet,
                         struct error *err);
int meter_fragment_later(struct meter *m, const struct packet *packet, struct error *err);

/* --- mapping.c -------------------------------------------------------------------------------- */

/* Tells the flow that an ICMP error is about, if it is known. */
int meter_map_error(struct meter *m, const struct packet *packet, struct error *err);

/* --- report.c --------------------------------------------------------------------------------- */

/* What the flow's record says, but for cause and option. Borrows from the flow's objects. */
void meter_report(const struct meter *m, const struct flow *flow, struct record *ret);
