/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* A few pages, so that objects of one pool that were taken one after the other are neighbours. */
enum { RUN = 256, PAGE = 4096 };

/* --- spaces ----------------------------------------------------------------------------------- */

/* What lies before the first object, number 1, so that it begins with a page. */
static size_t space_head(const struct pool_space *space)
{
    return (space->object_size + PAGE - 1) / PAGE * PAGE;
}

static size_t space_bytes(const struct pool_space *space)
{
    return space_head(space) + (size_t)space->run_count * RUN * space->object_size;
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
    space->map = mem_try_map(space_bytes(space));
    if (space->map)
        space->memory = (uint8_t *)space->map + space_head(space) - object_size;
    return space->map;
}

void pool_space_release(struct pool_space *space)
{
    mem_unmap(space->map, space_bytes(space));
    space->map = space->memory = NULL;
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

uint32_t pool_ref(const struct pool *pool, uint32_t place)
{
    return pool->runs[place / RUN] * RUN + place % RUN + 1;
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
        ref = pool_ref(pool, pool->fresh);
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

/* --- packing ---------------------------------------------------------------------------------- */

bool pool_packing_is_beyond(const struct pool_packing *p, uint32_t ref)
{
    return p->first_place[(ref - 1) / RUN] + (ref - 1) % RUN >= p->most;
}

void pool_packing_begin(struct pool_packing *p, struct pool *pool)
{
    uint32_t kept = 0, next;
    *p = (struct pool_packing){pool, pool->live, pool->fresh, pool->high, NULL};
    p->first_place = mem_alloc((pool->space->run_count + 1) * sizeof(*p->first_place));
    for (size_t i = 0; i < pool->run_count; i++)
        p->first_place[pool->runs[i]] = (uint32_t)(i * RUN);
    for (uint32_t ref = pool->free_head; ref; ref = next) {
        memcpy(&next, pool_at(pool, ref), sizeof(next));
        if (pool_packing_is_beyond(p, ref))
            continue;
        memcpy(pool_at(pool, ref), &kept, sizeof(kept));
        kept = ref;
    }
    pool->free_head = kept;
    pool->fresh = pool->high = p->most;
}

uint32_t pool_packing_move(struct pool_packing *p, uint32_t ref)
{
    struct pool *pool = p->pool;
    const uint32_t to = pool->free_head;
    check(to && pool_packing_is_beyond(p, ref));
    memcpy(&pool->free_head, pool_at(pool, to), sizeof(to));
    memcpy(pool_at(pool, to), pool_at(pool, ref), pool->object_size);
    return to;
}

void pool_packing_end(struct pool_packing *p)
{
    for (uint32_t place = p->most; place < p->memory_end;) {
        const uint32_t in_run = RUN - place % RUN, left = p->memory_end - place;
        const uint32_t count = in_run < left ? in_run : left;
        uint8_t *from = pool_at(p->pool, pool_ref(p->pool, place));
        mem_discard(from, from + count * p->pool->object_size);
        place += count;
    }
    mem_free_at(&p->first_place);
}
