/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "capture/series.h"

/* What a series tells its user, and how often it did; the texts are all here. */
struct series_report {
    struct series_options options;
    unsigned troubles;
    unsigned overlaps;
};

/* An end or a beginning: which file, and the time of its last or first packet. */
struct series_point {
    const char *name;
    nsec_t time;
};

/* A file that is damaged or cannot be read. */
void series_report_trouble(struct series_report *report, const struct error *err);

/* A file has given all its frames. */
void series_report_done(const struct series_report *report, unsigned input);

/* A file in the order of reading; `first` NULL: it has no packets. Both count from 1. */
void series_report_place(const struct series_report *report, unsigned place, unsigned count,
                         const char *name, const nsec_t *first);

/* One file begins after another one has ended: a gap, an overlap or nothing to be told. -1 if it is
 * an overlap, and that is an error. */
int series_report_follow(struct series_report *report, const struct series_point *end,
                         const struct series_point *begin, struct error *err);

/* The error that a file begins before another one, that is read before it, begins. Returns -1. */
int series_report_disorder(const struct series_report *report, const struct series_point *before,
                           const struct series_point *begin, struct error *err);

/* One file begins while others, as the one called `open`, are being read. */
void series_report_merge(const struct series_report *report, const char *open,
                         const struct series_point *begin);

/* At the end: how many overlaps there were. */
void series_report_end(struct series_report *report);
