/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"

void flow_queue_push(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref)
{
    struct flow_node *flow = node_at(flows, ref);
    flow->next = 0;
    flow->prev = queue->tail;
    if (queue->tail)
        node_at(flows, queue->tail)->next = ref;
    else
        queue->head = ref;
    queue->tail = ref;
    queue->count++;
}

void flow_queue_remove(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref)
{
    const struct flow_node *flow = node_at(flows, ref);
    check(queue->count);
    if (flow->prev)
        node_at(flows, flow->prev)->next = flow->next;
    else
        queue->head = flow->next;
    if (flow->next)
        node_at(flows, flow->next)->prev = flow->prev;
    else
        queue->tail = flow->prev;
    if (queue->hand == ref)
        queue->hand = flow->next;
    queue->count--;
}

void flow_queue_replace(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref,
                        uint32_t other)
{
    const struct flow_node *flow = node_at(flows, ref);
    struct flow_node *to = node_at(flows, other);
    to->next = flow->next;
    to->prev = flow->prev;
    if (to->prev)
        node_at(flows, to->prev)->next = other;
    else
        queue->head = other;
    if (to->next)
        node_at(flows, to->next)->prev = other;
    else
        queue->tail = other;
    if (queue->hand == ref)
        queue->hand = other;
}

/* --- late flows: a binary heap by (period start, number) -------------------------------------- */

static void late_push(struct period_queue *queue, struct late_flow entry)
{
    queue->late =
        mem_grow(queue->late, &queue->late_capacity, queue->late_count + 1, sizeof(*queue->late));
    size_t at = queue->late_count++;
    while (at > 0 && late_flow_is_before(&entry, &queue->late[(at - 1) / 2])) {
        queue->late[at] = queue->late[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->late[at] = entry;
}

static void late_pop(struct period_queue *queue)
{
    struct late_flow last = queue->late[--queue->late_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->late_count)
            break;
        if (child + 1 < queue->late_count &&
            late_flow_is_before(&queue->late[child + 1], &queue->late[child]))
            child++;
        if (!late_flow_is_before(&queue->late[child], &last))
            break;
        queue->late[at] = queue->late[child];
        at = child;
    }
    if (queue->late_count)
        queue->late[at] = last;
}

/* An entry outlives the flow's stay in the heap: removal only takes the flow off `late`. */
static bool late_is_stale(const struct late_flow *entry, const struct flow_pools *flows)
{
    const struct flow_node *flow = node_at(flows, entry->ref);
    return flow->list != FLOW_LIST_LATE || flow->number != entry->number ||
           flow->period_start != entry->period_start;
}

/* --- the two together ------------------------------------------------------------------------- */

void period_queue_release(struct period_queue *queue)
{
    free(queue->late);
    *queue = (struct period_queue){0};
}

void period_queue_push(struct period_queue *queue, const struct flow_pools *flows, uint32_t ref)
{
    struct flow_node *flow = node_at(flows, ref);
    uint32_t tail = queue->in_order.tail;
    if (!tail || node_at(flows, tail)->period_start < flow->period_start ||
        (node_at(flows, tail)->period_start == flow->period_start &&
         flow_number_is_before(node_at(flows, tail)->number, flow->number))) {
        flow->list = FLOW_LIST_PERIOD;
        flow_queue_push(&queue->in_order, flows, ref);
        return;
    }
    flow->list = FLOW_LIST_LATE;
    late_push(queue, (struct late_flow){flow->period_start, ref, flow->number});
}

void period_queue_remove(struct period_queue *queue, const struct flow_pools *flows, uint32_t ref)
{
    struct flow_node *flow = node_at(flows, ref);
    check(node_is_open(flow));
    if (flow->list == FLOW_LIST_PERIOD)
        flow_queue_remove(&queue->in_order, flows, ref);
    flow->list = FLOW_LIST_NONE;
}

uint32_t period_queue_front(struct period_queue *queue, const struct flow_pools *flows)
{
    while (queue->late_count && late_is_stale(&queue->late[0], flows))
        late_pop(queue);
    uint32_t head = queue->in_order.head;
    if (!queue->late_count)
        return head;
    if (!head)
        return queue->late[0].ref;
    const struct flow_node *first = node_at(flows, head);
    struct late_flow in_order = {first->period_start, head, first->number};
    return late_flow_is_before(&queue->late[0], &in_order) ? queue->late[0].ref : head;
}
