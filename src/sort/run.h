/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "sort/item.h"

/*
 * Sorts slots, equal ones staying in their order: parts of them by as many threads, each part then
 * being in order by itself. `other` is room for as many slots.
 */
void run_sort(struct sort_slot *slots, struct sort_slot *other, size_t count, unsigned threads);

/* Where part `number` begins; where part `threads` would begin is the end. */
size_t run_part(size_t count, unsigned threads, unsigned number);
