/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "record/record.h"

/*
 * Source: records read from one argus file or standard input, compressed or not, versions 3 and 5,
 * concatenated files too. Records are normalised (record_normalise) unless told otherwise.
 */
struct source;

enum { SOURCE_END = 1, SOURCE_DAMAGED = 2 };

/* Fails when the file can't be opened or is not argus data. */
int source_open(struct source **ret, const char *path, struct error *err) MUST_USE;
void source_close(struct source *source); /* NULL is fine */

/*
 * The next record: 0, SOURCE_END, or -1 where the file is damaged (file, offset, what was wrong);
 * records before the damage were given first, after -1 nothing more comes. SOURCE_DAMAGED gives a
 * record of which a block is damaged: err says which, and the blocks before it are good. The
 * record and what it borrows are valid until the next call.
 */
int source_next(struct source *source, struct record **ret, struct error *err) MUST_USE;

/* True if the next record is not there yet, and source_next would wait for it. */
bool source_would_wait(struct source *source);
int source_descriptor(const struct source *source); /* that it waits for */

/* The management record at the head of the input. */
const struct record *source_head(const struct source *source);
const char *source_name(const struct source *source);
bool source_is_compressed(const struct source *source);
uint64_t source_raw_taken(const struct source *source);
uint64_t source_raw_size(const struct source *source);
