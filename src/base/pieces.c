/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void pieces_release(struct pieces *pieces)
{
    for (size_t i = 0; i < pieces->owned_count; i++)
        chunks_give(pieces->chunks, pieces->owned[i]);
    free(pieces->owned);
    *pieces = (struct pieces){.chunks = pieces->chunks};
}

/* What is left of the old chunk, less than the piece wanted, is given up. */
static void *take_new(struct pieces *pieces, size_t room)
{
    if ((size_t)(pieces->chunk_end - pieces->chunk) < room) {
        char *chunk = chunks_take(pieces->chunks);
        if (!chunk)
            return NULL;
        pieces->owned = mem_grow(pieces->owned, &pieces->owned_capacity, pieces->owned_count + 1,
                                 sizeof(*pieces->owned));
        pieces->owned[pieces->owned_count++] = chunk;
        pieces->chunk = chunk;
        pieces->chunk_end = chunk + pieces->chunks->chunk_bytes;
    }
    void *piece = pieces->chunk;
    pieces->chunk += room;
    return piece;
}

static void *take_large(struct pieces *pieces, size_t size)
{
    void *piece = malloc(size);
    if (piece)
        pieces->large_bytes += size;
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
        check(pieces->large_bytes >= room);
        pieces->large_bytes -= room;
        free(piece);
        return;
    }
    void **head = &pieces->free[room / PIECES_STEP];
    memcpy(piece, head, sizeof(*head));
    *head = piece;
}
