/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series.h"

#include <stdlib.h>

#include "base/mem.h"
#include "capture/series_list.h"
#include "capture/series_merge.h"
#include "capture/series_report.h"

struct series {
    struct series_list list;
    struct series_report report;
    struct series_merge *merge; /* NULL: the files are read one after the other */
    unsigned next;              /* file to be opened */
    struct cursor *cursor;      /* the file that is open, or NULL */
    uint64_t raw_taken;
    struct series_point last; /* packet of the last file that had any; no name: none had */
    bool is_prefetched;       /* the beginning of the next file */
};

int series_open(struct series **ret, const char *const *paths, unsigned count,
                const struct series_options *options, struct error *err)
{
    struct series *s = mem_zalloc(sizeof(*s));
    *ret = NULL;
    s->report.options = *options;
    if (!options->warning)
        s->report.options.warning = options->note;
    if (series_list_init(&s->list, paths, count, &s->report, err)) {
        series_close(s);
        return -1;
    }
    if (options->merge)
        s->merge = series_merge_new(&s->list, &s->report);
    *ret = s;
    return 0;
}

void series_close(struct series *s)
{
    if (!s)
        return;
    cursor_close(s->cursor);
    series_merge_free(s->merge);
    series_list_release(&s->list);
    free(s);
}

/* --- one file after the other ----------------------------------------------------------------- */

static void end_file(struct series *s)
{
    series_report_done(&s->report, s->cursor->input);
    s->raw_taken += cursor_count(s->cursor);
    cursor_close(s->cursor);
    s->cursor = NULL;
}

/* Reads a batch; false where the file ends, and its damage is reported. */
static bool load(struct series *s, struct frame_batch *ret)
{
    struct error err;
    int result = capture_next(s->cursor->capture, ret, &err);
    if (!result)
        return true;
    if (result < 0)
        series_report_trouble(&s->report, &err);
    end_file(s);
    return false;
}

/* Opens the next file and reads its first batch. False if there is none. */
static bool begin_file(struct series *s)
{
    struct error err;
    s->is_prefetched = false;
    if (series_list_open(&s->list, s->next++, &s->cursor, &err)) {
        series_report_trouble(&s->report, &err);
        return false;
    }
    return cursor_has_frame(s->cursor) || load(s, &s->cursor->batch);
}

/* Its first batch was read: how does it follow on the last file? */
static int check_begin(struct series *s, struct error *err)
{
    const struct series_point begin = {s->list.files[s->cursor->input].path,
                                       s->cursor->batch.frames[0].time};
    if (!s->last.name)
        return 0;
    if (!series_report_follow(&s->report, &s->last, &begin, err))
        return SERIES_NEW_FILE;
    end_file(s);
    s->next = s->list.count;
    return -1;
}

static void give(struct series *s, struct frame_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        batch->frames[i].input = (uint16_t)s->cursor->input;
    s->last = (struct series_point){s->list.files[s->cursor->input].path,
                                    batch->frames[batch->count - 1].time};
    s->raw_taken += cursor_count(s->cursor);
}

static void prefetch_next(struct series *s)
{
    enum { NEAR_END = 16 * 1024 * 1024 };
    const uint64_t size = capture_raw_size(s->cursor->capture);
    if (s->is_prefetched || s->cursor->counted + NEAR_END < size)
        return;
    series_list_prefetch(&s->list, s->next);
    s->is_prefetched = true;
}

static int next_in_turn(struct series *s, struct frame_batch *ret, struct error *err)
{
    for (;;) {
        if (s->cursor && cursor_has_frame(s->cursor)) { /* the first batch of a file */
            *ret = s->cursor->batch;
            s->cursor->at = s->cursor->batch.count;
            give(s, ret);
            return 0;
        }
        if (s->cursor && load(s, ret)) {
            give(s, ret);
            prefetch_next(s);
            return 0;
        }
        if (s->next == s->list.count)
            return SERIES_END;
        if (begin_file(s)) {
            int result = check_begin(s, err);
            if (result)
                return result;
        }
    }
}

/* --- all files -------------------------------------------------------------------------------- */

int series_next(struct series *s, struct frame_batch *ret, struct error *err)
{
    ret->count = 0;
    int result = s->merge ? series_merge_next(s->merge, ret) : next_in_turn(s, ret, err);
    if (result == SERIES_END)
        series_report_end(&s->report);
    return result;
}

unsigned series_files(const struct series *s)
{
    return s->list.count;
}

const char *series_name(const struct series *s, unsigned input)
{
    return s->list.files[input].path;
}

unsigned series_troubles(const struct series *s)
{
    return s->report.troubles;
}

uint64_t series_raw_taken(const struct series *s)
{
    return s->merge ? series_merge_raw_taken(s->merge) : s->raw_taken;
}

uint64_t series_raw_size(const struct series *s)
{
    return s->list.raw_size;
}
