/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "spill/key_set.h"

/*
 * Lists of numbers or addresses as ranges, one list a group: "(4) 25, 80 - 81, 443". A key is the
 * group's bytes, and then the element as a big-endian number. A list may be longer than memory.
 */
struct range_report {
    struct key_set *keys; /* sorted (key_set_sort) */
    size_t group_size, element_size;
    const char *folder; /* of temporary files */
    void (*print_group)(const uint8_t *group);
    void (*print_element)(const uint8_t *element);
};

int range_report_print(const struct range_report *report, struct error *err) MUST_USE;
