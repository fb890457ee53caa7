/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/address.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/prefix_set.h"

/*
 * Files of addresses, one entry a line; blanks in front of it do not matter:
 *
 *     10.1.2.3                          an address
 *     10.0.0.0/8 "Head office"          a prefix, and a label in quotes behind a blank
 *     10/8                              the same prefix
 *     10.1.0.1-10.1.0.9                 the addresses from the first to the last
 *     10.1.0.1 - 10.1.0.9               the same range, as rahosts prints it
 *     fd00::/8                          all of these for IPv6, too
 *     # ...                             a comment
 *     #include FILE                     its lines; a relative name starts at this file's folder
 *     apnic|AU|ipv4|1.0.0.0|256|...     a delegation of a regional registry; its label: the country
 *
 * What stands behind the first blank, but for a label, is not looked at. A line that begins with a
 * word of letters is taken for the heading of a column. Other lines that are no entry are counted,
 * and the caller decides what they mean.
 *
 * Files may be compressed. An included file that cannot be read is an error.
 */
struct address_range {
    struct address first, last;
    struct view label; /* size 0: none; valid during the call only */
};

struct address_file_counts {
    uint64_t entries, headings, wrong;
    struct error first_wrong; /* "FILE: line 7: '10.0.0.300' is not an address" */
};

/* Says that there are wrong lines, of which there must be some: the first, and how many more. */
void address_file_wrong(const struct address_file_counts *counts, struct error *ret);

/* What to do with an entry; it returns -1, and its error gets file and line in front. */
typedef int address_file_entry(void *context, const struct address_range *range, struct error *err);

/* Reads a file ("-": standard input) and those that it includes; fills in *ret in any case. */
int address_file_read(const char *path, address_file_entry *entry, void *context,
                      struct address_file_counts *ret, struct error *err) MUST_USE;

/* Adds all of a file's addresses to the set, with one number. */
int address_file_add(const char *path, struct prefix_set *set, uint32_t value,
                     struct address_file_counts *ret, struct error *err) MUST_USE;
