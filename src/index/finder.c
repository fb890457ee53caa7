/* SPDX-License-Identifier: Apache-2.0 */
#include "index/finder.h"

#include <stdlib.h>

#include "base/mem.h"
#include "index/finder_internal.h"
#include "index/lookup_key.h"

/* --- life ------------------------------------------------------------------------------------- */

struct finder *finder_new(const struct catalog *catalog, const struct wants *wants,
                          const struct finder_options *options)
{
    struct finder *f = mem_zalloc(sizeof(*f));
    f->catalog = catalog;
    f->wants = wants;
    f->options = *options;
    f->files = mem_zalloc((catalog->count + 1) * sizeof(*f->files));
    f->group = mem_zalloc((catalog->count + 1) * sizeof(*f->group));
    return f;
}

static void close_file(struct finder_file *file)
{
    frame_reader_close(file->reader);
    segment_close(file->segment);
    packet_filter_free(file->filter);
    file->reader = NULL;
    file->segment = NULL;
    file->filter = NULL;
}

void finder_free(struct finder *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->catalog->count; i++) {
        close_file(&f->files[i]);
        free(f->files[i].path);
    }
    free(f->files);
    free(f->group);
    free(f->found);
    free(f->owners);
    free(f);
}

const char *finder_path(const struct finder *f, uint32_t file)
{
    return f->files[file].path;
}

void finder_get_counts(const struct finder *f, struct finder_counts *ret)
{
    *ret = f->counts;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Reports why a capture cannot be searched. The others still are. */
static void lose(struct finder *f, uint32_t file, const struct error *err)
{
    f->files[file].is_lost = true;
    f->options.trouble(f->options.arg, err);
}

static int open_segment(struct finder *f, uint32_t at, struct error *err)
{
    struct finder_file *file = &f->files[at];
    if (file->segment)
        return 0;
    f->counts.segments++;
    return segment_open(&file->segment, f->catalog->list[at].path, err);
}

/* Finds the capture, and the packet filter that its packets had to pass. */
static int open_capture(struct finder *f, uint32_t at, struct error *err)
{
    struct finder_file *file = &f->files[at];
    const char *path, *filter;
    if (file->path)
        return 0;
    if (segment_texts(file->segment, &path, &filter, err))
        return -1;
    if (*filter && packet_filter_new(&file->filter, filter, true, err))
        return -1;
    f->counts.captures++;
    file->path = f->options.place(f->options.arg, path, &segment_info(file->segment)->capture, err);
    return file->path ? 0 : -1;
}

/* --- which chunks ----------------------------------------------------------------------------- */

static bool overlap(nsec_t first, nsec_t last, nsec_t other_first, nsec_t other_last)
{
    return first <= other_last && other_first <= last;
}

struct span {
    nsec_t first, last;
};

/*
 * When packets of a want may be in a capture. Wants are in whole microseconds, captures are not;
 * and a capture may have times that records do not: there, each packet's own will tell.
 */
static struct span span_of(const struct want *want, const struct catalog_entry *entry)
{
    const nsec_t records_end = (UINT32_MAX + INT64_C(1)) * NSEC_PER_SEC;
    if (want->number && (entry->first < 0 || entry->last >= records_end))
        return (struct span){INT64_MIN, INT64_MAX};
    return (struct span){want->first, want->last > INT64_MAX - 999 ? INT64_MAX : want->last + 999};
}

static int choose_flows(struct finder *f, uint32_t at, struct chunk_set *set, struct error *err)
{
    const struct catalog_entry *entry = &f->catalog->list[at];
    for (uint32_t i = 1; i < f->wants->count; i++) {
        const struct want *want = &f->wants->list[i];
        const struct span span = span_of(want, entry);
        if (!overlap(entry->first, entry->last, span.first, span.last))
            continue;
        if (!set->bits) {
            if (open_segment(f, at, err))
                return -1;
            chunk_set_init(set, segment_info(f->files[at].segment)->chunk_count);
        }
        struct segment *segment = f->files[at].segment;
        bool by_time = want->is_wide || want->is_of_pair;
        int result = by_time ? chunk_set_add_time(set, segment, span.first, span.last, err)
                             : chunk_set_add_flow(set, segment, lookup_hash(&want->identity),
                                                  span.first, span.last, err);
        if (result)
            return -1;
    }
    return 0;
}

static int choose_fragments(struct finder *f, uint32_t at, struct chunk_set *set, struct error *err)
{
    const struct catalog_entry *entry = &f->catalog->list[at];
    const nsec_t apart = FRAGMENT_SECONDS * NSEC_PER_SEC;
    for (size_t i = 0; i < f->owner_count; i++) {
        const struct fragment_owner *owner = &f->owners[i];
        nsec_t first = owner->time - apart, last = owner->time + apart;
        if (!overlap(entry->first, entry->last, first, last))
            continue;
        if (!set->bits) {
            if (open_segment(f, at, err))
                return -1;
            chunk_set_init(set, segment_info(f->files[at].segment)->chunk_count);
        }
        if (chunk_set_add_flow(set, f->files[at].segment, lookup_hash(&owner->fragments), first,
                               last, err))
            return -1;
    }
    return 0;
}

typedef int choose_function(struct finder *f, uint32_t at, struct chunk_set *set,
                            struct error *err);
typedef int scan_function(struct finder *f, uint32_t file, const struct chunk_set *set,
                          struct error *err);

/* Chooses chunks of a file, and scans them. A file that fails is reported, and its finds forgotten:
 * what was found until then is good, but it is not all. */
static void search(struct finder *f, uint32_t at, choose_function *choose, scan_function *scan_file)
{
    struct chunk_set set = {0};
    struct error err;
    if (f->files[at].is_lost)
        return;
    int result = choose(f, at, &set, &err);
    if (!result && set.marked)
        result = open_capture(f, at, &err) || scan_file(f, at, &set, &err) ? -1 : 0;
    if (result)
        lose(f, at, &err);
    chunk_set_release(&set);
}

/* True if anything that is wanted may be in the file. */
static bool is_needed(struct finder *f, uint32_t at)
{
    struct chunk_set set = {0};
    struct error err;
    if (f->files[at].is_lost)
        return false;
    bool failed = choose_flows(f, at, &set, &err) || choose_fragments(f, at, &set, &err);
    bool needed = set.marked;
    if (failed)
        lose(f, at, &err);
    chunk_set_release(&set);
    return needed && !failed;
}

/* --- groups of captures ----------------------------------------------------------------------- */

static void forget_group(struct finder *f)
{
    for (size_t i = 0; i < f->group_count; i++)
        close_file(&f->files[f->group[i]]);
    f->group_count = f->found_count = 0;
}

/* Owners whose datagrams may go on in captures that begin at `first`. */
static void forget_owners(struct finder *f, nsec_t first)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->owner_count; i++)
        if (f->owners[i].time + FRAGMENT_SECONDS * NSEC_PER_SEC >= first)
            f->owners[kept++] = f->owners[i];
    f->owner_count = kept;
}

/* The next captures that have something, as far as one overlaps the other in time. */
static void next_group(struct finder *f)
{
    nsec_t last = INT64_MIN;
    for (; f->next < f->catalog->count; f->next++) {
        const struct catalog_entry *entry = &f->catalog->list[f->next];
        if (f->group_count && entry->first > last)
            return;
        if (!f->group_count)
            forget_owners(f, entry->first);
        if (entry->first > entry->last || !is_needed(f, (uint32_t)f->next)) {
            close_file(&f->files[f->next]);
            continue;
        }
        f->group[f->group_count++] = (uint32_t)f->next;
        if (entry->last > last)
            last = entry->last;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct found *one = a, *other = b;
    if (one->time != other->time)
        return one->time < other->time ? -1 : 1;
    if (one->file != other->file)
        return one->file < other->file ? -1 : 1;
    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return (one->want > other->want) - (one->want < other->want);
}

static void search_group(struct finder *f)
{
    for (size_t i = 0; i < f->group_count; i++)
        search(f, f->group[i], choose_flows, finder_scan_flows);
    finder_sort_owners(f);
    for (size_t i = 0; i < f->group_count && f->owner_count; i++)
        search(f, f->group[i], choose_fragments, finder_scan_fragments);
    finder_settle(f);
    if (f->found_count)
        qsort(f->found, f->found_count, sizeof(*f->found), by_time);
}

int finder_next(struct finder *f, const struct found **ret, size_t *ret_count, struct error *err)
{
    (void)err;
    do {
        forget_group(f);
        next_group(f);
        if (!f->group_count)
            return FINDER_END;
        search_group(f);
    } while (!f->found_count);
    *ret = f->found;
    *ret_count = f->found_count;
    return 0;
}

/* --- frames ----------------------------------------------------------------------------------- */

int finder_read(struct finder *f, const struct found *found, struct frame *ret, struct error *err)
{
    enum { FRAME_BYTES = 2048 };
    struct finder_file *file = &f->files[found->file];
    struct frame wanted = {.offset = found->offset, .number = found->number, .time = found->time};
    const struct frame *frame;
    if (!file->reader && frame_reader_open(&file->reader, file->segment, file->path, err))
        return -1;
    if (frame_reader_go(file->reader, &wanted, FRAME_BYTES, err) ||
        frame_reader_next(file->reader, &frame, err))
        return -1;
    if (frame->number != found->number || frame->time != found->time)
        return error_set(err, "%s: has changed while it was searched", file->path);
    *ret = *frame;
    return 0;
}
