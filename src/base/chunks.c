/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chunks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

/* A few huge pages, where the system gives them. */
static const size_t region_bytes = 4u << 20;

void chunks_release(struct chunks *chunks)
{
    for (size_t i = 0; i < chunks->region_count; i++)
        mem_unmap(chunks->regions[i], region_bytes);
    free(chunks->regions);
    free(chunks->free);
    *chunks = (struct chunks){
        .chunk_bytes = chunks->chunk_bytes,
        .small_pages = chunks->small_pages,
    };
}

static bool add_region(struct chunks *chunks)
{
    char *region = mem_try_map(region_bytes);
    if (!region)
        return false;
    if (chunks->small_pages)
        madvise(region, region_bytes, MADV_NOHUGEPAGE);
    chunks->regions = mem_grow(chunks->regions, &chunks->region_capacity, chunks->region_count + 1,
                               sizeof(*chunks->regions));
    chunks->regions[chunks->region_count++] = region;
    chunks->at = region;
    chunks->end = region + region_bytes;
    return true;
}

/* Free chunks that have memory stand at the end of the list and are taken first. */
void *chunks_take(struct chunks *chunks)
{
    if (chunks->free_count) {
        chunks->bytes += chunks_cost(chunks);
        if (chunks->cold == chunks->free_count)
            chunks->cold--;
        return chunks->free[--chunks->free_count];
    }
    if ((size_t)(chunks->end - chunks->at) < chunks->chunk_bytes && !add_region(chunks))
        return NULL;
    void *chunk = chunks->at;
    chunks->at += chunks->chunk_bytes;
    chunks->bytes += chunks->chunk_bytes;
    return chunk;
}

void chunks_give(struct chunks *chunks, void *chunk)
{
    chunks->free = mem_grow(chunks->free, &chunks->free_capacity, chunks->free_count + 1,
                            sizeof(*chunks->free));
    chunks->free[chunks->free_count++] = chunk;
}

void chunks_trim(struct chunks *chunks, size_t bytes)
{
    while (chunks->bytes > bytes && chunks->cold < chunks->free_count) {
        madvise(chunks->free[chunks->cold++], chunks->chunk_bytes, MADV_DONTNEED);
        chunks->bytes -= chunks->chunk_bytes;
    }
}
