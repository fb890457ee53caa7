/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/columns.h"
#include "record/print.h"

/* Values as text, as columns show them. */
struct value_text {
    const struct print_options *options;
    struct { /* records come in bunches of the same second: its text is kept */
        int64_t second;
        bool valid, has_fraction;
        char before[64], after[64]; /* the fraction */
    } clock;
    struct { /* the same for UTC */
        int64_t second;
        bool valid;
        char text[32];
    } utc;
};

enum { VALUE_TEXT_MOST = 256 };

/*
 * These put at most VALUE_TEXT_MOST bytes, without a NUL, and return the place behind them. Payload
 * (VALUE_BYTES) is not for them.
 */
char *value_text_put(struct value_text *text, char *to, const struct value *v);

/* A time in UTC with microseconds, "2023-11-14T22:13:20.000000Z" (RFC 3339). */
char *value_text_utc(struct value_text *text, char *to, nsec_t time);

/* The width of times in the user's format, as the time `now` shows it. */
unsigned value_text_time_width(struct value_text *text, nsec_t now);

/* A counter with thousands as letters, as -H wants it; NULL if the value is no number. */
char *value_text_brief(const struct print_options *options, char *to, const struct value *v);

/* An AS number; NULL if the value is no number. */
char *value_text_as(const struct print_options *options, char *to, const struct value *v);

/* Numbers of any kind as JSON has them: decimal, with no more digits than -p wants. */
char *value_text_number(struct value_text *text, char *to, const struct value *v);
char *value_text_uint(char *to, uint64_t value);
