/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/meter.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/published.h"
#include "flow/extra.h"
#include "flow/internal.h"
#include "flow/objects.h"
#include "flow/tcp.h"

/* What a packet does: find or make its flow, close what it ends, count it, follow its protocol. */

const struct meter_options meter_defaults = {
    .status_interval = 5 * NSEC_PER_SEC,
    .ip_timeout = 30 * NSEC_PER_SEC,
    .tcp_timeout = 60 * NSEC_PER_SEC,
    .icmp_timeout = 5 * NSEC_PER_SEC,
    .frag_timeout = 30 * NSEC_PER_SEC,
    .arp_timeout = 5 * NSEC_PER_SEC,
    .other_timeout = 30 * NSEC_PER_SEC,
    .memory_limit = UINT64_C(1) << 30,
};

/* --- life ------------------------------------------------------------------------------------- */

static bool init_space(struct pool_space *space, size_t object_size, uint64_t limit)
{
    enum { SPARE = 1024 }; /* for meters whose limit is less than the least that they do with */
    return pool_space_init(space, object_size, limit / object_size + SPARE, FLOW_SHARDS);
}

int meter_space_init(struct meter_space *space, const struct meter_options *options,
                     struct error *err)
{
    uint64_t limit = options->memory_limit;
    if (!init_space(&space->whole, sizeof(struct flow), limit) ||
        !init_space(&space->half, sizeof(struct half_flow), limit) ||
        !init_space(&space->states, sizeof(union flow_state), limit) ||
        !init_space(&space->extras, flow_extra_size(options), limit))
        return error_set(err, "no memory for a flow table of %llu bytes",
                         (unsigned long long)limit);
    return 0;
}

void meter_space_release(struct meter_space *space)
{
    pool_space_release(&space->whole);
    pool_space_release(&space->half);
    pool_space_release(&space->states);
    pool_space_release(&space->extras);
}

int meter_new(struct meter **ret, const struct meter_options *options, unsigned shard,
              struct meter_space *space, struct meter_outlet *outlet, struct error *err)
{
    struct meter *m = mem_zalloc_lines(sizeof(*m));
    m->options = options;
    m->memory_limit = options->memory_limit / FLOW_SHARDS;
    m->outlet = outlet;
    m->shard = (uint8_t)shard;
    m->wants_extra = flow_extra_wanted(options);
    m->record = mem_zalloc(sizeof(*m->record));
    m->timeouts[TIMEOUT_IP] = options->ip_timeout;
    m->timeouts[TIMEOUT_TCP] = options->tcp_timeout;
    m->timeouts[TIMEOUT_ICMP] = options->icmp_timeout;
    m->timeouts[TIMEOUT_FRAGMENT] = options->frag_timeout;
    m->timeouts[TIMEOUT_ARP] = options->arp_timeout;
    m->timeouts[TIMEOUT_OTHER] = options->other_timeout;

    pool_init(&m->flows.whole, &space->whole);
    pool_init(&m->flows.half, &space->half);
    pool_init(&m->states, &space->states);
    pool_init(&m->extras, &space->extras);
    if (options->half_flows) {
        m->expanded = mem_zalloc(sizeof(*m->expanded));
        m->expanded_state = pool_take(&m->states);
    }
    if (!flow_table_init(&m->table, &m->flows)) {
        meter_free(m);
        return error_set(err, "no memory for a flow table");
    }
    *ret = m;
    return 0;
}

void meter_free(struct meter *m)
{
    if (!m)
        return;
    flow_table_release(&m->table);
    pool_release(&m->flows.whole);
    pool_release(&m->flows.half);
    pool_release(&m->states);
    pool_release(&m->extras);
    period_queue_release(&m->periods);
    mem_free_at(&m->record);
    mem_free_at(&m->expanded);
    mem_free_at(&m);
}

void meter_get_counts(const struct meter *m, struct meter_counts *ret)
{
    *ret = m->counts;
    ret->memory_bytes = meter_memory(m);
}

void meter_publish(struct meter *m)
{
    struct meter_counts counts;
    meter_get_counts(m, &counts);
    published_put(m->published, &counts, METER_WORDS);
}

/* --- counting a packet ------------------------------------------------------------------------ */

static void count_times(const struct meter *m, struct flow *flow, unsigned side, nsec_t now)
{
    if (!flow->packets[side]) {
        flow->start[side] = flow->last[side] = now;
        return;
    }
    /* 3.0.8 knows first and last by arrival, we by time. */
    bool by_arrival = quirk_is(m->options->quirks, QUIRK_WHOLE_SECOND_START);
    if (now > flow->last[side] || by_arrival)
        flow->last[side] = now;
    if (now < flow->start[side] && !by_arrival)
        flow->start[side] = now;
}

static void count_attributes(struct flow *flow, unsigned side, const struct packet *p)
{
    uint8_t had = flow->node.has;
    bool known = flow->encaps[side];
    if (known && flow->encaps[side] != p->encaps)
        flow->node.changed |= (uint8_t)(1u << side);
    flow->encaps[side] |= p->encaps;
    if (p->kind == PACKET_IP4 || p->kind == PACKET_IP6) {
        had |= (uint8_t)(FLOW_HAS_IP << side);
        flow->ttl[side] = p->ttl;
        flow->tos[side] = p->tos;
        flow->ip_id[side] = p->ip_id;
        flow->ip_options[side] = p->ip_options;
        if (p->frag != FRAG_NONE)
            had |= (uint8_t)(FLOW_HAS_FRAGMENTS << side);
    }
    if (p->has_vlan) {
        had |= (uint8_t)(FLOW_HAS_VLAN << side);
        flow->vlan[side] = p->vlan_tci;
    }
    if (p->has_mpls)
        had |= (uint8_t)(FLOW_HAS_MPLS << side);
    flow->node.has = had;
}

/* *ret_retransmitted: this segment was one. */
static int follow_tcp(struct meter *m, uint32_t ref, unsigned side, const struct packet *p,
                      bool *ret_retransmitted, struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    int result = 0;
    if (!flow->state) {
        result = meter_new_state(m, ref, err);
        if (!result)
            flow_tcp_first(&meter_state(m, flow)->tcp, side, p);
        return result;
    }
    struct flow_tcp *tcp = &meter_state(m, flow)->tcp;
    struct flow_tcp_sums *sums = NULL;
    if (unlikely(flow_tcp_needs_sums(tcp, p))) {
        result = meter_need_extra(m, ref, err);
        if (result)
            return result;
        sums = meter_extra(m, flow)->tcp;
    }
    *ret_retransmitted =
        flow_tcp_next(tcp, sums, side, p, m->options->quirks, m->options->track_duplicates);
    return 0;
}

static int follow_protocol(struct meter *m, uint32_t ref, unsigned side, const struct packet *p,
                           bool *ret_retransmitted, struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    if (p->frag == FRAG_LATER)
        return 0;
    if (flow_is_tcp(flow))
        return p->has_tcp ? follow_tcp(m, ref, side, p, ret_retransmitted, err) : 0;
    if (flow->state) {
        flow_object_next(&meter_state(m, flow)->object, side, p);
        return 0;
    }
    if (!flow_object_wanted(flow, p))
        return 0;
    int result = meter_new_state(m, ref, err);
    if (!result)
        flow_object_first(&meter_state(m, flow)->object, flow, side, p);
    return result;
}

/* A new connection on the ports of one that ended: the old one's record is complete. */
static int restart(struct meter *m, uint32_t ref, unsigned *side, const struct packet *p,
                   struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    if (flow_is_open(flow)) {
        if (quirk_is(m->options->quirks, QUIRK_STOP_TIME))
            flow->last[flow->packets[SRC] ? SRC : DST] = p->time;
        int result = meter_period_close(m, ref, CAUSE_STOP, 0, p->time, err);
        if (result)
            return result;
    }
    flow->node.bits &= (uint8_t) ~(FLOW_REPORTED | FLOW_SEEN_TWICE);
    pool_give(&m->states, flow->state);
    flow->state = 0;
    if (flow->extra)
        flow_extra_restart(meter_extra(m, flow), m->options);
    if (*side == DST && !quirk_is(m->options->quirks, QUIRK_REUSE_DIRECTION)) {
        meter_flow_swap(m, flow);
        *side = SRC;
    }
    return 0;
}

/*
 * When the period begins that this packet opens. With a record of its first packet by itself, which
 * was closed at once, a flow goes on as if it had none.
 */
static nsec_t opening(const struct meter *m, const struct flow *flow, nsec_t now)
{
    const bool is_second = m->options->start_records &&
                           (flow->node.bits & (FLOW_REPORTED | FLOW_SEEN_TWICE)) == FLOW_REPORTED;
    const nsec_t closed = flow->node.period_start;
    return is_second && now - closed < m->options->status_interval ? closed : now;
}

/* Sees to it that the flow has an open period that this packet belongs to. */
static int arrive(struct meter *m, uint32_t ref, unsigned *side, const struct packet *p,
                  struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    nsec_t now = p->time;
    if (flow_is_open(flow) && now - flow->node.period_start >= m->options->status_interval) {
        int result = meter_close_expired(m, now, err);
        if (result)
            return result;
    }
    if (flow->state && p->has_tcp && (p->u.tcp.flags & TCP_SYN) && flow_is_tcp(flow)) {
        const struct flow_tcp *tcp = &meter_state(m, flow)->tcp;
        if (flow_tcp_restarts(tcp, p, m->options->quirks)) {
            int result = restart(m, ref, side, p, err);
            if (result)
                return result;
        } else if (flow_tcp_late_syn(tcp, *side, p) &&
                   !quirk_is(m->options->quirks, QUIRK_SYN_AFTER_SYNACK)) {
            meter_flow_swap(m, flow);
            *side = SRC;
        }
    }
    if (!flow_is_open(flow))
        meter_period_open(m, ref, opening(m, flow, now));
    return 0;
}

int meter_count_in_sums(struct meter *m, uint32_t ref, unsigned side, const struct flow_sums *more,
                        struct error *err)
{
    int result = meter_need_extra(m, ref, err);
    if (result)
        return result;
    struct flow *flow = meter_flow(m, ref);
    struct flow_sums *sums = &meter_extra(m, flow)->sums[side];
    sums->packets += flow->packets[side] + more->packets - 1;
    sums->bytes += flow->bytes[side] + more->bytes;
    sums->app_bytes += flow->app_bytes[side] + more->app_bytes;
    flow->packets[side] = 1; /* there are some */
    flow->bytes[side] = flow->app_bytes[side] = 0;
    return 0;
}

int meter_account(struct meter *m, uint32_t ref, unsigned side, const struct packet *p,
                  struct error *err)
{
    m->busy = ref;
    int result = arrive(m, ref, &side, p, err);
    if (result)
        return result;
    bool retransmitted = false;
    result = follow_protocol(m, ref, side, p, &retransmitted, err);
    if (!result && (m->wants_extra || p->has_mpls))
        result = meter_need_extra(m, ref, err);
    if (result)
        return result;

    struct flow *flow = meter_flow(m, ref);
    count_times(m, flow, side, p->time);
    const struct flow_sums one = {1, p->bytes, p->app_bytes};
    result = meter_count(m, ref, side, &one, err);
    if (result)
        return result;
    count_attributes(flow, side, p);
    if (p->has_mpls)
        meter_extra(m, flow)->mpls[side] = p->mpls;
    if (flow->extra)
        flow_extra_packet(meter_extra(m, flow), side, p, retransmitted, m->options);
    if (flow->packets[SRC] + flow->packets[DST] > 1 || flow->node.bits & FLOW_REPORTED)
        flow->node.bits |= FLOW_SEEN_TWICE;
    if (unlikely(m->options->start_records && !(flow->node.bits & FLOW_REPORTED)))
        return meter_period_close(m, ref, CAUSE_START, 0, p->time, err);
    return 0;
}
