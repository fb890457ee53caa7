/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "index/format.h"

/* Catalog: the segments in a folder, in the order of the times that they cover. */
struct catalog_entry {
    char *path;
    nsec_t first, last;    /* first > last: a capture without packets */
    uint64_t capture_hash; /* capture_id_hash of its capture */
};

struct catalog {
    struct catalog_entry *list;
    size_t count, capacity;
};

/* A folder that is not there is an error, one without segments is not. */
int catalog_read(struct catalog *ret, const char *folder, struct error *err) MUST_USE;
void catalog_release(struct catalog *catalog);

/* The segment of this capture, or NULL. */
const struct catalog_entry *catalog_find(const struct catalog *catalog,
                                         const struct capture_id *capture);
