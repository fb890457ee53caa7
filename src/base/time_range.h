/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * Time range: what -t of the record tools says, and whether the time of a record is in it.
 *
 *     range = ["x"] ["i"|"c"|"n"] ( point | point "-" point | point ("+"|"-") delta
 *                                 | ("+"|"-") delta [("+"|"-") delta] )
 *     point = [[[yyyy/]mm/]dd.]HH[:MM[:SS]] | [yyyy/]mm/dd | yyyy/mm | yyyy | seconds since 1970
 *     delta = one or more of: number and unit; units y M w d h m s
 *
 * A point alone covers its unit: a year, a day, an hour. What it leaves out is today's, and of a
 * second point, the first one's. "*" in place of a field: whatever it is. Times are local; both
 * ends are included.
 */
enum time_relation {
    TIME_INTERSECTS, /* i, the default: some of the record lies in the range */
    TIME_WITHIN,     /* c: all of it does */
    TIME_AROUND,     /* n: it begins before the range and ends behind it */
};

struct time_range {
    nsec_t first, last;
    enum time_relation relation;
    bool negated;  /* x */
    unsigned wild; /* fields that may be anything; see time_range.c */
};

/* `now` is what times are relative to. */
int time_range_parse(struct time_range *ret, const char *text, nsec_t now,
                     struct error *err) MUST_USE;

bool time_range_has(const struct time_range *range, nsec_t first, nsec_t last);
