/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Sorts rows of bytes of one size as memcmp has them, equal ones as they came, without moving them:
 * what is sorted are references, by eight bytes at a time. A step skips the bytes that all rows of
 * a group share, sorts by the eight that follow (radix sort from the least digit: Knuth, The Art of
 * Computer Programming, volume 3, section 5.2.5), and goes on with each group that is equal in
 * them.
 */
struct row_ref {
    uint64_t word;
    uint32_t row; /* its number */
};

struct rows {
    const uint8_t *bytes;
    size_t size; /* of each */
};

static inline const uint8_t *rows_at(const struct rows *rows, const struct row_ref *ref)
{
    return rows->bytes + ref->row * rows->size;
}

/* Fills `refs` with all `count` rows, fewer than 2^32, in order; `space` has room for as many. */
void row_sort(const struct rows *rows, size_t count, struct row_ref *refs, struct row_ref *space);
