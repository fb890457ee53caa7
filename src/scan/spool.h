/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Spool: records in a temporary file, as they came, to be read again once. So a pipe can be gone
 * through twice.
 */
struct spool;

struct spool *spool_new(const char *folder) MUST_USE;
void spool_free(struct spool *spool); /* NULL is fine */

int spool_add(struct spool *spool, const struct record *r, struct error *err) MUST_USE;

/* After the last record. */
int spool_finish(struct spool *spool, struct error *err) MUST_USE;

/* The next record, valid until the next call: 0, SPOOL_END or -1. */
enum { SPOOL_END = 1 };
int spool_next(struct spool *spool, struct record **ret, struct error *err) MUST_USE;
