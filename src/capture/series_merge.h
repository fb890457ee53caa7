/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "capture/series_list.h"
#include "packet/frame.h"

/*
 * Merge: the packets of several files by time; of packets at the same time, that of the file
 * earlier in the list comes first. The packets of one file keep their order, even where their times
 * go backwards. A file is open only from its first packet to its last, so files that follow each
 * other are never open together.
 */
struct series_merge;

struct series_merge *series_merge_new(struct series_list *list, struct series_report *report);
void series_merge_free(struct series_merge *merge); /* NULL is fine */

/* The next frames: 0, or SERIES_END. They are valid until the next call. */
int series_merge_next(struct series_merge *merge, struct frame_batch *ret);

uint64_t series_merge_raw_taken(const struct series_merge *merge);
