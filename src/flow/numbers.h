/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers of flows, from 1 in the order in which the flows began, for when shards work in several
 * threads: none of them knows how many flows began in the others. Who has all that the shards tell
 * in one order (streams.h) keeps the number of each flow here, by its reference.
 */
struct flow_numbers {
    uint32_t *of[2]; /* whole flows, half ones */
    size_t capacity[2];
    uint32_t last;
};

void flow_numbers_release(struct flow_numbers *numbers);

/* A flow begins; all are forgotten, and the next is the first. */
void flow_numbers_new(struct flow_numbers *numbers, uint32_t ref);
void flow_numbers_restart(struct flow_numbers *numbers);

uint32_t flow_numbers_get(const struct flow_numbers *numbers, uint32_t ref);

/* The flow `from` is `ref` from now on. */
void flow_numbers_move(struct flow_numbers *numbers, uint32_t ref, uint32_t from);

/* The flow `ref` goes on under the number of `from`; if it is the last one, its own is free. */
void flow_numbers_join(struct flow_numbers *numbers, uint32_t ref, uint32_t from);
