/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Series of files: names with letters behind them, xaa, xab ... xyz, xzaa ..., xzyz, xzzaa: when
 * letters run out they begin anew behind a z, so that the names are in order. Each name without
 * letters has its series, which takes its own course.
 */
struct series {
    char *prefix;
    uint64_t hash;
    uint64_t number;        /* of the file that is being written, from 0 */
    uint64_t records, size; /* in it, since it was begun */
    bool is_begun;          /* something was written */
};

struct series_set;

enum { SERIES_MOST = 1 << 20, SERIES_LETTERS_MOST = 32 };

struct series_set *series_set_new(unsigned letters, uint64_t seed) MUST_USE;
void series_set_free(struct series_set *set); /* NULL is fine */

/*
 * The series of a name, made if it is new. It is valid until the next call. Fails when there are
 * SERIES_MOST of them.
 */
int series_find(struct series_set *set, const char *prefix, struct series **ret,
                struct error *err) MUST_USE;

/* What comes now goes to the next file. */
void series_advance(struct series *series);

/* The name of its file, valid until the next call. */
const char *series_path(struct series_set *set, const struct series *series);
