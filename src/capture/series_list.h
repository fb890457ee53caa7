/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "capture/series_cursor.h"
#include "capture/series_report.h"

/* A file of a series, as a look at its first packet shows it. */
struct series_file {
    char *path;
    unsigned given; /* the place in which it was given, from 0 */
    bool has_first; /* it has a packet that can be read */
    nsec_t first;   /* the time of that packet */
    uint64_t raw_size;
    struct cursor *kept; /* of what can be read only once: open, at its first packet */
};

/* List: the files of a series in the order in which they are read. */
struct series_list {
    struct series_file *files;
    unsigned count;
    uint64_t raw_size; /* of all; 0: not known */
    bool tsh;          /* they have time sequence headers */
};

/*
 * Looks at the files and puts them into order, as the report's options want it. A file that cannot
 * be opened is reported as trouble and left out; -1 if none is left.
 */
int series_list_init(struct series_list *list, const char *const *paths, unsigned count,
                     struct series_report *report, struct error *err) MUST_USE;
void series_list_release(struct series_list *list);

/* Opens a file of the list. */
int series_list_open(struct series_list *list, unsigned input, struct cursor **ret,
                     struct error *err) MUST_USE;

/* Lets the system read the beginning of a file that will be opened soon. */
void series_list_prefetch(const struct series_list *list, unsigned input);
