/* SPDX-License-Identifier: Apache-2.0 */
#include "index/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "index/capture_id.h"
#include "index/segment.h"
#include "index/segment_writer.h"

static bool is_segment(const char *name)
{
    size_t size = strlen(name), suffix = strlen(SEGMENT_SUFFIX);
    return name[0] != '.' && size > suffix && !strcmp(name + size - suffix, SEGMENT_SUFFIX);
}

/* What the name says, if it is as segment_name_of makes it. */
static bool parse_name(const char *name, struct catalog_entry *ret)
{
    uint64_t first, last;
    int used = 0;
    int parts = sscanf(name, "%16" SCNx64 "-%16" SCNx64 "-%16" SCNx64 "%n", &first, &last,
                       &ret->capture_hash, &used);
    ret->first = (nsec_t)first;
    ret->last = (nsec_t)last;
    return parts == 3 && used == 16 * 3 + 2 && !strcmp(name + used, SEGMENT_SUFFIX);
}

static int add(struct catalog *catalog, const char *folder, const char *name, struct error *err)
{
    struct catalog_entry entry = {.path = mem_printf("%s/%s", folder, name)};
    if (!parse_name(name, &entry)) { /* somebody gave it another name */
        struct segment_header header;
        if (segment_peek(&header, entry.path, err)) {
            free(entry.path);
            return -1;
        }
        entry.first = header.first;
        entry.last = header.last;
        entry.capture_hash = capture_id_hash(&header.capture);
    }
    catalog->list =
        mem_grow(catalog->list, &catalog->capacity, catalog->count + 1, sizeof(*catalog->list));
    catalog->list[catalog->count++] = entry;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct catalog_entry *one = a, *other = b;
    if (one->first != other->first)
        return one->first < other->first ? -1 : 1;
    if (one->last != other->last)
        return one->last < other->last ? -1 : 1;
    return strcmp(one->path, other->path);
}

int catalog_read(struct catalog *ret, const char *folder, struct error *err)
{
    *ret = (struct catalog){0};
    DIR *directory = opendir(folder);
    if (!directory)
        return error_errno(err, "%s", folder);
    int result = 0;
    const struct dirent *item;
    for (errno = 0; !result && (item = readdir(directory)); errno = 0)
        if (is_segment(item->d_name))
            result = add(ret, folder, item->d_name, err);
    if (!result && errno)
        result = error_errno(err, "%s", folder);
    closedir(directory);
    if (result) {
        catalog_release(ret);
        return -1;
    }
    if (ret->count)
        qsort(ret->list, ret->count, sizeof(*ret->list), by_time);
    return 0;
}

void catalog_release(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++)
        free(catalog->list[i].path);
    free(catalog->list);
    *catalog = (struct catalog){0};
}

const struct catalog_entry *catalog_find(const struct catalog *catalog,
                                         const struct capture_id *capture)
{
    uint64_t hash = capture_id_hash(capture);
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->list[i].capture_hash == hash)
            return &catalog->list[i];
    return NULL;
}
