/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "packet/frame.h"

/*
 * Series: any number of capture files read as one capture, in packet-time order.
 *
 * series_open looks at the first packet of every file (one file open at a time), puts the files in
 * order and reports what a careful user wants to know through `note`: the chosen order, gaps over
 * a second, files that overlap in time. While reading, one file is open at a time, except with
 * `merge`, where files that overlap are open together and their packets are merged by time (ties:
 * the file earlier in the order).
 *
 * Files whose first packets have the same time are ordered by name, so that the order in which they
 * are given never shows. Files without packets come last. What can be read only once, as standard
 * input ("-") and pipes, stays open from series_open until its turn has come.
 *
 * A damaged file gives its good packets; its error goes to `trouble`, and reading goes on with the
 * next file. series_troubles counts such files. When files overlap in the order of time and are not
 * merged, `warning` is told of the first overlap, and at the end how many there were.
 */
enum series_order {
    SERIES_BY_TIME, /* of the first packet; the default */
    SERIES_BY_NAME, /* bytewise by path */
    SERIES_AS_GIVEN,
};

struct series_options {
    enum series_order order;
    bool merge;
    bool tsh;                                     /* the files have time sequence headers */
    void (*note)(void *arg, const char *text);    /* for -v; NULL: not wanted */
    void (*warning)(void *arg, const char *text); /* overlap; NULL: they are notes */
    void (*trouble)(void *arg, const char *text); /* damaged or unreadable file; required */
    /* A file will give no more frames, and those that it gave were asked for behind; NULL: none. */
    void (*done)(void *arg, unsigned input);
    void *arg;
};

struct series;

enum { SERIES_END = 1, SERIES_NEW_FILE = 2 };

/*
 * With SERIES_BY_NAME or SERIES_AS_GIVEN, a file that begins before the previous one ended makes
 * series_next fail (-1) with both names, their times and the order in which the files were read,
 * unless `merge`; if it even begins before the previous one begins, series_open fails. `paths` is
 * copied. A missing or unreadable file is trouble, not failure; when no file at all can be read,
 * series_open fails.
 */
int series_open(struct series **ret, const char *const *paths, unsigned count,
                const struct series_options *options, struct error *err) MUST_USE;
void series_close(struct series *series);

/*
 * 0 with at least one frame in ret; SERIES_NEW_FILE (no frames) before the first frames of each
 * file but the first, never given while merging; SERIES_END; -1. frame.input numbers the files in
 * reading order. Frames are valid until the next call. After -1 comes SERIES_END.
 */
int series_next(struct series *series, struct frame_batch *ret, struct error *err) MUST_USE;

unsigned series_files(const struct series *series);
const char *series_name(const struct series *series, unsigned input);
unsigned series_troubles(const struct series *series);  /* files with an error so far */
uint64_t series_raw_taken(const struct series *series); /* bytes, for progress */
uint64_t series_raw_size(const struct series *series);  /* 0 when unknown (standard input) */
