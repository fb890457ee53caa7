/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

bool pool_init(struct pool *pool, size_t object_size, uint32_t capacity)
{
    check(object_size >= sizeof(uint32_t));
    *pool = (struct pool){.object_size = object_size, .capacity = capacity};
    pool->memory = mem_try_map((size_t)(capacity + 1) * object_size);
    return pool->memory;
}

void pool_release(struct pool *pool)
{
    mem_unmap(pool->memory, (size_t)(pool->capacity + 1) * pool->object_size);
    *pool = (struct pool){0};
}

uint32_t pool_take(struct pool *pool)
{
    uint32_t ref = pool->free_head;
    if (ref)
        memcpy(&pool->free_head, pool_at(pool, ref), sizeof(ref));
    else if (pool->fresh < pool->capacity)
        ref = ++pool->fresh;
    else
        return 0;
    if (ref > pool->high)
        pool->high = ref;
    pool->live++;
    return ref;
}

void pool_give(struct pool *pool, uint32_t ref)
{
    check(ref && ref <= pool->fresh && pool->live);
    memcpy(pool_at(pool, ref), &pool->free_head, sizeof(ref));
    pool->free_head = ref;
    pool->live--;
}

void pool_clear(struct pool *pool)
{
    pool->free_head = pool->fresh = pool->live = 0;
}
