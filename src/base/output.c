/* SPDX-License-Identifier: Apache-2.0 */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/new_file.h"

enum { BUFFER_SIZE = 1 << 18 };

struct output {
    char *name;
    int descriptor;
    struct new_file file; /* of zeros: it stands under its name already */
    bool is_new, failed;
    bool is_made; /* the file was not there before */
    size_t filled;
    uint64_t written, before; /* bytes, by us and when it was opened */
    uint64_t flushed;         /* of them, handed to the system */
    size_t capacity;
    uint8_t buffer[];
};

/* Makes the folders that a path goes through. What fails here fails at open, with its reason. */
static void make_folders(const char *path)
{
    char *folder = mem_strdup(path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0777);
        *slash = '/';
    }
    free(folder);
}

static int open_file(struct output *out, const char *path, struct error *err)
{
    const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    out->descriptor = open(path, flags | O_EXCL, 0666);
    if (out->descriptor < 0 && errno == ENOENT) {
        make_folders(path);
        out->descriptor = open(path, flags | O_EXCL, 0666);
    }
    out->is_made = out->descriptor >= 0;
    if (out->descriptor < 0 && errno == EEXIST)
        out->descriptor = open(path, flags, 0666);
    if (out->descriptor < 0)
        return error_errno(err, "%s: cannot be written", path);
    struct stat status;
    if (!fstat(out->descriptor, &status))
        out->before = (uint64_t)status.st_size;
    out->is_new = !out->before;
    return 0;
}

static int open_new_file(struct output *out, const char *path, struct error *err)
{
    if (new_file_create(&out->file, path, err))
        return -1;
    out->descriptor = out->file.descriptor;
    return 0;
}

static int begin(struct output **ret, const char *path, size_t capacity,
                 int (*open_path)(struct output *out, const char *path, struct error *err),
                 struct error *err)
{
    struct output *out = mem_alloc(sizeof(*out) + capacity);
    *out = (struct output){
        .capacity = capacity,
        .is_new = true,
        .descriptor = STDOUT_FILENO,
    };
    if (strcmp(path, "-") && open_path(out, path, err)) {
        free(out);
        return -1;
    }
    out->name = mem_strdup(strcmp(path, "-") ? path : "standard output");
    *ret = out;
    return 0;
}

int output_open(struct output **ret, const char *path, struct error *err)
{
    return begin(ret, path, BUFFER_SIZE, open_file, err);
}

int output_open_sized(struct output **ret, const char *path, size_t buffer_bytes, struct error *err)
{
    return begin(ret, path, buffer_bytes, open_file, err);
}

int output_replace(struct output **ret, const char *path, struct error *err)
{
    return begin(ret, path, BUFFER_SIZE, open_new_file, err);
}

bool output_is_new(const struct output *out)
{
    return out->is_new;
}

/*
 * Takes off the end of a file what was written of something that is not there as a whole, so that
 * what is appended next time stands behind something that is. Not if others write to it, too.
 */
static void take_back(const struct output *out, uint64_t part)
{
    struct stat status;
    const uint64_t whole = out->before + out->flushed;
    if (out->descriptor == STDOUT_FILENO || fstat(out->descriptor, &status) ||
        !S_ISREG(status.st_mode) || (uint64_t)status.st_size != whole + part)
        return;
    if (ftruncate(out->descriptor, (off_t)whole))
        return; /* it is as it would have been */
}

/* After a failure nothing more is tried: the first error is the one that counts. */
static int write_out(struct output *out, const uint8_t *bytes, size_t size, struct error *err)
{
    const uint8_t *first = bytes;
    while (size) {
        ssize_t done = write(out->descriptor, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0) {
            out->failed = true;
            int result =
                errno == EPIPE ? OUTPUT_CLOSED : error_errno(err, "%s: write failed", out->name);
            take_back(out, (uint64_t)(bytes - first));
            return result;
        }
        bytes += done;
        size -= (size_t)done;
    }
    out->flushed += (uint64_t)(bytes - first);
    return 0;
}

int output_flush(struct output *out, struct error *err)
{
    size_t size = out->filled;
    out->filled = 0;
    return out->failed ? 0 : write_out(out, out->buffer, size, err);
}

int output_write(struct output *out, const void *bytes, size_t size, struct error *err)
{
    out->written += size;
    if (size > out->capacity - out->filled) {
        int result = output_flush(out, err);
        if (result)
            return result;
        if (size > out->capacity)
            return write_out(out, bytes, size, err);
    }
    memcpy(out->buffer + out->filled, bytes, size);
    out->filled += size;
    return 0;
}

uint64_t output_written(const struct output *out)
{
    return out->written;
}

uint64_t output_size(const struct output *out)
{
    return out->before + out->written;
}

bool output_file(const struct output *out, uint64_t *ret_inode, uint64_t *ret_bytes)
{
    struct stat status;
    if (out->descriptor == STDOUT_FILENO || fstat(out->descriptor, &status) ||
        !S_ISREG(status.st_mode))
        return false;
    *ret_inode = status.st_ino;
    *ret_bytes = (uint64_t)status.st_size;
    return true;
}

const char *output_name(const struct output *out)
{
    return out->name;
}

/* A file that we made, and to which nothing could be written, goes; unless it is another's now. */
static void remove_empty(const struct output *out)
{
    struct stat ours, there;
    if (out->failed && out->is_made && !fstat(out->descriptor, &ours) && !ours.st_size &&
        !lstat(out->name, &there) && there.st_dev == ours.st_dev && there.st_ino == ours.st_ino)
        unlink(out->name);
}

/* The last step of a file that replaces another, unless what it should have is not whole. */
static int put_in_place(struct output *out, struct error *err)
{
    if (!out->failed)
        return new_file_commit(&out->file, err);
    new_file_abandon(&out->file);
    return 0;
}

static void release(struct output *out)
{
    free(out->name);
    free(out);
}

int output_close(struct output *out, struct error *err)
{
    if (!out)
        return 0;
    int result = output_flush(out, err);
    remove_empty(out);
    if (out->file.path) {
        struct error later;
        int placed = put_in_place(out, result ? &later : err);
        result = result ? result : placed;
    } else if (out->descriptor != STDOUT_FILENO && close(out->descriptor) && !result &&
               !out->failed) {
        result = error_errno(err, "%s: write failed", out->name);
    }
    release(out);
    return result;
}

void output_abandon(struct output *out)
{
    if (!out)
        return;
    remove_empty(out);
    if (out->file.path)
        new_file_abandon(&out->file);
    else if (out->descriptor != STDOUT_FILENO)
        close(out->descriptor);
    release(out);
}
