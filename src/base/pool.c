/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* A few pages, so that objects of one pool that were taken one after the other are neighbours. */
enum { RUN = 256 };

/* --- spaces ----------------------------------------------------------------------------------- */

static size_t space_bytes(const struct pool_space *space)
{
    return ((size_t)space->run_count * RUN + 1) * space->object_size;
}

bool pool_space_init(struct pool_space *space, size_t object_size, uint64_t capacity,
                     unsigned pools)
{
    check(object_size >= sizeof(uint32_t));
    bool is_cut = capacity > POOL_MOST;
    uint32_t most = is_cut ? POOL_MOST : (uint32_t)capacity;
    *space = (struct pool_space){
        .object_size = object_size,
        .run_count = most / RUN + pools,
        .pool_most = is_cut ? most / pools : most,
    };
    space->memory = mem_try_map(space_bytes(space));
    return space->memory;
}

void pool_space_release(struct pool_space *space)
{
    mem_unmap(space->memory, space_bytes(space));
    space->memory = NULL;
}

/* --- pools ------------------------------------------------------------------------------------ */

void pool_init(struct pool *pool, struct pool_space *space)
{
    *pool = (struct pool){
        .memory = space->memory,
        .object_size = space->object_size,
        .space = space,
    };
}

void pool_release(struct pool *pool)
{
    free(pool->runs);
    *pool = (struct pool){0};
}

static bool take_run(struct pool *pool)
{
    uint32_t run = atomic_fetch_add_explicit(&pool->space->runs_taken, 1, memory_order_relaxed);
    if (run >= pool->space->run_count) {
        atomic_fetch_sub_explicit(&pool->space->runs_taken, 1, memory_order_relaxed);
        return false;
    }
    pool->runs =
        mem_grow(pool->runs, &pool->run_capacity, pool->run_count + 1, sizeof(*pool->runs));
    pool->runs[pool->run_count++] = run;
    return true;
}

uint32_t pool_take(struct pool *pool)
{
    uint32_t ref = pool->free_head;
    if (pool_is_full(pool))
        return 0;
    if (ref) {
        memcpy(&pool->free_head, pool_at(pool, ref), sizeof(ref));
    } else {
        if (pool->fresh == pool->run_count * RUN && !take_run(pool))
            return 0;
        ref = pool->runs[pool->fresh / RUN] * RUN + pool->fresh % RUN + 1;
        if (++pool->fresh > pool->high)
            pool->high = pool->fresh;
    }
    pool->live++;
    return ref;
}

void pool_give(struct pool *pool, uint32_t ref)
{
    check(ref && pool->live);
    memcpy(pool_at(pool, ref), &pool->free_head, sizeof(ref));
    pool->free_head = ref;
    pool->live--;
}

void pool_clear(struct pool *pool)
{
    pool->free_head = pool->fresh = pool->live = 0;
}
