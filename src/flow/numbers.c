/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/numbers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "flow/half.h"

static uint32_t index_of(uint32_t ref)
{
    return flow_is_half(ref) ? half_ref(ref) : ref;
}

void flow_numbers_release(struct flow_numbers *numbers)
{
    free(numbers->of[0]);
    free(numbers->of[1]);
    *numbers = (struct flow_numbers){0};
}

static void put(struct flow_numbers *numbers, uint32_t ref, uint32_t number)
{
    const bool half = flow_is_half(ref);
    const uint32_t index = index_of(ref);
    if (unlikely(index >= numbers->capacity[half]))
        numbers->of[half] = mem_grow(numbers->of[half], &numbers->capacity[half], (size_t)index + 1,
                                     sizeof(*numbers->of[half]));
    numbers->of[half][index] = number;
}

void flow_numbers_new(struct flow_numbers *numbers, uint32_t ref)
{
    put(numbers, ref, ++numbers->last);
}

void flow_numbers_restart(struct flow_numbers *numbers)
{
    numbers->last = 0;
}

uint32_t flow_numbers_get(const struct flow_numbers *numbers, uint32_t ref)
{
    return numbers->of[flow_is_half(ref)][index_of(ref)];
}

void flow_numbers_move(struct flow_numbers *numbers, uint32_t ref, uint32_t from)
{
    put(numbers, ref, flow_numbers_get(numbers, from));
}

void flow_numbers_join(struct flow_numbers *numbers, uint32_t ref, uint32_t from)
{
    if (flow_numbers_get(numbers, ref) == numbers->last)
        numbers->last--;
    flow_numbers_move(numbers, ref, from);
}
