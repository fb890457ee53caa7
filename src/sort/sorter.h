/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"
#include "sort/order.h"

/*
 * Sorter: takes records in any order and gives them back sorted; equal ones in the order in which
 * they came. What it gives is a function of the records and their order alone. Records lie in
 * memory as the bytes that they were read as, with their sort keys; when the limit is reached they
 * are sorted and go to a temporary file (spill/) as a run, and all runs are merged in the end.
 */
struct sorter;

enum { SORTER_MEMORY_LEAST = 4 << 20 };

struct sorter_options {
    const struct sort_order *order; /* must outlive the sorter */
    size_t memory_bytes;            /* SORTER_MEMORY_LEAST or more */
    const char *folder;             /* for temporary files */
    unsigned threads;
    size_t runs_at_once; /* that are merged, 2 or more; 0: as many as memory allows */
};

struct sorter *sorter_new(const struct sorter_options *options) MUST_USE;
void sorter_free(struct sorter *sorter); /* NULL is fine */

/* Fails when there is no memory, or no room for the temporary file. */
int sorter_add(struct sorter *sorter, const struct record *r, struct error *err) MUST_USE;

/* After the last record. */
int sorter_finish(struct sorter *sorter, struct error *err) MUST_USE;

/* The next record, valid until the next call: 0, SORTER_END or -1. */
enum { SORTER_END = 1 };
int sorter_next(struct sorter *sorter, struct record **ret, struct error *err) MUST_USE;

uint64_t sorter_spilled(const struct sorter *sorter); /* bytes written to temporary files */
