/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/heap.h"

#include <stdlib.h>

#include "base/mem.h"

void heap_release(struct heap *heap)
{
    free(heap->sources);
    *heap = (struct heap){.order = heap->order};
}

static bool is_before(const struct heap *heap, const struct heap_source *a,
                      const struct heap_source *b)
{
    if (a->major != b->major)
        return a->major < b->major;
    if (a->minor != b->minor)
        return a->minor < b->minor;
    return order_compare(&heap->order, a->entry, b->entry) < 0;
}

static void swap(struct heap_source *a, struct heap_source *b)
{
    struct heap_source kept = *a;
    *a = *b;
    *b = kept;
}

static int advance(const struct heap *heap, struct heap_source *source, struct error *err)
{
    if (source->advance(source, err))
        return -1;
    if (!source->entry)
        return 0;
    source->major = order_major(source->entry);
    source->minor = order_minor(&heap->order, source->entry);
    return 0;
}

static void sift_down(struct heap *heap)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->count)
            return;
        if (child + 1 < heap->count &&
            is_before(heap, &heap->sources[child + 1], &heap->sources[child]))
            child++;
        if (!is_before(heap, &heap->sources[child], &heap->sources[at]))
            return;
        swap(&heap->sources[child], &heap->sources[at]);
        at = child;
    }
}

static void sift_up(struct heap *heap, size_t at)
{
    while (at && is_before(heap, &heap->sources[at], &heap->sources[(at - 1) / 2])) {
        swap(&heap->sources[at], &heap->sources[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

int heap_add(struct heap *heap, const struct heap_source *source, struct error *err)
{
    heap->sources =
        mem_grow(heap->sources, &heap->capacity, heap->count + 1, sizeof(*heap->sources));
    struct heap_source *added = &heap->sources[heap->count];
    *added = *source;
    if (advance(heap, added, err))
        return -1;
    if (added->entry)
        sift_up(heap, heap->count++);
    return 0;
}

int heap_next(struct heap *heap, const struct entry **ret, struct error *err)
{
    if (heap->has_given) {
        struct heap_source *top = heap->sources;
        if (advance(heap, top, err))
            return -1;
        if (!top->entry)
            *top = heap->sources[--heap->count];
        sift_down(heap);
    }
    heap->has_given = heap->count > 0;
    if (!heap->count)
        return HEAP_END;
    *ret = heap->sources[0].entry;
    return 0;
}
