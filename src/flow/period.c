/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/check.h"
#include "flow/extra.h"
#include "flow/internal.h"
#include "flow/tcp.h"

/*
 * Periods. A flow's period opens with a packet and is closed, giving a record, when it is a status
 * interval old: at once when the flow's own next packet shows that, else at the next tick. A closed
 * flow is remembered for its idle timeout, so that its later packets count as the same flow.
 */

/* Flows are forgotten by so many, so that their slots of the table are waited for together. */
enum { FORGET_BATCH = 32 };

void meter_period_open(struct meter *m, uint32_t ref, nsec_t now)
{
    struct flow *flow = meter_flow(m, ref);
    if (flow->node.list == FLOW_LIST_IDLE)
        flow_queue_remove(&m->idle[flow->timeout], &m->flows, ref);
    for (unsigned side = SRC; side <= DST; side++)
        flow->packets[side] = flow->bytes[side] = flow->app_bytes[side] = 0;
    flow->node.has &= (uint8_t) ~(FLOW_HAS_FRAGMENTS << SRC | FLOW_HAS_FRAGMENTS << DST);
    struct flow_extra *extra = meter_extra(m, flow);
    if (extra)
        memset(extra->sums, 0, sizeof(extra->sums));
    if (flow->node.bits & FLOW_REPORTED) {
        union flow_state *state = meter_state(m, flow);
        if (state && flow_is_tcp(flow))
            flow_tcp_new_period(&state->tcp, extra ? extra->tcp : NULL);
        if (extra)
            flow_extra_new_period(extra, m->options);
    }
    flow->node.period_start = now;
    period_queue_push(&m->periods, &m->flows, ref);
}

int meter_period_end(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option,
                     struct error *err)
{
    struct flow_node *node = meter_node(m, ref);
    const struct flow *flow = meter_whole(m, ref);
    period_queue_remove(&m->periods, &m->flows, ref);

    struct record *r = m->record;
    meter_report(m, flow, r);
    r->cause = cause;
    r->option = option;
    m->counts.records++;
    m->counts.recorded_packets += r->metric.packets[SRC] + r->metric.packets[DST];
    m->counts.recorded_bytes += r->metric.bytes[SRC] + r->metric.bytes[DST];

    node->bits |= FLOW_REPORTED;
    node->bits &= (uint8_t)~FLOW_UNREACHED;
    const struct meter_outlet *outlet = m->outlet;
    if (likely(!outlet->stream))
        return outlet->sink(outlet->arg, r, err);
    const struct stream_place place = {
        .period_start = node->period_start,
        .number = node->number,
        .ref = ref,
        .numbers = outlet->numbers,
    };
    return stream_record(outlet->stream, &place, r, err);
}

int meter_period_close(struct meter *m, uint32_t ref, uint8_t cause, uint8_t option, nsec_t now,
                       struct error *err)
{
    struct flow_node *node = meter_node(m, ref);
    int result = meter_period_end(m, ref, cause, option, err);
    node->period_start = now;
    node->list = FLOW_LIST_IDLE;
    flow_queue_push(&m->idle[meter_timeout(m, ref)], &m->flows, ref);
    return result;
}

uint32_t meter_front(struct meter *m)
{
    return period_queue_front(&m->periods, &m->flows);
}

int meter_close_front(struct meter *m, uint32_t ref, nsec_t now, struct error *err)
{
    uint8_t cause = meter_node(m, ref)->bits & FLOW_REPORTED ? CAUSE_STATUS : CAUSE_START;
    return meter_period_close(m, ref, cause, 0, now, err);
}

int meter_close_expired(struct meter *m, nsec_t now, struct error *err)
{
    uint32_t ref;
    int result = 0;
    while (!result && (ref = meter_front(m)) != 0 &&
           meter_is_expired(m, meter_node(m, ref)->period_start, now))
        result = meter_close_front(m, ref, now, err);
    return result;
}

/* Flows at the head of an idle queue whose time is over; what the table has of them is fetched. */
static unsigned find_expired(const struct meter *m, unsigned timeout, nsec_t now,
                             uint32_t refs[FORGET_BATCH])
{
    unsigned count = 0;
    for (uint32_t ref = m->idle[timeout].head; ref && count < FORGET_BATCH;) {
        const struct flow_node *node = meter_node(m, ref);
        if (now - node->period_start < m->timeouts[timeout])
            break;
        flow_table_prefetch_slot(&m->table, flow_tag(&m->flows, ref));
        refs[count++] = ref;
        ref = node->next;
    }
    return count;
}

void meter_forget_idle(struct meter *m, nsec_t now)
{
    for (unsigned i = 0; i < TIMEOUT_COUNT; i++) {
        uint32_t refs[FORGET_BATCH];
        unsigned count;
        while ((count = find_expired(m, i, now, refs)) != 0)
            for (unsigned j = 0; j < count; j++)
                meter_forget(m, refs[j]);
    }
}
