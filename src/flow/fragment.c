/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "flow/internal.h"

/*
 * IP fragments. Only the first fragment of a datagram says which flow it is of. It leaves an
 * *alias* in the table: an entry under the key (addresses, protocol, fragment id) that leads to the
 * flow, and that the later fragments are counted through. Later fragments that come before any
 * first one make a flow of their own, whose counts go home when the first one arrives.
 *
 * An alias is a flow entry that is never open and that waits in the idle queue of fragments. It
 * knows its flow by reference and key, so it need not be told when that flow is forgotten, gets
 * another number, or is turned round.
 */

static bool alias_is_good(const struct meter *m, const struct flow *alias)
{
    if (!(alias->node.bits & FLOW_ALIAS))
        return false;
    const struct flow *flow = meter_flow(m, alias->state);
    return flow->node.number && flow_key_equal(&flow->key, &alias->target);
}

static void alias_set(struct meter *m, uint32_t ref, uint32_t target, unsigned side, nsec_t now)
{
    struct flow *alias = meter_flow(m, ref);
    const struct flow *flow = meter_flow(m, target);
    check(flow_key_shard(&alias->key, flow_key_tag(&alias->key)) == m->shard);
    if (!(alias->node.bits & FLOW_ALIAS))
        m->counts.flows_live--; /* an alias is not counted as a flow */
    if (alias->node.list == FLOW_LIST_IDLE)
        flow_queue_remove(&m->idle[alias->timeout], &m->flows, ref);
    alias->node.bits = FLOW_ALIAS;
    alias->node.number = flow->node.number;
    alias->state = target;
    alias->extra = 0;
    alias->target = flow->key;
    alias->is_second = side != flow_side(flow, false);
    alias->node.period_start = now;
    alias->node.list = FLOW_LIST_IDLE;
    flow_queue_push(&m->idle[alias->timeout], &m->flows, ref);
}

/* Adds what came before the first fragment to its flow, as if it had come through the alias. */
static int bring_home(struct meter *m, uint32_t orphan_ref, uint32_t ref, unsigned side,
                      struct error *err)
{
    struct flow *orphan = meter_flow(m, orphan_ref), *flow = meter_flow(m, ref);
    bool keep_times = quirk_is(m->options->quirks, QUIRK_FRAGMENT_TIME);
    nsec_t opened = orphan->node.period_start;
    if (!flow_is_open(flow)) /* the record of its first packet was written at once */
        meter_period_open(m, ref, flow->last[side]);
    const bool is_alone = !flow->packets[side];
    period_queue_remove(&m->periods, &m->flows, orphan_ref);
    const struct flow_sums sums = meter_sums(m, orphan, SRC);
    int result = meter_count(m, ref, side, &sums, err);
    if (is_alone || orphan->start[SRC] < flow->start[side] || keep_times)
        flow->start[side] = orphan->start[SRC];
    if (is_alone || orphan->last[SRC] > flow->last[side] || keep_times)
        flow->last[side] = orphan->last[SRC];
    orphan->packets[SRC] = 0;
    if (opened <= flow->node.period_start) {
        period_queue_remove(&m->periods, &m->flows, ref);
        flow->node.period_start = opened;
        /* It began with the orphan, and so did its number. */
        if (!(flow->node.bits & FLOW_REPORTED) && !result)
            result = meter_flow_join(m, ref, orphan_ref, err);
        period_queue_push(&m->periods, &m->flows, ref);
    }
    return result;
}

int meter_fragment_first(struct meter *m, uint32_t ref, unsigned side, const struct packet *packet,
                         struct error *err)
{
    if (packet->kind == PACKET_IP6 && quirk_is(m->options->quirks, QUIRK_IP6_FRAGMENTS_APART))
        return 0;
    struct flow_key key;
    flow_key_of_fragment(&key, packet, &m->options->keying);
    uint32_t found = flow_table_find(&m->table, flow_key_tag(&key), &key);
    int result = 0;
    if (found && flow_is_open(meter_flow(m, found)))
        result = bring_home(m, found, ref, side, err);
    if (result)
        return result;
    if (!found) {
        result = meter_flow_new(m, &key, false, &found, err);
        if (result)
            return result;
    } else if (meter_flow(m, found)->extra && !(meter_flow(m, found)->node.bits & FLOW_ALIAS)) {
        pool_give(&m->extras, meter_flow(m, found)->extra);
    }
    alias_set(m, found, ref, side, packet->time);
    return 0;
}

int meter_fragment_later(struct meter *m, const struct packet *packet, struct error *err)
{
    struct flow_key key;
    flow_key_of_fragment(&key, packet, &m->options->keying);
    uint32_t found = flow_table_find(&m->table, flow_key_tag(&key), &key);
    if (found) {
        const struct flow *entry = meter_flow(m, found);
        if (alias_is_good(m, entry)) {
            unsigned side = flow_side(meter_flow(m, entry->state), entry->is_second);
            return meter_account(m, entry->state, side, packet, err);
        }
        if (entry->node.bits & FLOW_ALIAS) {
            meter_forget(m, found);
            found = 0;
        }
    }
    if (!found) {
        int result = meter_flow_new(m, &key, false, &found, err);
        if (!result)
            result = meter_flow_number(m, found, err);
        if (result)
            return result;
    }
    return meter_account(m, found, SRC, packet, err);
}
