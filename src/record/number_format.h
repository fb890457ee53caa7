/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "record/field.h"

/*
 * How `-s field:width:format` prints the number behind a value: one conversion of printf(3), with
 * text around it ("%08x", "AS%u", "%.2e"). The user's format never gets to printf: it is parsed
 * here, and one that takes exactly one number of known type is made of it.
 */
struct number_format {
    char text[48];   /* "": there is none */
    char conversion; /* one of d i u o x X e E f F g G */
};

/* An error if it is no such format, or could make more text than a cell has room for. */
int number_format_parse(struct number_format *ret, const char *format, struct error *err) MUST_USE;

/* True if values of this kind have a number. */
bool number_format_fits(enum value_kind kind);

/*
 * Puts at most `most` bytes and returns the place behind them; NULL if the value has no number, as
 * an IPv6 address. Whole numbers have 64 bits, IPv4 addresses 32; durations and times are seconds.
 */
char *number_format_put(const struct number_format *format, char *to, int most,
                        const struct value *v);
