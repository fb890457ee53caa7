/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { FILES = 5 };

/* What try_file says of a file. */
enum { FILE_TAKEN, FILE_IN_USE, FILE_GONE };

/* True if the process that the file names is alive. */
static bool names_living(int descriptor)
{
    char text[24] = "";
    if (pread(descriptor, text, sizeof(text) - 1, 0) <= 0)
        return false;
    long pid = strtol(text, NULL, 10);
    return pid > 0 && pid != getpid() && (!kill((pid_t)pid, 0) || errno == EPERM);
}

/* False if the path leads to another file, or to none: after it was opened it may be removed. */
static bool is_at(int descriptor, const char *path)
{
    struct stat ours, there;
    return !fstat(descriptor, &ours) && !lstat(path, &there) && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static int write_pid(int descriptor)
{
    return ftruncate(descriptor, 0) || dprintf(descriptor, "%d\n", (int)getpid()) < 0 ? -1 : 0;
}

static int try_file(struct pid_file *ret, const char *path, struct error *err)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0)
        return error_errno(err, "the pid file %s", path);
    int result = FILE_TAKEN;
    if (flock(descriptor, LOCK_EX | LOCK_NB) || names_living(descriptor))
        result = FILE_IN_USE;
    else if (!is_at(descriptor, path))
        result = FILE_GONE;
    else if (write_pid(descriptor))
        result = error_errno(err, "the pid file %s", path);
    if (result) {
        close(descriptor);
        return result;
    }
    *ret = (struct pid_file){.descriptor = descriptor, .path = mem_strdup(path)};
    return FILE_TAKEN;
}

int pid_file_take(struct pid_file *ret, const char *folder, const char *name, struct error *err)
{
    int result = FILE_IN_USE;
    for (unsigned i = 0; i < FILES && result == FILE_IN_USE; i++) {
        char *path = mem_printf("%s/%s.%u.pid", folder, name, i);
        do
            result = try_file(ret, path, err);
        while (result == FILE_GONE);
        free(path);
    }
    return result == FILE_IN_USE
               ? error_set(err, "%s: all pid files of %s are in use", folder, name)
               : result;
}

/* While it is locked nobody puts another file in its place. */
void pid_file_release(struct pid_file *file)
{
    if (file->descriptor < 0)
        return;
    if (!is_at(file->descriptor, file->path) || unlink(file->path))
        (void)!ftruncate(file->descriptor, 0);
    close(file->descriptor);
    free(file->path);
    *file = (struct pid_file){.descriptor = -1};
}
