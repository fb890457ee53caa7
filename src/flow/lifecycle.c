/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/check.h"
#include "flow/extra.h"
#include "flow/internal.h"

/* Flows come and go. At the memory limit, eviction.c makes room for them. */

static enum flow_timeout timeout_of(uint8_t kind, uint8_t protocol)
{
    enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_ICMP6 = 58 };
    switch (kind) {
    case FLOW_IP4:
    case FLOW_IP6:
        if (protocol == PROTO_TCP)
            return TIMEOUT_TCP;
        if (protocol == PROTO_ICMP || protocol == PROTO_ICMP6)
            return TIMEOUT_ICMP;
        return TIMEOUT_IP;
    case FLOW_PAIR4:
    case FLOW_PAIR6:
        return TIMEOUT_IP;
    case FLOW_FRAGMENT4:
    case FLOW_FRAGMENT6:
        return TIMEOUT_FRAGMENT;
    case FLOW_ARP:
    case FLOW_RARP:
        return TIMEOUT_ARP;
    default:
        return TIMEOUT_OTHER;
    }
}

enum flow_timeout meter_timeout(const struct meter *m, uint32_t ref)
{
    if (!flow_is_half(ref))
        return meter_flow(m, ref)->timeout;
    return timeout_of(FLOW_IP4, half_protocol(half_at(&m->flows, ref)));
}

static void give_back(struct meter *m, uint32_t ref)
{
    if (flow_is_half(ref)) {
        pool_give(&m->flows.half, half_ref(ref));
        m->counts.flows_live--;
        return;
    }
    const struct flow *flow = meter_flow(m, ref);
    if (!(flow->node.bits & FLOW_ALIAS)) {
        if (flow->state)
            pool_give(&m->states, flow->state);
        if (flow->extra)
            pool_give(&m->extras, flow->extra);
        m->counts.flows_live--;
    }
    pool_give(&m->flows.whole, ref);
}

void meter_forget(struct meter *m, uint32_t ref)
{
    struct flow_node *node = meter_node(m, ref);
    check(!node_is_open(node));
    if (node->list == FLOW_LIST_IDLE)
        flow_queue_remove(&m->idle[meter_timeout(m, ref)], &m->flows, ref);
    flow_table_remove(&m->table, flow_tag(&m->flows, ref), ref);
    node->number = 0; /* what still refers to it sees that it is gone */
    node->list = FLOW_LIST_NONE;
    give_back(m, ref);
}

void meter_forget_all(struct meter *m)
{
    check(!period_queue_front(&m->periods, &m->flows));
    flow_table_clear(&m->table);
    pool_clear(&m->flows.whole);
    pool_clear(&m->flows.half);
    pool_clear(&m->states);
    pool_clear(&m->extras);
    if (m->options->half_flows)
        m->expanded_state = pool_take(&m->states);
    memset(m->idle, 0, sizeof(m->idle));
    m->eviction = (struct eviction){0};
    m->counts.flows_live = 0;
}

/* --- making things ---------------------------------------------------------------------------- */

int meter_flow_new(struct meter *m, const struct flow_key *key, bool second, uint32_t *ret,
                   struct error *err)
{
    int result = meter_make_room(m, &m->flows.whole, err);
    if (result)
        return result;
    if (!flow_table_reserve(&m->table))
        return error_set(err, "no memory for the flow table");
    uint32_t ref = pool_take(&m->flows.whole);
    struct flow *flow = meter_flow(m, ref);
    memset(flow, 0, sizeof(*flow));
    flow->key = *key;
    flow->node.bits = second ? FLOW_SRC_SECOND : 0;
    flow->timeout = timeout_of(key->kind, key->protocol);
    flow_table_add(&m->table, flow_key_tag(key), ref);
    m->counts.flows_live++;
    *ret = ref;
    return 0;
}

int meter_flow_number(struct meter *m, uint32_t ref, struct error *err)
{
    struct meter_outlet *outlet = m->outlet;
    m->counts.flows++;
    if (likely(!outlet->stream)) {
        meter_node(m, ref)->number = ++outlet->last_number;
        return 0;
    }
    meter_node(m, ref)->number = stream_number(outlet->stream);
    return stream_note(outlet->stream, outlet->numbers, STREAM_NEW, ref, 0, err);
}

int meter_flow_join(struct meter *m, uint32_t ref, uint32_t from, struct error *err)
{
    struct meter_outlet *outlet = m->outlet;
    uint32_t *number = &meter_node(m, ref)->number;
    m->counts.flows--;
    if (*number == outlet->last_number)
        outlet->last_number--;
    *number = meter_node(m, from)->number;
    return outlet->stream
               ? stream_note(outlet->stream, outlet->numbers, STREAM_JOIN, ref, from, err)
               : 0;
}

/* A flow goes on under another reference. */
int meter_note_move(struct meter *m, uint32_t ref, uint32_t from, struct error *err)
{
    struct meter_outlet *outlet = m->outlet;
    return outlet->stream
               ? stream_note(outlet->stream, outlet->numbers, STREAM_MOVE, ref, from, err)
               : 0;
}

static int need_object(struct meter *m, struct pool *pool, uint32_t *at, struct error *err)
{
    int result = meter_make_room(m, pool, err);
    if (!result)
        *at = pool_take(pool);
    return result;
}

int meter_new_state(struct meter *m, uint32_t ref, struct error *err)
{
    return need_object(m, &m->states, &meter_flow(m, ref)->state, err);
}

int meter_need_extra(struct meter *m, uint32_t ref, struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    if (flow->extra)
        return 0;
    int result = need_object(m, &m->extras, &flow->extra, err);
    if (!result)
        memset(meter_extra(m, flow), 0, m->extras.object_size);
    return result;
}

/* --- half flows ------------------------------------------------------------------------------- */

struct flow_queue *meter_queue(struct meter *m, uint32_t ref)
{
    return meter_node(m, ref)->list == FLOW_LIST_PERIOD ? &m->periods.in_order
                                                        : &m->idle[meter_timeout(m, ref)];
}

int meter_fold(struct meter *m, uint32_t ref, const struct packet *packet, struct error *err)
{
    struct flow *flow = meter_flow(m, ref);
    struct half_flow made;
    if (!half_make(&made, flow, packet) || meter_is_over(m, &m->flows.half))
        return 0;
    uint32_t half = half_ref(pool_take(&m->flows.half));
    *half_at(&m->flows, half) = made;
    flow_queue_replace(meter_queue(m, ref), &m->flows, ref, half);
    flow_table_replace(&m->table, flow_key_tag(&flow->key), ref, half);
    if (flow->state)
        pool_give(&m->states, flow->state);
    flow->node.number = 0;
    flow->node.list = FLOW_LIST_NONE;
    pool_give(&m->flows.whole, ref);
    return meter_note_move(m, half, ref, err);
}

static void expand(const struct meter *m, uint32_t ref, struct flow *ret, uint32_t state)
{
    half_expand(half_at(&m->flows, ref), ret, state ? pool_at(&m->states, state) : NULL);
    ret->state = state;
    ret->timeout = (uint8_t)meter_timeout(m, ref);
}

const struct flow *meter_whole(const struct meter *m, uint32_t ref)
{
    if (!flow_is_half(ref))
        return meter_flow(m, ref);
    bool has_state = half_has_state(half_at(&m->flows, ref));
    expand(m, ref, m->expanded, has_state ? m->expanded_state : 0);
    return m->expanded;
}

int meter_unfold(struct meter *m, uint32_t *ref, struct error *err)
{
    const uint32_t half = *ref;
    uint32_t state = 0;
    m->busy = half;
    int result = meter_make_room(m, &m->flows.whole, err);
    if (!result && half_has_state(half_at(&m->flows, half)))
        result = need_object(m, &m->states, &state, err);
    if (!result)
        result = meter_make_room(m, &m->flows.whole, err); /* the state may have taken it */
    if (result)
        return result;
    uint32_t whole = pool_take(&m->flows.whole);
    struct flow *flow = meter_flow(m, whole);
    expand(m, half, flow, state);
    flow_queue_replace(meter_queue(m, half), &m->flows, half, whole);
    flow_table_replace(&m->table, flow_key_tag(&flow->key), half, whole);
    half_at(&m->flows, half)->node.number = 0;
    half_at(&m->flows, half)->node.list = FLOW_LIST_NONE;
    pool_give(&m->flows.half, half_ref(half));
    m->busy = *ref = whole;
    return meter_note_move(m, whole, half, err);
}

/* --- exchanging the sides --------------------------------------------------------------------- */

/* Exchanges the two elements of an array of two. */
static void swap_pair(void *pair, size_t size)
{
    for (uint8_t *a = pair, *b = a + size; size--; a++, b++) {
        uint8_t kept = *a;
        *a = *b;
        *b = kept;
    }
}

/* Exchanges each pair of bits (1 << side) of the attributes. */
static uint8_t swap_bits(uint8_t pairs)
{
    return (uint8_t)((pairs & 0x55) << 1 | (pairs & 0xaa) >> 1);
}

void meter_flow_swap(struct meter *m, struct flow *flow)
{
    flow->node.bits ^= FLOW_SRC_SECOND;
    flow->node.has = swap_bits(flow->node.has);
    flow->node.changed = swap_bits(flow->node.changed);
    swap_pair(flow->packets, sizeof(flow->packets[0]));
    swap_pair(flow->bytes, sizeof(flow->bytes[0]));
    swap_pair(flow->app_bytes, sizeof(flow->app_bytes[0]));
    swap_pair(flow->start, sizeof(flow->start[0]));
    swap_pair(flow->last, sizeof(flow->last[0]));
    swap_pair(flow->encaps, sizeof(flow->encaps[0]));
    swap_pair(flow->vlan, sizeof(flow->vlan[0]));
    swap_pair(flow->ip_id, sizeof(flow->ip_id[0]));
    swap_pair(flow->ttl, sizeof(flow->ttl[0]));
    swap_pair(flow->tos, sizeof(flow->tos[0]));
    swap_pair(flow->ip_options, sizeof(flow->ip_options[0]));
    union flow_state *state = meter_state(m, flow);
    if (state && flow_is_tcp(flow)) {
        swap_pair(state->tcp.last, sizeof(state->tcp.last[0]));
        swap_pair(state->tcp.side, sizeof(state->tcp.side[0]));
    }
    struct flow_extra *extra = meter_extra(m, flow);
    if (extra)
        flow_extra_swap(extra, m->options);
}
