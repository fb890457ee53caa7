/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* A few huge pages, where the system gives them. */
static const size_t chunk_bytes = 4u << 20;

void pieces_release(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->chunk_count; i++)
        mem_unmap(pieces->chunks[i], chunk_bytes);
    free(pieces->chunks);
    *pieces = (struct pieces){0};
}

/* What is left of the old chunk, less than the piece wanted, is given up: under 0.1 per cent. */
static void *take_new(struct pieces *pieces, size_t room)
{
    if ((size_t)(pieces->chunk_end - pieces->chunk) < room) {
        char *chunk = mem_try_map(chunk_bytes);
        if (!chunk)
            return NULL;
        pieces->chunks = mem_grow(pieces->chunks, &pieces->chunk_capacity, pieces->chunk_count + 1,
                                  sizeof(*pieces->chunks));
        pieces->chunks[pieces->chunk_count++] = chunk;
        pieces->chunk = chunk;
        pieces->chunk_end = chunk + chunk_bytes;
        pieces->bytes += chunk_bytes;
    }
    void *piece = pieces->chunk;
    pieces->chunk += room;
    return piece;
}

static void *take_large(struct pieces *pieces, size_t size)
{
    void *piece = malloc(size);
    if (piece)
        pieces->bytes += size;
    return piece;
}

void *pieces_take(struct pieces *pieces, size_t size)
{
    size_t room = pieces_room(size ? size : 1);
    if (pieces_is_large(size))
        return take_large(pieces, room);
    void **head = &pieces->free[room / PIECES_STEP];
    void *piece = *head;
    if (!piece)
        return take_new(pieces, room);
    memcpy(head, piece, sizeof(*head));
    return piece;
}

void pieces_give(struct pieces *pieces, void *piece, size_t size)
{
    size_t room = pieces_room(size ? size : 1);
    if (pieces_is_large(size)) {
        check(pieces->bytes >= room);
        pieces->bytes -= room;
        free(piece);
        return;
    }
    void **head = &pieces->free[room / PIECES_STEP];
    memcpy(piece, head, sizeof(*head));
    *head = piece;
}
