/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/range_report.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "spill/spill.h"

enum { ELEMENT_MOST = 32, GROUP_MOST = 32, RANGES_IN_MEMORY = 4096, BLOCK_BYTES = 64 * 1024 };

struct range {
    uint8_t first[ELEMENT_MOST], last[ELEMENT_MOST];
};

/* The list of the group that is at hand; its count stands before its ranges. */
struct list {
    uint8_t group[GROUP_MOST];
    uint64_t elements;
    struct range *ranges;
    size_t count;
    struct spill_file *file;
    struct spill_stream spilled; /* the ranges before those in memory */
};

static bool is_successor(const uint8_t *number, const uint8_t *next, size_t size)
{
    uint8_t sum[ELEMENT_MOST];
    memcpy(sum, number, size);
    for (size_t i = size; i-- > 0 && ++sum[i] == 0;)
        continue;
    return !memcmp(sum, next, size);
}

static int add_element(struct list *list, const uint8_t *element, size_t size, struct error *err)
{
    list->elements++;
    if (list->count && is_successor(list->ranges[list->count - 1].last, element, size)) {
        memcpy(list->ranges[list->count - 1].last, element, size);
        return 0;
    }
    if (list->count == RANGES_IN_MEMORY) {
        if (spill_write(&list->spilled, list->ranges, list->count * sizeof(*list->ranges), err))
            return -1;
        list->count = 0;
    }
    struct range *range = &list->ranges[list->count++];
    *range = (struct range){0};
    memcpy(range->first, element, size);
    memcpy(range->last, element, size);
    return 0;
}

static void print_range(const struct range_report *report, const struct range *range, bool is_first)
{
    if (!is_first)
        fputs(", ", stdout);
    report->print_element(range->first);
    if (!memcmp(range->first, range->last, report->element_size))
        return;
    fputs(" - ", stdout);
    report->print_element(range->last);
}

static int print_list(const struct range_report *report, struct list *list, struct error *err)
{
    const void *range;
    bool is_first = true;
    if (!list->elements)
        return 0;
    report->print_group(list->group);
    printf(": (%" PRIu64 ") ", list->elements);
    if (list->spilled.bytes && spill_close(&list->spilled, err))
        return -1;
    for (; list->spilled.bytes; is_first = false) {
        if (spill_read(&list->spilled, sizeof(struct range), &range, err))
            return -1;
        print_range(report, range, is_first);
    }
    for (size_t i = 0; i < list->count; i++, is_first = false)
        print_range(report, &list->ranges[i], is_first);
    putchar('\n');
    spill_release(&list->spilled);
    list->spilled = (struct spill_stream){.file = list->file};
    list->count = 0;
    list->elements = 0;
    return 0;
}

static int print_lists(const struct range_report *report, struct list *list, struct error *err)
{
    const void *key;
    int result;
    while (!(result = key_set_next(report->keys, &key, err))) {
        const uint8_t *bytes = key;
        if (memcmp(list->group, bytes, report->group_size) != 0) {
            if (print_list(report, list, err))
                return -1;
            memcpy(list->group, bytes, report->group_size);
        }
        if (add_element(list, bytes + report->group_size, report->element_size, err))
            return -1;
    }
    return result < 0 ? -1 : print_list(report, list, err);
}

int range_report_print(const struct range_report *report, struct error *err)
{
    struct list list = {0};
    list.ranges = mem_alloc(RANGES_IN_MEMORY * sizeof(*list.ranges));
    list.file = spill_file_new(report->folder, BLOCK_BYTES);
    list.spilled.file = list.file;
    int result = print_lists(report, &list, err);
    spill_release(&list.spilled);
    spill_file_free(list.file);
    free(list.ranges);
    return result;
}
