/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * Time bins: all of time, divided into bins of one length, [start, end). They are aligned to the
 * local time of the process (tzset):
 *
 *     s, m, h   multiples of the length in local time since 1970; of lengths above a day, in UTC
 *     d         from midnight to midnight, so that a day may have 23 or 25 hours
 *     w         from Sunday to Sunday
 *     M, y      from the first of a month, or of a year
 *
 * With a count they are multiples: of days since 1970-01-01, of weeks since 1970-01-04, of months
 * and years since year 0 ("3M" are quarters). A bin of hours or less that a change of clocks falls
 * into ends there, and the next one begins.
 */
enum bin_unit { BIN_TIME, BIN_DAYS, BIN_MONTHS };

struct bin {
    nsec_t start, end;
};

struct bins {
    enum bin_unit unit;
    int64_t count;  /* nanoseconds, days or months in a bin */
    int64_t origin; /* of days: a bin begins with this one, counted from 1970-01-01 */
    struct bin last;
    struct { /* seconds between which local time is this far from UTC */
        int64_t first, last, offset;
    } zone;
};

/* "5m", "1.5h", "1d", "2w", "3M", "1y"; a number alone counts seconds. Microseconds are the least.
 */
int bins_parse(struct bins *ret, const char *text, struct error *err) MUST_USE;

/* One bin that has all of time. */
void bins_all(struct bins *ret);

/* The bin that a time is in. */
struct bin bins_find(struct bins *bins, nsec_t time);
