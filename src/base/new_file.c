/* SPDX-License-Identifier: Apache-2.0 */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* The folder that a path is in. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_strdup(".");
    char *folder = mem_strdup(path);
    folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* As the file that is there has them. Who may not give files away keeps what is made. */
static void copy_owner(int descriptor, const char *path)
{
    struct stat there;
    if (stat(path, &there)) {
        mode_t mask = umask(0);
        umask(mask);
        (void)!fchmod(descriptor, 0666 & ~mask);
        return;
    }
    (void)!fchown(descriptor, there.st_uid, there.st_gid);
    (void)!fchmod(descriptor, there.st_mode & 07777);
}

static bool is_device(const char *path)
{
    struct stat there;
    return !stat(path, &there) && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode);
}

static int open_device(struct new_file *file, struct error *err)
{
    file->is_device = true;
    file->descriptor = open(file->path, O_WRONLY | O_CLOEXEC);
    if (file->descriptor >= 0)
        return 0;
    error_errno(err, "%s: cannot be written", file->path);
    new_file_abandon(file);
    return -1;
}

/* Where a symbolic link leads, which may be nowhere yet; NULL if the path is none. */
static char *follow(const char *path)
{
    char target[PATH_MAX];
    ssize_t size = readlink(path, target, sizeof(target) - 1);
    if (size < 0)
        return NULL;
    target[size] = '\0';
    if (*target == '/')
        return mem_strdup(target);
    char *folder = folder_of(path), *found = mem_printf("%s/%s", folder, target);
    free(folder);
    return found;
}

/* The file that the path leads to, or is to lead to. */
static char *find_real(const char *path)
{
    enum { LINKS_MOST = 40 };
    char *real = realpath(path, NULL), *next;
    if (real)
        return real;
    real = mem_strdup(path);
    for (unsigned i = 0; i < LINKS_MOST && (next = follow(real)) != NULL; i++) {
        free(real);
        real = next;
    }
    return real;
}

int new_file_create(struct new_file *ret, const char *path, struct error *err)
{
    *ret = (struct new_file){.path = find_real(path), .descriptor = -1};
    if (is_device(ret->path))
        return open_device(ret, err);
    char *folder = folder_of(ret->path);
    ret->descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (ret->descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        ret->beside = mem_printf("%s/.%s-XXXXXX", folder, name_in(ret->path));
        ret->descriptor = mkostemp(ret->beside, O_CLOEXEC);
    }
    int result = ret->descriptor < 0 ? error_errno(err, "%s: cannot be written", path) : 0;
    free(folder);
    if (result) {
        free(ret->beside);
        ret->beside = NULL;
        new_file_abandon(ret);
        return -1;
    }
    copy_owner(ret->descriptor, ret->path);
    return 0;
}

void new_file_set_name(struct new_file *file, const char *name)
{
    char *folder = folder_of(file->path);
    free(file->path);
    file->path = mem_printf("%s/%s", folder, name);
    free(folder);
}

/* A name for the file that has none: a link cannot replace a file, a name can. */
static int give_name(struct new_file *file)
{
    enum { TRIES = 100 };
    char *folder = folder_of(file->path), link[64];
    int result = -1;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file->descriptor);
    for (unsigned i = 0; i < TRIES && result; i++) {
        free(file->beside);
        file->beside = mem_printf("%s/.%s-%06x", folder, name_in(file->path),
                                  ((unsigned)getpid() + i) & 0xffffff);
        result = linkat(AT_FDCWD, link, AT_FDCWD, file->beside, AT_SYMLINK_FOLLOW);
        if (result && errno != EEXIST)
            break;
    }
    if (result) {
        free(file->beside);
        file->beside = NULL;
    }
    free(folder);
    return result;
}

/* So that the name survives a power failure, too. Not every file system can do it. */
static void sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

int new_file_commit(struct new_file *file, struct error *err)
{
    int result = 0;
    if (file->is_device) {
        new_file_abandon(file);
        return 0;
    }
    if (fsync(file->descriptor) || (!file->beside && give_name(file)) ||
        rename(file->beside, file->path)) {
        result = error_errno(err, "%s: cannot be written", file->path);
    } else {
        free(file->beside);
        file->beside = NULL;
        sync_folder(file->path);
    }
    new_file_abandon(file);
    return result;
}

void new_file_abandon(struct new_file *file)
{
    if (!file->path)
        return;
    if (file->beside)
        unlink(file->beside);
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->beside);
    free(file->path);
    *file = (struct new_file){.descriptor = -1};
}
