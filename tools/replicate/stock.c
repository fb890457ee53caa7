/* SPDX-License-Identifier: Apache-2.0 */
#include "stock.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "capture/capture.h"

enum { LINK_ETHERNET = 1 };

static void add_frame(struct stock *stock, const struct frame *frame, uint32_t snap)
{
    uint32_t captured = frame->captured < snap ? frame->captured : snap;
    stock->frames =
        mem_grow(stock->frames, &stock->capacity, stock->count + 1, sizeof(*stock->frames));
    stock->bytes = mem_grow(stock->bytes, &stock->room, stock->used + captured, 1);
    struct stock_frame *kept = &stock->frames[stock->count++];
    *kept = (struct stock_frame){
        .after = frame->time,
        .offset = stock->used,
        .captured = captured,
        .wire = frame->wire,
        .capture = stock->captures,
    };
    memcpy(stock->bytes + stock->used, frame->data, captured);
    stock->used += captured;
    shift_find(frame->data, captured, &kept->places);
}

/* Times of a capture's frames become times after the first. */
static void settle_times(struct stock_frame *frames, size_t count)
{
    nsec_t first = frames[0].after, last = 0;
    for (size_t i = 0; i < count; i++) {
        nsec_t after = frames[i].after - first;
        last = after > last ? after : last;
        frames[i].after = last;
    }
    if (last <= STOCK_LONGEST)
        return;
    for (size_t i = 0; i < count; i++)
        frames[i].after = (nsec_t)((__int128)frames[i].after * STOCK_LONGEST / last);
}

void stock_add(struct stock *stock, const char *path, uint32_t snap)
{
    struct capture *capture;
    struct frame_batch batch;
    struct error err;
    size_t before = stock->count;
    if (capture_open(&capture, path, &err)) {
        stock->damaged++;
        return;
    }
    int result;
    while ((result = capture_next(capture, &batch, &err)) == 0)
        for (unsigned i = 0; i < batch.count; i++)
            if (batch.frames[i].link == LINK_ETHERNET)
                add_frame(stock, &batch.frames[i], snap);
    capture_close(capture);
    stock->damaged += result != CAPTURE_END;
    if (stock->count > before) {
        settle_times(stock->frames + before, stock->count - before);
        stock->captures++;
    }
}

void stock_release(struct stock *stock)
{
    free(stock->frames);
    free(stock->bytes);
    *stock = (struct stock){0};
}
