/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"

/*
 * Sink: records written to an argus file or standard output, or sent as datagrams, one each
 * (base/datagrams.h). The file is opened (for appending)
 * when the first record is written, so that no record means no file; a new file begins with the
 * management record given to sink_new, or one made up from the first record's time.
 */
struct sink;

struct sink *sink_new(const char *path) MUST_USE; /* "-": standard output; or argus-udp://host */
void sink_set_head(struct sink *sink, const struct record *mar); /* copied */

/*
 * A sink whose file takes the place of `path` when it is freed, and not before (output_replace):
 * it has this head and what was written.
 */
int sink_replace(struct sink **ret, const char *path, const struct record *mar,
                 struct error *err) MUST_USE;

/* Frees it and leaves a file that was to be replaced as it was. NULL is fine. */
void sink_abandon(struct sink *sink);

/* 0, OUTPUT_CLOSED (see base/output.h), or -1. A record with wire bytes is written as those. */
int sink_write(struct sink *sink, const struct record *r, struct error *err) MUST_USE;

/* Opens the file now. A new one gets its head, which must have been set. */
int sink_begin(struct sink *sink, struct error *err) MUST_USE;

/* Opens the file now, as this first record would, which is not written. */
int sink_begin_for(struct sink *sink, const struct record *first, struct error *err) MUST_USE;

bool sink_is_open(const struct sink *sink);
const char *sink_path(const struct sink *sink);

/* As output_file; false if it is not open. */
bool sink_file(const struct sink *sink, uint64_t *ret_inode, uint64_t *ret_bytes);

/*
 * Closes the file, which sink_begin or the next record opens again; standard output is flushed, and
 * of datagrams nothing ends.
 */
int sink_end(struct sink *sink, struct error *err) MUST_USE;

int sink_flush(struct sink *sink, struct error *err) MUST_USE;
uint64_t sink_records(const struct sink *sink);
int sink_free(struct sink *sink, struct error *err) MUST_USE; /* flushes; frees in any case */
