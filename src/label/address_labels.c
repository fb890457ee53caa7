/* SPDX-License-Identifier: Apache-2.0 */
#include "label/address_labels.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/address_file.h"
#include "base/mem.h"

/*
 * Entries in the order of their first addresses, those that contain others in front of them: what
 * an entry lies in are then those of a stack, as in an expression with parentheses. Each is added
 * to the set behind what it lies in, so that the set finds the innermost one.
 */
struct entry {
    struct address first, last;
    char *label; /* of its own; NULL: none. Later with those of what it lies in */
    size_t number;
};

struct address_labels {
    struct entry *list;
    size_t count, capacity;
    struct prefix_set *set;
};

static int take(void *context, const struct address_range *range, struct error *err)
{
    struct address_labels *labels = context;
    if (labels->count == PREFIX_SET_MOST)
        return error_set(err, "more than %u entries", PREFIX_SET_MOST);
    labels->list =
        mem_grow(labels->list, &labels->capacity, labels->count + 1, sizeof(*labels->list));
    struct entry *entry = &labels->list[labels->count];
    *entry = (struct entry){.first = range->first, .last = range->last, .number = labels->count++};
    if (range->label.size)
        entry->label = mem_printf("%.*s", (int)range->label.size, (const char *)range->label.data);
    return 0;
}

static int order(const void *one, const void *other)
{
    const struct entry *a = one, *b = other;
    int result = address_order(&a->first, &b->first);
    if (!result)
        result = address_order(&b->last, &a->last);
    return result ? result : (a->number > b->number) - (a->number < b->number);
}

static bool contains(const struct entry *outer, const struct entry *inner)
{
    return outer->first.size == inner->first.size &&
           address_order(&outer->first, &inner->first) <= 0 &&
           address_order(&outer->last, &inner->last) >= 0;
}

static void put_behind(struct entry *entry, const struct entry *outer)
{
    char *own = entry->label;
    if (!outer->label)
        return;
    entry->label = own ? mem_printf("%s,%s", outer->label, own) : mem_strdup(outer->label);
    free(own);
}

static int build(struct address_labels *labels, struct error *err)
{
    size_t *stack = mem_alloc((labels->count + 1) * sizeof(*stack)), depth = 0;
    int result = 0;
    qsort(labels->list, labels->count, sizeof(*labels->list), order);
    for (size_t i = 0; !result && i < labels->count; i++) {
        struct entry *entry = &labels->list[i];
        while (depth && !contains(&labels->list[stack[depth - 1]], entry))
            depth--;
        if (depth)
            put_behind(entry, &labels->list[stack[depth - 1]]);
        stack[depth++] = i;
        result = prefix_set_add_range(labels->set, &entry->first, &entry->last, (uint32_t)i, err);
    }
    free(stack);
    if (!result)
        prefix_set_build(labels->set);
    return result;
}

int address_labels_read(struct address_labels **ret, const char *path, struct error *err)
{
    struct address_labels *labels = mem_zalloc(sizeof(*labels));
    struct address_file_counts counts;
    labels->set = prefix_set_new();
    int result = address_file_read(path, take, labels, &counts, err);
    if (!result && counts.wrong) {
        address_file_wrong(&counts, err);
        result = -1;
    }
    if (!result)
        result = build(labels, err);
    if (result)
        address_labels_free(labels);
    else
        *ret = labels;
    return result;
}

void address_labels_free(struct address_labels *labels)
{
    if (!labels)
        return;
    for (size_t i = 0; i < labels->count; i++)
        free(labels->list[i].label);
    free(labels->list);
    prefix_set_free(labels->set);
    free(labels);
}

const char *address_labels_find(const struct address_labels *labels, const uint8_t *address,
                                unsigned address_size)
{
    uint32_t found = prefix_set_find(labels->set, address, address_size);
    return found == PREFIX_NONE ? NULL : labels->list[found].label;
}
