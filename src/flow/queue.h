/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/half.h"

/*
 * Queues of flows.
 *
 * struct flow_queue is a plain list through the flows, first in, first out, with removal from the
 * middle.
 *
 * struct period_queue gives open flows by the start of their period, oldest first (ties: by flow
 * number), and never scans. Packets come nearly in time order, so nearly every period starts at or
 * after the youngest one and is appended to a list. The few that start earlier than the list's
 * tail (packets out of order) go to a binary heap beside it; the oldest is the lesser of the two
 * fronts. Cost is O(1) in order, O(log late flows) otherwise, whatever the capture's clock does.
 */
struct flow_queue {
    uint32_t head, tail;
    uint32_t count;
    uint32_t hand; /* a flow that someone has come to, or 0: when it leaves, the one behind it */
};

void flow_queue_push(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref);
void flow_queue_remove(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref);

/* A flow of the other size takes the place of a flow in its queue. */
void flow_queue_replace(struct flow_queue *queue, const struct flow_pools *flows, uint32_t ref,
                        uint32_t other);

struct late_flow {
    nsec_t period_start;
    uint32_t ref, number;
};

/* Numbers may have wrapped. */
static inline bool flow_number_is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* Oldest first; of one age, in the order in which the flows were made. */
static inline bool late_flow_is_before(const struct late_flow *a, const struct late_flow *b)
{
    if (a->period_start != b->period_start)
        return a->period_start < b->period_start;
    return flow_number_is_before(a->number, b->number);
}

struct period_queue {
    struct flow_queue in_order;
    struct late_flow *late; /* heap */
    size_t late_count, late_capacity;
};

void period_queue_release(struct period_queue *queue);

/* Adds an open flow; its list member says afterwards where it is. */
void period_queue_push(struct period_queue *queue, const struct flow_pools *flows, uint32_t ref);
void period_queue_remove(struct period_queue *queue, const struct flow_pools *flows, uint32_t ref);

/* The flow whose period is oldest, or 0. */
uint32_t period_queue_front(struct period_queue *queue, const struct flow_pools *flows);
