/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/format.h"

/* The first page of a segment. */

void segment_header_encode(const struct segment_header *header, uint8_t page[SEGMENT_PAGE]);

/*
 * Takes the page apart and looks whether it can be true of a file of `file_size` bytes called
 * `name`: magic, version, checksum, and that every part lies within the file.
 */
int segment_header_decode(struct segment_header *ret, const uint8_t page[SEGMENT_PAGE],
                          uint64_t file_size, const char *name, struct error *err) MUST_USE;

static inline uint64_t segment_page_count(uint64_t bytes)
{
    return (bytes + SEGMENT_PAGE - 1) / SEGMENT_PAGE;
}
