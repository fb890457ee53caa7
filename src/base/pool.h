/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * Pool: objects of one size, named by 32-bit references from 1 upwards (0 is "none"). The address
 * space for `capacity` objects is reserved at the start; memory is used up to the highest
 * reference that was ever taken, so pool_bytes is what the pool costs. References are given out
 * lowest-new first, returned ones last-in first-out: the same calls give the same references.
 */
struct pool {
    uint8_t *memory;
    size_t object_size;
    uint32_t capacity, live;
    uint32_t free_head; /* of the list of objects that were given back */
    uint32_t fresh;     /* the highest reference that was taken since the pool was empty */
    uint32_t high;      /* the highest that was ever taken */
};

bool pool_init(struct pool *pool, size_t object_size, uint32_t capacity) MUST_USE;
void pool_release(struct pool *pool);

/* True if pool_take would need memory that the pool does not have yet. */
static inline bool pool_is_tight(const struct pool *pool)
{
    return !pool->free_head && pool->fresh == pool->high;
}

/* A reference to an object of unspecified content, or 0 when all `capacity` are taken. */
uint32_t pool_take(struct pool *pool);
void pool_give(struct pool *pool, uint32_t ref);

/* All objects are given back; their memory is kept. */
void pool_clear(struct pool *pool);

static inline void *pool_at(const struct pool *pool, uint32_t ref)
{
    return pool->memory + (size_t)ref * pool->object_size;
}

static inline size_t pool_bytes(const struct pool *pool)
{
    return (size_t)pool->high * pool->object_size;
}
