/* SPDX-License-Identifier: Apache-2.0 */
#include "index/place.h"

#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "index/capture_id.h"

void place_init(struct place *place)
{
    *place = (struct place){0};
}

void place_release(struct place *place)
{
    paths_release(&place->files);
}

int place_add_folder(struct place *place, const char *folder, struct error *err)
{
    place->has_folders = true;
    return paths_collect(&place->files, folder, err);
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_capture(const char *path, const struct capture_id *id)
{
    struct stat status;
    struct capture_id there;
    return !stat(path, &status) && (uint64_t)status.st_size == id->size &&
           !capture_id_of(&there, path, NULL) && capture_id_equal(&there, id);
}

/* Files of the old name come first: mostly that is it. */
static char *find_in_folders(const struct place *place, const char *path,
                             const struct capture_id *id, struct error *err)
{
    const char *name = name_in(path);
    for (unsigned same_name = 2; same_name-- > 0;)
        for (size_t i = 0; i < place->files.count; i++) {
            const char *file = place->files.list[i].name;
            bool has_name = !strcmp(name_in(file), name);
            if (has_name == (same_name == 1) && is_capture(file, id))
                return mem_strdup(file);
        }
    error_set(err, "%s: there is no such capture in the folders given, nor one with its bytes",
              name);
    return NULL;
}

char *place_find(const struct place *place, const char *path, const struct capture_id *id,
                 struct error *err)
{
    struct capture_id there;
    if (place->has_folders)
        return find_in_folders(place, path, id, err);
    if (capture_id_of(&there, path, err))
        return NULL;
    if (capture_id_equal(&there, id))
        return mem_strdup(path);
    error_set(err,
              "%s: has changed since it was indexed, so its packets are not what the index "
              "says",
              path);
    return NULL;
}
