/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series_cursor.h"

#include <stdlib.h>

#include "base/mem.h"

int cursor_open(struct cursor **ret, const char *path, bool tsh, struct error *err)
{
    struct capture *capture;
    *ret = NULL;
    if (tsh ? capture_open_tsh(&capture, path, err) : capture_open(&capture, path, err))
        return -1;
    *ret = mem_zalloc(sizeof(**ret));
    (*ret)->capture = capture;
    return 0;
}

void cursor_close(struct cursor *cursor)
{
    if (!cursor)
        return;
    capture_close(cursor->capture);
    free(cursor);
}

int cursor_load(struct cursor *cursor, struct error *err)
{
    cursor->at = 0;
    return capture_next(cursor->capture, &cursor->batch, err);
}

uint64_t cursor_count(struct cursor *cursor)
{
    const uint64_t before = cursor->counted;
    cursor->counted = capture_raw_taken(cursor->capture);
    return cursor->counted - before;
}
