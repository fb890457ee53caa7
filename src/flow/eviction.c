/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/internal.h"

/*
 * What leaves at the memory limit, which counts the table's slots and all objects up to each pool's
 * high mark. When something new does not fit, flows are given up until it does, either because an
 * object came free or because the table need not grow: first those that are only remembered,
 * longest idle first; then open ones that have gone silent. These are written out as continued, so
 * that no packet is lost from the count.
 *
 * Who has gone silent is found as by the clock algorithm (Corbato, 1969): a hand goes around the
 * queue of periods. It gives up the flows that have not been heard of since it came by the last
 * time or, if it has not yet, since their period began; the others it passes over. So a flood of
 * flows of one packet takes nobody's place but its own, and each flow costs one look a round. A
 * round is over those flows that were there when it began: the others have the time of a round to
 * be heard of again.
 *
 * What one pool has free is of no use to another. So if that is a good part of all memory, the pool
 * grows beyond the limit, and as soon as the packet is done with, all pools are made as small as
 * they can be (pack.c): a flood of flows of one kind does not leave the others without room.
 *
 * Flows are given up by so many, so that what the table has of them is waited for together.
 */
enum { BATCH = 32, ROUNDS_MOST = 3, SLACK_SHARE = 16 };

size_t meter_memory(const struct meter *m)
{
    return flow_table_bytes(&m->table) + pool_bytes(&m->flows.whole) + pool_bytes(&m->flows.half) +
           pool_bytes(&m->states) + pool_bytes(&m->extras) +
           sizeof(uint32_t) * ((size_t)m->flows.whole.high + m->flows.half.high);
}

/* --- those that are only remembered ----------------------------------------------------------- */

/* The queue whose flow at `heads` is longest idle; TIMEOUT_COUNT if there is none. */
static unsigned longest_idle(const struct meter *m, const uint32_t heads[TIMEOUT_COUNT])
{
    unsigned found = TIMEOUT_COUNT;
    for (unsigned i = 0; i < TIMEOUT_COUNT; i++)
        if (heads[i] && (found == TIMEOUT_COUNT || meter_node(m, heads[i])->period_start <
                                                       meter_node(m, heads[found])->period_start))
            found = i;
    return found;
}

/* Those longest idle, in order. */
static unsigned find_idle(const struct meter *m, uint32_t refs[BATCH])
{
    uint32_t heads[TIMEOUT_COUNT];
    unsigned count = 0, i;
    for (i = 0; i < TIMEOUT_COUNT; i++)
        heads[i] = m->idle[i].head;
    while (count < BATCH && (i = longest_idle(m, heads)) < TIMEOUT_COUNT) {
        const uint32_t ref = heads[i];
        heads[i] = meter_node(m, ref)->next;
        if (ref == m->busy)
            continue;
        flow_table_prefetch_slot(&m->table, flow_tag(&m->flows, ref));
        refs[count++] = ref;
    }
    return count;
}

/* --- those that have gone silent -------------------------------------------------------------- */

/* Of an open flow; of a half one, that is when it began. */
static nsec_t last_heard(const struct meter *m, uint32_t ref)
{
    nsec_t last = meter_node(m, ref)->period_start;
    if (flow_is_half(ref))
        return last;
    const struct flow *flow = meter_flow(m, ref);
    for (unsigned side = SRC; side <= DST; side++)
        if (flow->packets[side] && flow->last[side] > last)
            last = flow->last[side];
    return last;
}

static bool is_silent(struct eviction *e, nsec_t began, nsec_t heard)
{
    if (heard > e->latest)
        e->latest = heard;
    return heard <= (began > e->silent_since ? began : e->silent_since);
}

/*
 * The hand has come around. Time is what flows were heard of at, so after two rounds on which
 * nobody was silent the next one takes those that it meets.
 */
static void begin_round(struct meter *m)
{
    struct eviction *e = &m->eviction;
    struct flow_queue *queue = &m->periods.in_order;
    e->silent_since = e->round_began;
    e->round_began = e->latest;
    e->latest = 0;
    queue->hand = queue->head;
    e->last_period = queue->tail ? meter_node(m, queue->tail)->period_start : 0;
}

/* Where the hand comes by next, up to the end of the round. */
static unsigned find_silent(struct meter *m, uint32_t refs[BATCH])
{
    struct flow_queue *queue = &m->periods.in_order;
    unsigned count = 0;
    while (queue->hand && count < BATCH) {
        const uint32_t ref = queue->hand;
        const struct flow_node *node = meter_node(m, ref);
        if (node->period_start > m->eviction.last_period)
            break;
        queue->hand = node->next;
        if (ref == m->busy || !is_silent(&m->eviction, node->period_start, last_heard(m, ref)))
            continue;
        flow_table_prefetch_slot(&m->table, flow_tag(&m->flows, ref));
        refs[count++] = ref;
    }
    return count;
}

static unsigned find_open(struct meter *m, uint32_t refs[BATCH])
{
    unsigned count = find_silent(m, refs);
    for (unsigned i = 0; !count && i < ROUNDS_MOST; i++) {
        begin_round(m);
        count = find_silent(m, refs);
    }
    if (count)
        return count;
    refs[0] = period_queue_front(&m->periods, &m->flows); /* late ones are all that is left */
    return refs[0] && refs[0] != m->busy ? 1 : 0;
}

/* --- giving them up --------------------------------------------------------------------------- */

static int give_up_open(struct meter *m, uint32_t ref, struct error *err)
{
    uint8_t cause = meter_node(m, ref)->bits & FLOW_REPORTED ? CAUSE_STATUS : CAUSE_START;
    m->counts.evicted++;
    int result = meter_period_end(m, ref, cause, OPTION_CONTINUED, err);
    if (!result)
        meter_forget(m, ref);
    return result;
}

/* *ret_gone: how many flows; 0 when there is nothing left to give up. */
static int give_up(struct meter *m, unsigned *ret_gone, struct error *err)
{
    uint32_t refs[BATCH];
    int result = 0;
    unsigned count = find_idle(m, refs);
    for (unsigned i = 0; i < count; i++)
        meter_forget(m, refs[i]);
    m->counts.forgotten += count;
    if (!count) {
        count = find_open(m, refs);
        for (unsigned i = 0; i < count && !result; i++)
            result = give_up_open(m, refs[i], err);
    }
    *ret_gone = count;
    return result;
}

bool meter_is_over(const struct meter *m, const struct pool *pool)
{
    size_t more = pool_is_tight(pool) ? pool->object_size : 0;
    if (pool_is_full(pool))
        return true;
    if (pool == &m->flows.whole)
        more += flow_table_growth(&m->table);
    return more && meter_memory(m) + more > m->memory_limit;
}

/* True if there is memory for one more object, but in other pools. */
static bool has_slack(const struct meter *m, const struct pool *pool)
{
    return pool_is_tight(pool) && !pool_is_full(pool) &&
           meter_slack(m) > m->memory_limit / SLACK_SHARE &&
           (pool != &m->flows.whole || !flow_table_growth(&m->table));
}

int meter_make_room(struct meter *m, const struct pool *pool, struct error *err)
{
    unsigned gone = 1;
    while (gone && meter_is_over(m, pool)) {
        if (has_slack(m, pool)) {
            m->wants_to_pack = true;
            return 0;
        }
        int result = give_up(m, &gone, err);
        if (result)
            return result;
    }
    if (pool_is_full(pool))
        return error_set(err, "the flow table is full (%u entries)", pool->high);
    return 0;
}
