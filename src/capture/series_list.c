/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/raw.h"

enum { FILES_MAX = UINT16_MAX + 1 }; /* frame.input counts them in 16 bits */

/* --- order ------------------------------------------------------------------------------------ */

/* What is left is the same for any order in which the user, or a shell, gave the files. */
static int by_name(const void *a, const void *b)
{
    const struct series_file *one = a, *other = b;
    int result = strcmp(one->path, other->path);
    return result ? result : (one->given > other->given) - (one->given < other->given);
}

static int by_time(const void *a, const void *b)
{
    const struct series_file *one = a, *other = b;
    if (one->has_first != other->has_first)
        return one->has_first ? -1 : 1; /* files without packets come last */
    if (one->has_first && one->first != other->first)
        return one->first < other->first ? -1 : 1;
    return by_name(a, b);
}

static void sort(struct series_list *list, enum series_order order)
{
    if (order != SERIES_AS_GIVEN)
        qsort(list->files, list->count, sizeof(*list->files),
              order == SERIES_BY_NAME ? by_name : by_time);
}

static void report_order(const struct series_list *list, const struct series_report *report)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct series_file *file = &list->files[i];
        series_report_place(report, i + 1, list->count, file->path,
                            file->has_first ? &file->first : NULL);
    }
}

/* An order that the user chose and that cannot be right is found before any work is done. */
static int check_order(const struct series_list *list, const struct series_report *report,
                       struct error *err)
{
    struct series_point last = {0};
    for (unsigned i = 0; i < list->count; i++) {
        const struct series_point begin = {list->files[i].path, list->files[i].first};
        if (!list->files[i].has_first)
            continue;
        if (last.name && begin.time < last.time)
            return series_report_disorder(report, &last, &begin, err);
        last = begin;
    }
    return 0;
}

/* --- a look at the files ---------------------------------------------------------------------- */

/* Appends a file to the list, with what its beginning says. */
static int look(struct series_list *list, const char *path, unsigned given, struct error *err)
{
    struct cursor *cursor;
    if (cursor_open(&cursor, path, list->tsh, err))
        return -1;
    struct series_file file = {.path = mem_strdup(path), .given = given};
    /* Damage is not reported here but when the file is read, in its turn. */
    file.has_first = !cursor_load(cursor, NULL);
    if (file.has_first)
        file.first = cursor_frame(cursor)->time;
    file.raw_size = capture_raw_size(cursor->capture);
    if (capture_is_stream(cursor->capture))
        file.kept = cursor;
    else
        cursor_close(cursor);
    list->files[list->count++] = file;
    return 0;
}

static bool is_stdin_again(const struct series_list *list, const char *path)
{
    for (unsigned i = 0; i < list->count && !strcmp(path, "-"); i++) {
        if (!strcmp(list->files[i].path, path))
            return true;
    }
    return false;
}

static void look_at_all(struct series_list *list, const char *const *paths, unsigned count,
                        struct series_report *report)
{
    for (unsigned i = 0; i < count; i++) {
        struct error err;
        int result = is_stdin_again(list, paths[i])
                         ? error_set(&err, "standard input can be read only once")
                         : look(list, paths[i], i, &err);
        if (result)
            series_report_trouble(report, &err);
    }
}

static uint64_t sum_of_sizes(const struct series_list *list)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < list->count; i++) {
        if (!list->files[i].raw_size)
            return 0;
        sum += list->files[i].raw_size;
    }
    return sum;
}

int series_list_init(struct series_list *list, const char *const *paths, unsigned count,
                     struct series_report *report, struct error *err)
{
    *list = (struct series_list){.tsh = report->options.tsh};
    if (!count || count > FILES_MAX)
        return error_set(err, "%u capture files, but 1 to %d can be read", count, FILES_MAX);
    list->files = mem_zalloc(count * sizeof(*list->files));
    if (count == 1) { /* the one error says it all */
        if (look(list, paths[0], 0, err))
            return -1;
    } else {
        look_at_all(list, paths, count, report);
    }
    if (!list->count)
        return error_set(err, "none of the %u capture files can be read", count);
    list->raw_size = sum_of_sizes(list);
    sort(list, report->options.order);
    report_order(list, report);
    return report->options.merge ? 0 : check_order(list, report, err);
}

void series_list_release(struct series_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        free(list->files[i].path);
        cursor_close(list->files[i].kept);
    }
    free(list->files);
    *list = (struct series_list){0};
}

/* --- reading ---------------------------------------------------------------------------------- */

int series_list_open(struct series_list *list, unsigned input, struct cursor **ret,
                     struct error *err)
{
    struct series_file *file = &list->files[input];
    *ret = file->kept;
    file->kept = NULL;
    if (!*ret && cursor_open(ret, file->path, list->tsh, err))
        return -1;
    (*ret)->input = input;
    return 0;
}

void series_list_prefetch(const struct series_list *list, unsigned input)
{
    enum { PREFETCH = 8 * 1024 * 1024 };
    if (input < list->count && !list->files[input].kept)
        raw_prefetch(list->files[input].path, PREFETCH);
}
