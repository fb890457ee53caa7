/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/*
 * Pool: objects of one size, named by 32-bit references from 1 upwards (0 is "none").
 *
 * Pools of several threads take their objects from one *space*, a run of objects at a time, so that
 * memory is used densely, whatever pool grows, and can have large pages. The address space for
 * `capacity` objects is reserved at the start; memory is used up to the last run. Which references
 * a pool gets depends on when others take runs; how many objects it has had does not, and so
 * pool_bytes, what the pool costs, goes by that.
 *
 * Objects that were given back are given out again last-in first-out, before new ones.
 */
struct pool_space {
    uint8_t *memory; /* each run begins with a page */
    void *map;
    size_t object_size;
    uint32_t run_count; /* that there is room for */
    uint32_t pool_most; /* objects of one pool */
    _Atomic uint32_t runs_taken;
};

struct pool {
    uint8_t *memory; /* of the space, and so are the objects */
    size_t object_size;
    uint32_t live;
    uint32_t free_head; /* of the list of objects that were given back */
    uint32_t fresh; /* objects taken that were not given back before, since the pool was empty */
    uint32_t high;  /* the most that ever were */
    struct pool_space *space;
    uint32_t *runs; /* that it has */
    size_t run_count, run_capacity;
};

/*
 * So many pools can have `capacity` objects in all, but no more than POOL_MOST: if that is less,
 * each can have its part of it.
 */
enum { POOL_MOST = INT32_MAX - 0xffff };
bool pool_space_init(struct pool_space *space, size_t object_size, uint64_t capacity,
                     unsigned pools) MUST_USE;
void pool_space_release(struct pool_space *space); /* after its pools */

void pool_init(struct pool *pool, struct pool_space *space);
void pool_release(struct pool *pool);

/* True if pool_take would need memory that the pool does not have yet. */
static inline bool pool_is_tight(const struct pool *pool)
{
    return !pool->free_head && pool->fresh == pool->high;
}

static inline bool pool_is_full(const struct pool *pool)
{
    return pool_is_tight(pool) && pool->high == pool->space->pool_most;
}

/* A reference to an object of unspecified content. 0: it is full, or all together are. */
uint32_t pool_take(struct pool *pool);
void pool_give(struct pool *pool, uint32_t ref);

/* All objects are given back; their memory is kept. */
void pool_clear(struct pool *pool);

/*
 * Packing: a pool is made as small as its live objects. Objects have places from 0 on, in the order
 * in which the pool had its memory. When packing has begun, none is given out any more whose place
 * is not below `most`, the number of live ones; those that live further on are to be moved. The end
 * makes zeros of what lies there, which costs no memory any more.
 */
struct pool_packing {
    struct pool *pool;
    uint32_t most;
    uint32_t end;          /* of the places that may be in use */
    uint32_t memory_end;   /* of those that cost memory */
    uint32_t *first_place; /* of each run of the space */
};

void pool_packing_begin(struct pool_packing *packing, struct pool *pool);
uint32_t pool_packing_move(struct pool_packing *packing, uint32_t ref); /* where it is now */
void pool_packing_end(struct pool_packing *packing);
bool pool_packing_is_beyond(const struct pool_packing *packing, uint32_t ref);

/* The object at a place. */
uint32_t pool_ref(const struct pool *pool, uint32_t place);

static inline void *pool_at(const struct pool *pool, uint32_t ref)
{
    return pool->memory + (size_t)ref * pool->object_size;
}

/* What objects that are not live take. */
static inline size_t pool_slack(const struct pool *pool)
{
    return (size_t)(pool->high - pool->live) * pool->object_size;
}

static inline size_t pool_bytes(const struct pool *pool)
{
    return (size_t)pool->high * pool->object_size;
}
