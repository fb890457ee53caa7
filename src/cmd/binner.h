/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "cmd/clustering.h"
#include "cmd/tool.h"
#include "sort/sorter.h"
#include "split/bins.h"

/*
 * Records by time bins: cut at their edges, merged within each, and given out bin by bin, each in
 * an order of its own. All that is kept is kept by sorters and clusters, which have their limits of
 * memory: parts wait in a sorter by bin; when they may go out, each bin is merged by itself, and
 * sorted.
 */
struct binning {
    const struct clustering *clustering;
    const struct sort_order *order; /* within a bin */
    struct bins bins;
    bool has_bins; /* -M time; without it all is one bin */
    bool is_whole; /* -M nomodify: records are not cut */
    bool is_hard;  /* -M hard: records begin and end with their bin */
    bool is_zero;  /* -M zero: bins without records have one, of nothing but their time */
    bool is_live;  /* -B: a bin goes out when a record is so much later than its end */
    nsec_t hold_ns;
    bool has_marks; /* management records at both ends of each bin */
};

/*
 * The memory that is needed, in equal shares: of two sorters by bin, of clusters, of the sorter
 * within a bin, and of what they all need besides.
 */
enum { BINNER_SHARES = 5, BINNER_MEMORY_LEAST = BINNER_SHARES * SORTER_MEMORY_LEAST };

struct binner;

/* What `binning` says must outlive the binner. */
struct binner *binner_new(const struct binning *binning, struct tool *tool) MUST_USE;
void binner_free(struct binner *binner);

/* Takes a flow record, which may be changed. With -B, bins may go out because of it. */
int binner_add(struct binner *binner, struct record *r, struct error *err) MUST_USE;

/* All bins that are left go out. */
int binner_finish(struct binner *binner, struct error *err) MUST_USE;
