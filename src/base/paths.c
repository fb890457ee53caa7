/* SPDX-License-Identifier: Apache-2.0 */
#include "base/paths.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/mem.h"

void paths_release(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->list[i].name);
    free(paths->list);
    *paths = (struct paths){0};
}

static void add_owned(struct paths *paths, char *name, bool found)
{
    paths->list = mem_grow(paths->list, &paths->capacity, paths->count + 1, sizeof(*paths->list));
    paths->list[paths->count++] = (struct path){name, found, 0, UINT64_MAX};
}

void paths_add(struct paths *paths, const char *name)
{
    add_owned(paths, mem_strdup(name), false);
}

/* Takes "FIRST[:LAST]" apart. */
static bool parse_part(const char *text, uint64_t *ret_first, uint64_t *ret_last)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    *ret_first = strtoull(text, &end, 10);
    *ret_last = UINT64_MAX;
    if (*end == ':' && end[1] >= '0' && end[1] <= '9')
        *ret_last = strtoull(end + 1, &end, 10);
    return !*end;
}

void paths_add_part(struct paths *paths, const char *name)
{
    const char *colons = strstr(name, "::");
    struct stat status;
    uint64_t first, last;
    paths_add(paths, name);
    if (!colons || !stat(name, &status) || !parse_part(colons + 2, &first, &last))
        return;
    struct path *path = &paths->list[paths->count - 1];
    path->name[colons - name] = '\0';
    path->first = first;
    path->last = last;
}

/* --- directories that were read already ------------------------------------------------------- */

/* A set of directories by device and inode: open addressing, a slot of zeros is free. */
struct seen {
    struct {
        uint64_t device, inode;
    } * slots;
    size_t size, used; /* size is a power of two */
};

static size_t seen_slot(const struct seen *seen, uint64_t device, uint64_t inode)
{
    const uint64_t key[2] = {device, inode};
    size_t slot = hash_words(0, key, 2) & (seen->size - 1);
    while ((seen->slots[slot].inode || seen->slots[slot].device) &&
           (seen->slots[slot].device != device || seen->slots[slot].inode != inode))
        slot = (slot + 1) & (seen->size - 1);
    return slot;
}

static void seen_grow(struct seen *seen)
{
    struct seen old = *seen;
    seen->size = old.size ? 2 * old.size : 64;
    seen->slots = mem_zalloc(seen->size * sizeof(*seen->slots));
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].inode || old.slots[i].device)
            seen->slots[seen_slot(seen, old.slots[i].device, old.slots[i].inode)] = old.slots[i];
    }
    free(old.slots);
}

/* True if this directory was not there before. */
static bool seen_add(struct seen *seen, const struct stat *status)
{
    if (2 * (seen->used + 1) > seen->size)
        seen_grow(seen);
    size_t slot = seen_slot(seen, status->st_dev, status->st_ino);
    if (seen->slots[slot].inode || seen->slots[slot].device)
        return false;
    seen->slots[slot].device = status->st_dev;
    seen->slots[slot].inode = status->st_ino;
    seen->used++;
    return true;
}

/* --- walking ---------------------------------------------------------------------------------- */

struct walk {
    struct paths *files;
    struct paths pending; /* directories to be read, the next one last */
    struct seen seen;
};

static int is_wanted(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In reverse, because the pending directories are a stack. */
static int by_name_backwards(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

/* Takes `name` over. A name that vanished since, or a link to nothing, is no file of ours. */
static void sort_in(struct walk *walk, char *name)
{
    struct stat status;
    int error = stat(name, &status);
    if (!error && S_ISREG(status.st_mode))
        add_owned(walk->files, name, true);
    else if (!error && S_ISDIR(status.st_mode))
        add_owned(&walk->pending, name, true);
    else
        free(name);
}

static int read_directory(struct walk *walk, const char *name, struct error *err)
{
    struct stat status;
    if (stat(name, &status))
        return error_errno(err, "%s", name);
    if (!seen_add(&walk->seen, &status))
        return 0;
    struct dirent **entries;
    int count = scandir(name, &entries, is_wanted, by_name_backwards);
    if (count < 0)
        return error_errno(err, "%s", name);
    const char *slash = name[strlen(name) - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        sort_in(walk, mem_printf("%s%s%s", name, slash, entries[i]->d_name));
        free(entries[i]);
    }
    free(entries);
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct path *left = a, *right = b;
    return strcmp(left->name, right->name);
}

int paths_collect(struct paths *paths, const char *root, struct error *err)
{
    struct stat status;
    if (stat(root, &status))
        return error_errno(err, "%s", root);

    struct walk walk = {.files = paths};
    sort_in(&walk, mem_strdup(root));
    int result = 0;
    while (!result && walk.pending.count > 0) {
        char *name = walk.pending.list[--walk.pending.count].name;
        result = read_directory(&walk, name, err);
        free(name);
    }
    paths_release(&walk.pending);
    free(walk.seen.slots);
    if (paths->count > 0)
        qsort(paths->list, paths->count, sizeof(*paths->list), by_name);
    return result;
}
