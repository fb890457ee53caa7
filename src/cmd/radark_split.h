/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/tool.h"
#include "scan/detector.h"
#include "scan/spool.h"

/*
 * The records of scanners to the files of -w, all others to that of -E, and all of them to that of
 * --label. Who scans is known only at the end, so that they are kept in a temporary file until
 * then.
 */
struct radark_split {
    struct tool *tool;
    struct spool *spool;   /* NULL: nothing is to be written */
    struct sink *labelled; /* NULL: not wanted */
};

/* `label_path` NULL: none. `split` is to be released, whatever happens. */
int radark_split_begin(struct radark_split *split, struct tool *tool, const char *label_path,
                       const char *folder, struct error *err) MUST_USE;
int radark_split_add(struct radark_split *split, const struct record *r,
                     struct error *err) MUST_USE;

/* When all records were added and the detector has finished. */
int radark_split_write(struct radark_split *split, const struct detector *detector,
                       struct error *err) MUST_USE;

/* Closes the file of --label. */
int radark_split_end(struct radark_split *split, struct error *err) MUST_USE;
