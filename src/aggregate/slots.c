/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/slots.h"

#include "base/check.h"
#include "base/mem.h"

enum { FIRST_SIZE = 1024 };

void slots_release(struct slots *slots)
{
    mem_unmap(slots->array, slots_bytes(slots));
    *slots = (struct slots){0};
}

void slots_add(struct slots *slots, uint32_t hash, uint32_t ref)
{
    check(slots->used < slots->size);
    size_t at = slots_home(slots, hash);
    while (slots->array[at].ref)
        at = (at + 1) & (slots->size - 1);
    slots->array[at] = (struct slot){hash, ref};
    slots->used++;
}

bool slots_reserve(struct slots *slots)
{
    if (4 * (slots->used + 1) <= 3 * slots->size)
        return true;
    struct slots larger = {.size = slots->size ? 2 * slots->size : FIRST_SIZE};
    larger.array = mem_try_map(slots_bytes(&larger));
    if (!larger.array)
        return false;
    for (size_t i = 0; i < slots->size; i++) {
        if (slots->array[i].ref)
            slots_add(&larger, slots->array[i].hash, slots->array[i].ref);
    }
    slots_release(slots);
    *slots = larger;
    return true;
}

/*
 * The hole is closed by moving up what probing would not find behind it any more (Knuth, The Art
 * of Computer Programming, volume 3, 6.4, algorithm R).
 */
void slots_remove(struct slots *slots, uint32_t hash, uint32_t ref)
{
    const size_t mask = slots->size - 1;
    size_t hole = slots_home(slots, hash);
    while (slots->array[hole].ref != ref) {
        check(slots->array[hole].ref);
        hole = (hole + 1) & mask;
    }
    for (size_t at = (hole + 1) & mask; slots->array[at].ref; at = (at + 1) & mask) {
        size_t home = slots_home(slots, slots->array[at].hash);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots->array[hole] = slots->array[at];
            hole = at;
        }
    }
    slots->array[hole].ref = 0;
    slots->used--;
}
