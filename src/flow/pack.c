/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "flow/internal.h"

/*
 * Packing: all pools are made as small as what lives in them, and the memory behind is given back.
 * What lived there is moved, which nobody sees but who refers to it: the table, the neighbours in a
 * queue, the heap of late flows, and aliases. The latter two find a note at the old place.
 */
size_t meter_slack(const struct meter *m)
{
    return pool_slack(&m->flows.whole) + pool_slack(&m->flows.half) + pool_slack(&m->states) +
           pool_slack(&m->extras);
}

static int move_flow(struct meter *m, struct pool_packing *packing, uint32_t ref, struct error *err)
{
    const bool is_half = flow_is_half(ref);
    const uint32_t moved = pool_packing_move(packing, is_half ? half_ref(ref) : ref);
    const uint32_t to = is_half ? half_ref(moved) : moved;
    struct flow_node *node = meter_node(m, ref);
    if (node->list != FLOW_LIST_LATE)
        flow_queue_replace(meter_queue(m, ref), &m->flows, ref, to);
    flow_table_replace(&m->table, flow_tag(&m->flows, to), ref, to);
    node->list = FLOW_LIST_NONE;
    node->number = 0;
    node->bits = FLOW_MOVED;
    node->next = to;
    return meter_note_move(m, to, ref, err);
}

static int move_flows(struct meter *m, struct pool_packing *packing, struct pool *pool,
                      struct error *err)
{
    int result = 0;
    pool_packing_begin(packing, pool);
    for (uint32_t place = packing->most; place < packing->end; place++) {
        uint32_t ref = pool_ref(pool, place);
        if (pool == &m->flows.half)
            ref = half_ref(ref);
        if (meter_node(m, ref)->list != FLOW_LIST_NONE && !result)
            result = move_flow(m, packing, ref, err);
    }
    return result;
}

static void forward(const struct meter *m, uint32_t *ref)
{
    const struct flow_node *node = meter_node(m, *ref);
    if (node->bits == FLOW_MOVED)
        *ref = node->next;
}

static void forward_late(struct meter *m)
{
    for (size_t i = 0; i < m->periods.late_count; i++)
        forward(m, &m->periods.late[i].ref);
}

static void forward_aliases(struct meter *m)
{
    for (uint32_t ref = m->idle[TIMEOUT_FRAGMENT].head; ref; ref = meter_node(m, ref)->next)
        if (meter_node(m, ref)->bits & FLOW_ALIAS)
            forward(m, &meter_flow(m, ref)->state);
}

/* Objects that whole flows have, each of which has one place for a reference to them. */
static void pack_objects(struct meter *m, struct pool *pool, size_t member)
{
    const struct pool *flows = &m->flows.whole;
    struct pool_packing packing;
    pool_packing_begin(&packing, pool);
    for (uint32_t place = 0; place < flows->fresh && packing.most < packing.end; place++) {
        struct flow *flow = meter_flow(m, pool_ref(flows, place));
        uint32_t *ref = (uint32_t *)((char *)flow + member);
        if (flow->node.list != FLOW_LIST_NONE && !(flow->node.bits & FLOW_ALIAS) && *ref &&
            pool_packing_is_beyond(&packing, *ref))
            *ref = pool_packing_move(&packing, *ref);
    }
    pool_packing_end(&packing);
}

int meter_pack(struct meter *m, struct error *err)
{
    struct pool_packing whole, half;
    int result = move_flows(m, &whole, &m->flows.whole, err);
    if (result)
        return result;
    result = move_flows(m, &half, &m->flows.half, err);
    if (result)
        return result;
    forward_late(m);
    forward_aliases(m);
    pool_packing_end(&whole);
    pool_packing_end(&half);
    pack_objects(m, &m->states, offsetof(struct flow, state));
    pack_objects(m, &m->extras, offsetof(struct flow, extra));
    m->wants_to_pack = false;
    return 0;
}
