/* SPDX-License-Identifier: Apache-2.0 */
#include "record/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CHUNK_SIZE = 64 * 1024 };

struct chunk {
    struct chunk *next;
    size_t size, filled;
    uint8_t bytes[];
};

struct record_arena {
    struct chunk *chunks; /* the newest first */
};

struct record_arena *record_arena_new(void)
{
    return mem_zalloc(sizeof(struct record_arena));
}

void record_arena_free(struct record_arena *arena)
{
    if (!arena)
        return;
    while (arena->chunks) {
        struct chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    free(arena);
}

uint8_t *record_arena_take(struct record_arena *arena, size_t size)
{
    struct chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->filled < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        chunk = mem_alloc(sizeof(*chunk) + room);
        *chunk = (struct chunk){.next = arena->chunks, .size = room};
        arena->chunks = chunk;
    }
    uint8_t *bytes = chunk->bytes + chunk->filled;
    chunk->filled += size;
    return bytes;
}

struct view record_arena_copy(struct record_arena *arena, struct view bytes)
{
    uint8_t *copy = record_arena_take(arena, bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    return (struct view){copy, bytes.size};
}
