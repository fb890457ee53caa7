/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "scan/address_key.h"

/*
 * Address table: addresses in order, each with two numbers, to be looked up. What is more than the
 * limit of memory lies in a temporary file without a name, which the system keeps in memory as far
 * as there is some to spare.
 */
struct address_entry {
    uint8_t address[ADDRESS_KEY];
    uint32_t id, count; /* 0 at first */
};

struct address_table {
    struct address_entry *list;
    uint64_t count, capacity;
    uint64_t memory_most; /* bytes; set by the owner, with the folder: all else is zeros */
    const char *folder;   /* of the temporary file */
    int descriptor;       /* of it, valid with is_mapped */
    bool is_mapped;
};

void address_table_release(struct address_table *table);

/* Adds an address that is above all that are there. */
int address_table_add(struct address_table *table, const uint8_t *address,
                      struct error *err) MUST_USE;

/* NULL: it is not there. */
struct address_entry *address_table_find(const struct address_table *table, const uint8_t *address);
