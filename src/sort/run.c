/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/run.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { INSERT_MOST = 12, PART_LEAST = 4096 };

size_t run_part(size_t count, unsigned threads, unsigned number)
{
    if (count < PART_LEAST) /* not worth the threads */
        return number ? count : 0;
    return (size_t)((unsigned __int128)count * number / threads);
}

static void insertion_sort(struct sort_slot *slots, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_slot moved = slots[i];
        size_t at = i;
        for (; at && sort_slot_compare(&moved, &slots[at - 1]) < 0; at--)
            slots[at] = slots[at - 1];
        slots[at] = moved;
    }
}

static void merge_halves(const struct sort_slot *from, size_t middle, size_t count,
                         struct sort_slot *to)
{
    const struct sort_slot *a = from, *a_end = from + middle, *b = a_end, *b_end = from + count;
    while (a < a_end && b < b_end)
        *to++ = sort_slot_compare(b, a) < 0 ? *b++ : *a++;
    memcpy(to, a, (size_t)(a_end - a) * sizeof(*a));
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof(*b));
}

/* Merge sort, from the bottom up; records mostly come nearly in order, which costs a comparison. */
static void sort_part(struct sort_slot *slots, struct sort_slot *other, size_t count)
{
    struct sort_slot *from = slots, *to = other;
    for (size_t i = 0; i < count; i += INSERT_MOST)
        insertion_sort(slots + i, count - i < INSERT_MOST ? count - i : INSERT_MOST);
    for (size_t width = INSERT_MOST; width < count; width *= 2) {
        for (size_t i = 0; i < count; i += 2 * width) {
            size_t both = count - i < 2 * width ? count - i : 2 * width;
            size_t first = both < width ? both : width;
            if (first == both || sort_slot_compare(&from[i + first - 1], &from[i + first]) <= 0)
                memcpy(to + i, from + i, both * sizeof(*from));
            else
                merge_halves(from + i, first, both, to + i);
        }
        struct sort_slot *swap = from;
        from = to;
        to = swap;
    }
    if (from != slots)
        memcpy(slots, from, count * sizeof(*slots));
}

struct part {
    struct sort_slot *slots, *other;
    size_t count;
    pthread_t thread;
    bool has_thread;
};

static void *work(void *arg)
{
    struct part *part = arg;
    sort_part(part->slots, part->other, part->count);
    return NULL;
}

void run_sort(struct sort_slot *slots, struct sort_slot *other, size_t count, unsigned threads)
{
    struct part *parts = mem_zalloc(threads * sizeof(*parts));
    for (unsigned i = 0; i < threads; i++) {
        size_t begin = run_part(count, threads, i);
        parts[i].slots = slots + begin;
        parts[i].other = other + begin;
        parts[i].count = run_part(count, threads, i + 1) - begin;
        parts[i].has_thread =
            i && parts[i].count && !pthread_create(&parts[i].thread, NULL, work, &parts[i]);
    }
    for (unsigned i = 0; i < threads; i++)
        if (!parts[i].has_thread)
            work(&parts[i]);
    for (unsigned i = 0; i < threads; i++)
        if (parts[i].has_thread)
            pthread_join(parts[i].thread, NULL);
    free(parts);
}
