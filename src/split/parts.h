/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "split/bins.h"
#include "split/cut.h"

/*
 * Parts: a record cut at the edges of its bins, each part with its bin.
 *
 *     parts_begin(&parts, &bins, r, true);
 *     while ((part = parts_next(&parts, &bin)))
 *         ...
 *
 * A record that lies in one bin is its own part, as it came. One that would be more than PARTS_MOST
 * is cut that often, and the last part has all that is left: a wrong clock must not fill a disk.
 */
enum { PARTS_MOST = 1000000 };

struct parts {
    struct bins *bins;
    struct record *whole; /* NULL: it was given */
    struct cut cut;
    struct record part;
    bool is_cut;
    unsigned count;
};

/* Without `cuts` the record goes whole to the bin of its start. It must live as long as its parts.
 */
void parts_begin(struct parts *parts, struct bins *bins, struct record *r, bool cuts);

/* The next part, valid until the next call; NULL: there are no more. */
struct record *parts_next(struct parts *parts, struct bin *ret);
