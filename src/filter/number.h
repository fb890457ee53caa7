/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "record/field.h"

/*
 * A number in a filter. Whole numbers are compared as whole numbers, times and durations as
 * nanoseconds, so that nothing is rounded away.
 */
struct number {
    double real;
    nsec_t span;    /* for times and durations */
    uint64_t whole; /* for whole numbers: the number, rounded down */
    bool is_more;   /* than `whole`, by a fraction */
    bool is_negative;
};

/* True if values of the field can be compared with numbers. */
bool number_fits(const struct field *field);

/*
 * "80", "0x50", "0120", "1.5k" (also M, G and T: powers of 1000); of times and durations seconds or
 * "300ms", "5m", "2h"; of code points their names, too. False if it is none of these.
 */
bool number_parse(struct number *ret, const char *text, const struct field *field);

/*
 * Below, equal, above: -1, 0, 1. What is not whole is equal within half of the last digit that is
 * printed by default.
 */
int number_order(const struct value *value, const struct number *number);
