/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series_merge.h"

#include <stdlib.h>

#include "base/mem.h"

/*
 * The open files are in a binary heap by the time of their next packets. Those that are not open
 * yet wait in the order of their first packets, and the first of them is opened when the heap comes
 * to its time. A batch ends where an open file needs its next batch, because reading that makes the
 * frames of the last one invalid.
 */
struct open_file {
    nsec_t time; /* of the next frame */
    struct cursor *cursor;
};

struct waiting_file {
    nsec_t first;
    unsigned input;
};

struct series_merge {
    struct series_list *list;
    struct series_report *report;
    struct open_file *heap;
    unsigned open;
    struct waiting_file *waiting;
    unsigned next_waiting;
    bool is_used_up;          /* the batch of the file on top of the heap */
    struct series_point last; /* packet that was given */
    uint64_t raw_taken;
};

/* --- the heap --------------------------------------------------------------------------------- */

static bool is_before(const struct open_file *a, const struct open_file *b)
{
    return a->time != b->time ? a->time < b->time : a->cursor->input < b->cursor->input;
}

static void sift_up(struct series_merge *m, unsigned at)
{
    const struct open_file moved = m->heap[at];
    for (; at && is_before(&moved, &m->heap[(at - 1) / 2]); at = (at - 1) / 2)
        m->heap[at] = m->heap[(at - 1) / 2];
    m->heap[at] = moved;
}

static void sift_down(struct series_merge *m)
{
    const struct open_file moved = m->heap[0];
    unsigned at = 0;
    for (unsigned child = 1; child < m->open; child = 2 * at + 1) {
        if (child + 1 < m->open && is_before(&m->heap[child + 1], &m->heap[child]))
            child++;
        if (!is_before(&m->heap[child], &moved))
            break;
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = moved;
}

/* --- opening and closing ---------------------------------------------------------------------- */

static int by_first(const void *a, const void *b)
{
    const struct waiting_file *one = a, *other = b;
    if (one->first != other->first)
        return one->first < other->first ? -1 : 1;
    return (one->input > other->input) - (one->input < other->input);
}

struct series_merge *series_merge_new(struct series_list *list, struct series_report *report)
{
    struct series_merge *m = mem_zalloc(sizeof(*m));
    m->list = list;
    m->report = report;
    m->heap = mem_alloc(list->count * sizeof(*m->heap));
    m->waiting = mem_alloc(list->count * sizeof(*m->waiting));
    for (unsigned i = 0; i < list->count; i++) {
        const struct series_file *file = &list->files[i];
        m->waiting[i] = (struct waiting_file){file->has_first ? file->first : INT64_MAX, i};
    }
    qsort(m->waiting, list->count, sizeof(*m->waiting), by_first);
    return m;
}

void series_merge_free(struct series_merge *m)
{
    if (!m)
        return;
    for (unsigned i = 0; i < m->open; i++)
        cursor_close(m->heap[i].cursor);
    free(m->heap);
    free(m->waiting);
    free(m);
}

/* Reads a file's next batch. False if there is none: it is closed, and its damage reported. */
static bool load(struct series_merge *m, struct cursor *cursor)
{
    struct error err;
    int result = cursor_load(cursor, &err);
    m->raw_taken += cursor_count(cursor);
    if (!result)
        return true;
    if (result < 0)
        series_report_trouble(m->report, &err);
    series_report_done(m->report, cursor->input);
    cursor_close(cursor);
    return false;
}

static const char *path_of(const struct series_merge *m, const struct cursor *cursor)
{
    return m->list->files[cursor->input].path;
}

static void report_begin(struct series_merge *m, const struct cursor *cursor)
{
    const struct series_point begin = {path_of(m, cursor), cursor_frame(cursor)->time};
    if (m->open)
        series_report_merge(m->report, path_of(m, m->heap[0].cursor), &begin);
    else if (m->last.name && begin.time > m->last.time)
        series_report_follow(m->report, &m->last, &begin, NULL);
}

static void open_next(struct series_merge *m)
{
    struct cursor *cursor;
    struct error err;
    if (series_list_open(m->list, m->waiting[m->next_waiting++].input, &cursor, &err)) {
        series_report_trouble(m->report, &err);
        return;
    }
    if (!cursor_has_frame(cursor) && !load(m, cursor))
        return;
    report_begin(m, cursor);
    m->heap[m->open] = (struct open_file){cursor_frame(cursor)->time, cursor};
    sift_up(m, m->open++);
}

/* Gives the file on top of the heap its next batch, or takes it away. */
static void renew_top(struct series_merge *m)
{
    if (load(m, m->heap[0].cursor))
        m->heap[0].time = cursor_frame(m->heap[0].cursor)->time;
    else
        m->heap[0] = m->heap[--m->open];
    if (m->open)
        sift_down(m);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Takes the frame on top of the heap. */
static void take(struct series_merge *m, struct frame *ret)
{
    struct cursor *cursor = m->heap[0].cursor;
    *ret = *cursor_frame(cursor);
    ret->input = (uint16_t)cursor->input;
    cursor->at++;
    m->last = (struct series_point){path_of(m, cursor), ret->time};
    m->is_used_up = !cursor_has_frame(cursor);
    if (m->is_used_up)
        return;
    m->heap[0].time = cursor_frame(cursor)->time;
    sift_down(m);
}

static bool is_next_due(const struct series_merge *m)
{
    return m->next_waiting < m->list->count &&
           (!m->open || m->waiting[m->next_waiting].first <= m->heap[0].time);
}

int series_merge_next(struct series_merge *m, struct frame_batch *ret)
{
    ret->count = 0;
    if (m->is_used_up)
        renew_top(m);
    m->is_used_up = false;
    while (ret->count < FRAME_BATCH && !m->is_used_up) {
        while (is_next_due(m))
            open_next(m);
        if (!m->open)
            break;
        take(m, &ret->frames[ret->count++]);
    }
    return ret->count ? 0 : SERIES_END;
}

uint64_t series_merge_raw_taken(const struct series_merge *m)
{
    return m->raw_taken;
}
