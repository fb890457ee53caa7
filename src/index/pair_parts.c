/* SPDX-License-Identifier: Apache-2.0 */
#include "index/pair_parts.h"

#include <string.h>

#include "base/attr.h"
#include "base/check.h"

/*
 * The first pass of a radix sort goes by the highest digit and is done by adding; the other three
 * go by the rest, lowest first, and keep the order of equal hashes, which is that of their chunks.
 */
enum { BLOCK_WORDS = 256, BLOCK_PAIRS = BLOCK_WORDS - 1 }; /* the last word: the block behind */
enum { PASSES = 3, RADIX_BITS = 8, RADIX = 1 << RADIX_BITS };

void pair_parts_init(struct pair_parts *p, uint64_t *memory, size_t words)
{
    check(words >= 1 << 16);
    p->part_most = words / 16 < UINT32_MAX ? words / 16 : UINT32_MAX;
    p->sorted = memory;
    p->spare = memory + p->part_most;
    p->blocks = memory + 2 * p->part_most;
    size_t blocks = (words - 2 * p->part_most) / BLOCK_WORDS;
    p->block_capacity = blocks < UINT32_MAX ? (uint32_t)blocks : UINT32_MAX;
    pair_parts_clear(p);
}

void pair_parts_clear(struct pair_parts *p)
{
    p->block_count = 0;
    memset(p->parts, 0, sizeof(p->parts));
}

static uint64_t *block_at(const struct pair_parts *p, uint32_t block)
{
    return p->blocks + (size_t)block * BLOCK_WORDS;
}

/* --- adding ----------------------------------------------------------------------------------- */

static bool add_block(struct pair_parts *p, struct pair_part *part)
{
    if (p->block_count == p->block_capacity)
        return false;
    uint32_t block = p->block_count++;
    if (part->count)
        block_at(p, part->last)[BLOCK_PAIRS] = block;
    else
        part->first = block;
    part->last = block;
    part->filled = 0;
    return true;
}

size_t pair_parts_add(struct pair_parts *p, const uint64_t *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct pair_part *part = &p->parts[pairs[i] >> 56];
        bool needs_block = !part->count || part->filled == BLOCK_PAIRS;
        if (unlikely(part->count == p->part_most || (needs_block && !add_block(p, part))))
            return i;
        block_at(p, part->last)[part->filled++] = pairs[i];
        part->count++;
    }
    return count;
}

/* --- sorting ---------------------------------------------------------------------------------- */

static unsigned digit_of(uint64_t pair, unsigned pass)
{
    return (unsigned)(pair >> (32 + pass * RADIX_BITS)) & (RADIX - 1);
}

static void radix_pass(const uint64_t *from, uint64_t *to, size_t count, uint32_t starts[RADIX],
                       unsigned pass)
{
    uint32_t next = 0;
    for (unsigned digit = 0; digit < RADIX; digit++) {
        uint32_t size = starts[digit];
        starts[digit] = next;
        next += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[digit_of(from[i], pass)]++] = from[i];
}

/* To the other list: the number of passes is odd. */
static void radix_sort(uint64_t *from, uint64_t *to, size_t count)
{
    uint32_t counts[PASSES][RADIX] = {{0}};
    for (size_t i = 0; i < count; i++)
        for (unsigned pass = 0; pass < PASSES; pass++)
            counts[pass][digit_of(from[i], pass)]++;
    for (unsigned pass = 0; pass < PASSES; pass++)
        radix_pass(pass % 2 ? to : from, pass % 2 ? from : to, count, counts[pass], pass);
}

static size_t take_out_repeated(uint64_t *list, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        list[kept] = list[i];
        kept += i + 1 == count || list[i] != list[i + 1];
    }
    return kept;
}

/* --- parts ------------------------------------------------------------------------------------ */

static void copy_out(const struct pair_parts *p, const struct pair_part *part, uint64_t *to)
{
    uint32_t block = part->first;
    for (size_t left = part->count, size; left; left -= size) {
        size = left < BLOCK_PAIRS ? left : BLOCK_PAIRS;
        memcpy(to, block_at(p, block), size * sizeof(*to));
        to += size;
        block = (uint32_t)block_at(p, block)[BLOCK_PAIRS];
    }
}

/* Not more than there were. */
static void copy_back(struct pair_parts *p, struct pair_part *part, const uint64_t *from,
                      size_t count)
{
    uint32_t block = part->first;
    part->count = (uint32_t)count;
    for (size_t left = count, size; left; left -= size) {
        size = left < BLOCK_PAIRS ? left : BLOCK_PAIRS;
        memcpy(block_at(p, block), from, size * sizeof(*from));
        from += size;
        part->last = block;
        part->filled = (uint32_t)size;
        block = (uint32_t)block_at(p, block)[BLOCK_PAIRS];
    }
}

size_t pair_parts_sort(struct pair_parts *p, unsigned number, const uint64_t **ret)
{
    struct pair_part *part = &p->parts[number];
    copy_out(p, part, p->spare);
    radix_sort(p->spare, p->sorted, part->count);
    size_t count = take_out_repeated(p->sorted, part->count);
    copy_back(p, part, p->sorted, count);
    *ret = p->sorted;
    return count;
}

size_t pair_parts_get(struct pair_parts *p, unsigned number, const uint64_t **ret)
{
    const struct pair_part *part = &p->parts[number];
    copy_out(p, part, p->sorted);
    *ret = p->sorted;
    return part->count;
}
