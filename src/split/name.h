/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"
#include "record/print.h"

/*
 * Names of files that records are divided into. A pattern is text with conversions of strftime(3),
 * of local time, and with fields of the record: "$srcid/%Y/%m/%d/flows.%H". A field is written as
 * ra prints it, by the longest name that there is. What has no place in a name of a file (slashes,
 * control characters, nothing at all, points alone) becomes '_', so that no record can choose a
 * folder.
 */
struct name;

enum { NAME_VALUE_MOST = 128 }; /* bytes of a value; the rest is cut off */

/*
 * With `adds_time`, a pattern that has no conversion gets ".%Y.%m.%d.%H.%M.%S", without the first
 * point behind another one or a slash.
 */
int name_new(struct name **ret, const char *pattern, bool adds_time,
             const struct print_options *options, struct error *err) MUST_USE;
void name_free(struct name *name); /* NULL is fine */

/* The name for this record and time, valid until the next call. */
const char *name_make(struct name *name, const struct record *r, nsec_t time);

/* True if names of both times are the same, as far as they depend on time. */
bool name_is_same(const struct name *name, nsec_t one, nsec_t other);
