/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "flow/flow.h"
#include "flow/meter.h"
#include "flow/queue.h"
#include "flow/streams.h"
#include "flow/table.h"

/*
 * The inside of a meter, which has the flows of one shard, shared by its files: meter.c (packets),
 * lifecycle.c (making and forgetting flows), eviction.c (which of them leave at the memory limit),
 * period.c (periods), fragment.c, mapping.c (ICMP errors), report.c (flow to record). Functions
 * that may emit a record return what the sink returned when that was not 0.
 */
enum { METER_WORDS = sizeof(struct meter_counts) / sizeof(uint64_t) };

/* How far eviction.c has come. */
struct eviction {
    nsec_t silent_since; /* flows that have been heard of since then are passed over */
    nsec_t round_began;
    nsec_t latest;      /* that any flow of this round was heard of */
    nsec_t last_period; /* periods that began later wait for the next round */
};

/* Where the objects of several meters are. */
struct meter_space {
    struct pool_space whole, half, states, extras;
};

/* Where the records of several meters go, and what they have together. */
struct meter_outlet {
    meter_sink sink;
    void *arg;
    uint32_t last_number; /* of their flows */

    /* Instead of all that, when other meters work in other threads. */
    struct stream *stream; /* NULL: none do */
    struct flow_numbers *numbers;
};

/* What every packet needs comes first: in one thread the packets go from meter to meter. */
struct meter {
    struct flow_table table;
    const struct meter_options *options;
    uint32_t busy;      /* the flow in hand, never evicted */
    bool wants_extra;   /* every flow has a struct flow_extra */
    bool wants_to_pack; /* see pack.c */
    uint8_t shard;
    struct meter_counts counts;
    struct flow_pools flows;
    struct pool states, extras;
    struct period_queue periods;
    struct flow_queue idle[TIMEOUT_COUNT];
    nsec_t timeouts[TIMEOUT_COUNT];
    struct eviction eviction;

    uint64_t memory_limit;
    struct meter_outlet *outlet;
    struct record *record; /* for emission */
    struct flow *expanded; /* a half flow, for emission; its state is one that no other flow has */
    uint32_t expanded_state;                 /* 0: there are no halves */
    _Atomic uint64_t published[METER_WORDS]; /* of the counts, for other threads */
};

/* For FLOW_SHARDS meters, whose limits of memory are options->memory_limit in all. */
int meter_space_init(struct meter_space *space, const struct meter_options *options,
                     struct error *err) MUST_USE;
void meter_space_release(struct meter_space *space); /* also of one that failed, or of zeros */

int meter_new(struct meter **ret, const struct meter_options *options, unsigned shard,
              struct meter_space *space, struct meter_outlet *outlet, struct error *err) MUST_USE;
void meter_free(struct meter *m);

void meter_get_counts(const struct meter *m, struct meter_counts *ret);
void meter_publish(struct meter *m);

static inline struct flow *meter_flow(const struct meter *m, uint32_t ref)
{
    return whole_at(&m->flows, ref);
}

/* Of a flow of either size. */
static inline struct flow_node *meter_node(const struct meter *m, uint32_t ref)
{
    return node_at(&m->flows, ref);
}

static inline union flow_state *meter_state(const struct meter *m, const struct flow *flow)
{
    union flow_state *states = (void *)m->states.memory;
    return flow->state ? &states[flow->state] : NULL;
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

/* --- lifecycle.c ------------------------------------------------------------------------------ */

/*
 * A new entry of the table, without an open period, whose SRC is the sender of the packet. It
 * becomes a flow when it is given a number. May evict others.
 */
int meter_flow_new(struct meter *m, const struct flow_key *key, bool second, uint32_t *ret,
                   struct error *err);

int meter_flow_number(struct meter *m, uint32_t ref, struct error *err);

/* A flow takes over the number of another; was its own the last one, the next flow gets that. */
int meter_flow_join(struct meter *m, uint32_t ref, uint32_t from, struct error *err);

/* Gives a flow that has none a protocol state, which is still to be filled in. May evict others. */
int meter_new_state(struct meter *m, uint32_t ref, struct error *err);

/* Gives the flow a zeroed extra object unless it has one. May evict others. */
int meter_need_extra(struct meter *m, uint32_t ref, struct error *err);

/*
 * Makes a new flow a half one, if it is such and there is room, and a half flow a whole one, in
 * which case *ref is another one then. meter_unfold may evict others.
 */
int meter_fold(struct meter *m, uint32_t ref, const struct packet *packet, struct error *err);
int meter_unfold(struct meter *m, uint32_t *ref, struct error *err);

/* The flow `from` is `ref` from now on. */
int meter_note_move(struct meter *m, uint32_t ref, uint32_t from, struct error *err);

/* The queue of a flow that is in one. */
struct flow_queue *meter_queue(struct meter *m, uint32_t ref);

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

/* --- pack.c ----------------------------------------------------------------------------------- */

/* What all pools have room for that is not in use. */
size_t meter_slack(const struct meter *m);

/* Gives it back. Nobody may hold a reference to a flow meanwhile. */
int meter_pack(struct meter *m, struct error *err);

/* --- period.c --------------------------------------------------------------------------------- */

void meter_period_open(struct meter *m, uint32_t ref, nsec_t now);

/* Emits the open period's record; the flow is in no queue then. */
int meter_period_end(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option,
                     struct error *err);

/* The same; the flow is idle from `now` on. */
int meter_period_close(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option, nsec_t now,
                       struct error *err);

/* The flow whose period is oldest, or 0; and closes its period. */
uint32_t meter_front(struct meter *m);
int meter_close_front(struct meter *m, uint32_t ref, nsec_t now, struct error *err);

static inline bool meter_is_expired(const struct meter *m, nsec_t period_start, nsec_t now)
{
    return now - period_start >= m->options->status_interval;
}

/* Closes all periods that are a status interval old, oldest first. */
int meter_close_expired(struct meter *m, nsec_t now, struct error *err);

/* Forgets flows that have been idle for their time. */
void meter_forget_idle(struct meter *m, nsec_t now);

/* --- fragment.c ------------------------------------------------------------------------------- */

/* Lets the later fragments of this first one find the flow, and brings home those that came early.
 */
int meter_fragment_first(struct meter *m, uint32_t ref, unsigned side, const struct packet *packet,
                         struct error *err);
int meter_fragment_later(struct meter *m, const struct packet *packet, struct error *err);

/* --- mapping.c -------------------------------------------------------------------------------- */

/*
 * Tells the flow that an ICMP error is about, if it is known; `about` is what flow_error_about has
 * made of the error.
 */
int meter_map_error(struct meter *m, const struct keyed_packet *about, struct error *err);

/* --- report.c --------------------------------------------------------------------------------- */

/* What the flow's record says, but for cause and option. Borrows from the flow's objects. */
void meter_report(const struct meter *m, const struct flow *flow, struct record *ret);
