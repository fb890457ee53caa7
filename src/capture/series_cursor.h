/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "capture/capture.h"

/* Cursor: one file of a series while it is open, with a batch of its frames. */
struct cursor {
    struct capture *capture;
    unsigned input;   /* which file of the series it is */
    uint64_t counted; /* raw bytes that cursor_count has returned so far */
    unsigned at;      /* the first frame in the batch that was not taken */
    struct frame_batch batch;
};

/* `tsh`: the file has time sequence headers. */
int cursor_open(struct cursor **ret, const char *path, bool tsh, struct error *err) MUST_USE;
void cursor_close(struct cursor *cursor); /* NULL is fine */

/* Reads the next batch; as capture_next. */
int cursor_load(struct cursor *cursor, struct error *err) MUST_USE;

/* True if there is a frame in the batch that was not taken. */
static inline bool cursor_has_frame(const struct cursor *cursor)
{
    return cursor->at < cursor->batch.count;
}

static inline const struct frame *cursor_frame(const struct cursor *cursor)
{
    return &cursor->batch.frames[cursor->at];
}

/* Raw bytes taken from the file since the last call. */
uint64_t cursor_count(struct cursor *cursor);
