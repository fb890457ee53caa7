/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/*
 * Backlog: the last records of a stream in memory of a fixed size, for any number of readers, each
 * with a cursor of its own. When there is no room the oldest records go; a reader that still
 * wanted them is told how many it has lost. It does no locking.
 */
struct backlog;

struct backlog_cursor {
    uint64_t position; /* of the next record in the stream, counted from 0 */
    uint64_t offset;   /* of its first byte, likewise */
};

/* `bytes` at least BACKLOG_LEAST; the first record added is at `position`. NULL: no memory. */
enum { BACKLOG_LEAST = 1024 * 1024 };
struct backlog *backlog_new(size_t bytes, uint64_t position) MUST_USE;
void backlog_free(struct backlog *backlog); /* NULL is fine */

/* A whole record; its own bytes say how long it is. */
void backlog_add(struct backlog *backlog, struct view record);

struct backlog_cursor backlog_first(const struct backlog *backlog);
struct backlog_cursor backlog_next(const struct backlog *backlog); /* where the next is added */

/* A cursor at this position, or at the first or next one if that is not there (any more, yet). */
struct backlog_cursor backlog_find(const struct backlog *backlog, uint64_t position);

/* True if `record_bytes` more can be added without the record under the cursor being lost. */
bool backlog_has_room(const struct backlog *backlog, const struct backlog_cursor *keep,
                      size_t record_bytes);

/*
 * Copies whole records to `to`, as many as fit in `most` bytes, and moves the cursor behind them.
 * Returns the bytes. What the cursor has lost is counted in *ret_lost, and it goes on behind it.
 */
size_t backlog_copy(const struct backlog *backlog, struct backlog_cursor *cursor, uint8_t *to,
                    size_t most, uint64_t *ret_lost);
