/* SPDX-License-Identifier: Apache-2.0 */
#include "index/posting.h"

size_t posting_put_number(uint8_t *at, uint64_t number)
{
    size_t size = 0;
    for (; number >= 0x80; number >>= 7)
        at[size++] = (uint8_t)(number | 0x80);
    at[size++] = (uint8_t)number;
    return size;
}

bool posting_take_number(struct view *bytes, uint64_t *ret)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes->size && i < POSTING_NUMBER_MAX; i++) {
        uint64_t part = bytes->data[i] & 0x7f;
        if (i == POSTING_NUMBER_MAX - 1 && part > 1)
            return false;
        number |= part << 7 * i;
        if (bytes->data[i] & 0x80)
            continue;
        bytes->data += i + 1;
        bytes->size -= i + 1;
        *ret = number;
        return true;
    }
    return false;
}

size_t posting_put_runs(uint8_t *at, const struct posting_run *runs, size_t count)
{
    size_t size = posting_put_number(at, runs[0].chunk);
    bool more = count > 1 || runs[0].count > 1;
    if (!more)
        return size;
    size += posting_put_number(at + size, count - 1);
    size += posting_put_number(at + size, runs[0].count - 1);
    uint64_t end = (uint64_t)runs[0].chunk + runs[0].count;
    for (size_t i = 1; i < count; i++) {
        uint64_t gap = runs[i].chunk - end - 1;
        bool is_long = runs[i].count > 1;
        size += posting_put_number(at + size, gap << 1 | is_long);
        if (is_long)
            size += posting_put_number(at + size, runs[i].count - 2);
        end = (uint64_t)runs[i].chunk + runs[i].count;
    }
    return size;
}

/* Takes a run that begins at or behind `from`; *ret_end is where the next may begin. */
static bool take_run(struct view *bytes, uint64_t from, uint32_t chunks, struct posting_run *ret)
{
    uint64_t head, more = 0;
    if (!posting_take_number(bytes, &head))
        return false;
    if (head & 1 && !posting_take_number(bytes, &more))
        return false;
    uint64_t count = head & 1 ? more + 2 : 1;
    uint64_t chunk = from + 1 + (head >> 1);
    if (head >> 1 >= chunks || more >= chunks || chunk + count > chunks)
        return false;
    *ret = (struct posting_run){(uint32_t)chunk, (uint32_t)count};
    return true;
}

bool posting_take_runs(struct view *bytes, bool more, uint32_t chunks,
                       void (*take)(void *arg, struct posting_run run), void *arg)
{
    uint64_t chunk, runs = 0, beyond = 0;
    if (!posting_take_number(bytes, &chunk) || chunk >= chunks)
        return false;
    if (more && (!posting_take_number(bytes, &runs) || !posting_take_number(bytes, &beyond)))
        return false;
    if (beyond >= chunks || chunk + 1 + beyond > chunks)
        return false;
    struct posting_run run = {(uint32_t)chunk, (uint32_t)(1 + beyond)};
    take(arg, run);
    for (; runs; runs--) {
        if (!take_run(bytes, (uint64_t)run.chunk + run.count, chunks, &run))
            return false;
        take(arg, run);
    }
    return true;
}
