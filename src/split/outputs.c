/* SPDX-License-Identifier: Apache-2.0 */
#include "split/outputs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/output.h"
#include "record/head.h"
#include "record/wire.h"

struct file {
    char *path;
    uint64_t hash;
    struct output *out;
    struct file *older, *newer; /* by when they were written to */
    struct file *next;          /* in the bucket */
    bool is_dirty;
};

struct file_id {
    dev_t device;
    ino_t number;
};

struct outputs {
    struct file *newest, *oldest;
    struct file **buckets;
    unsigned bucket_count; /* a power of two */
    unsigned open_count, open_most;
    uint64_t seed;
    bool is_dirty; /* some file is */
    struct file_id *refused;
    size_t refused_count, refused_capacity;
    struct record head;
    bool has_head;
    uint8_t buffer[WIRE_RECORD_MAX];
};

struct outputs *outputs_new(unsigned open_most, uint64_t seed)
{
    struct outputs *outputs = mem_zalloc(sizeof(*outputs));
    outputs->open_most = open_most ? open_most : 1;
    outputs->seed = seed;
    outputs->bucket_count = 1;
    while (outputs->bucket_count < 2 * outputs->open_most)
        outputs->bucket_count *= 2;
    outputs->buckets = mem_zalloc(outputs->bucket_count * sizeof(struct file *));
    return outputs;
}

void outputs_set_head(struct outputs *outputs, const struct record *mar)
{
    outputs->head = *mar;
    record_touch(&outputs->head);
    outputs->has_head = true;
}

void outputs_refuse(struct outputs *outputs, const char *path)
{
    struct stat status;
    if (stat(path, &status) || !S_ISREG(status.st_mode))
        return;
    outputs->refused = mem_grow(outputs->refused, &outputs->refused_capacity,
                                outputs->refused_count + 1, sizeof(*outputs->refused));
    outputs->refused[outputs->refused_count++] = (struct file_id){status.st_dev, status.st_ino};
}

/* --- files that are open ---------------------------------------------------------------------- */

static struct file **bucket_of(struct outputs *outputs, uint64_t hash)
{
    return &outputs->buckets[hash & (outputs->bucket_count - 1)];
}

static void unlink_file(struct outputs *outputs, struct file *file)
{
    *(file->newer ? &file->newer->older : &outputs->newest) = file->older;
    *(file->older ? &file->older->newer : &outputs->oldest) = file->newer;
}

static void make_newest(struct outputs *outputs, struct file *file)
{
    file->newer = NULL;
    file->older = outputs->newest;
    *(file->older ? &file->older->newer : &outputs->oldest) = file;
    outputs->newest = file;
}

static struct file *find(struct outputs *outputs, const char *path, uint64_t hash)
{
    struct file *file = *bucket_of(outputs, hash);
    while (file && (file->hash != hash || strcmp(file->path, path) != 0))
        file = file->next;
    return file;
}

static int close_file(struct outputs *outputs, struct file *file, struct error *err)
{
    struct file **link = bucket_of(outputs, file->hash);
    while (*link != file)
        link = &(*link)->next;
    *link = file->next;
    unlink_file(outputs, file);
    outputs->open_count--;
    int result = output_close(file->out, err);
    free(file->path);
    free(file);
    return result;
}

static int check_refused(const struct outputs *outputs, const char *path, struct error *err)
{
    struct stat status;
    if (!outputs->refused_count || stat(path, &status))
        return 0;
    for (size_t i = 0; i < outputs->refused_count; i++)
        if (outputs->refused[i].device == status.st_dev &&
            outputs->refused[i].number == status.st_ino)
            return error_set(err, "%s is both input and output", path);
    return 0;
}

static int open_file(struct outputs *outputs, const char *path, uint64_t hash, struct file **ret,
                     struct error *err)
{
    struct output *out;
    int result = 0;
    if (check_refused(outputs, path, err))
        return -1;
    if (outputs->open_count >= outputs->open_most)
        result = close_file(outputs, outputs->oldest, err);
    if (result)
        return result;
    if (output_open_sized(&out, path, OUTPUTS_BUFFER, err))
        return -1;
    struct file *file = mem_zalloc(sizeof(*file)), **bucket = bucket_of(outputs, hash);
    file->path = mem_strdup(path);
    file->hash = hash;
    file->out = out;
    file->next = *bucket;
    *bucket = file;
    make_newest(outputs, file);
    outputs->open_count++;
    *ret = file;
    return 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static int write_record(struct outputs *outputs, struct file *file, const struct record *r,
                        struct error *err)
{
    file->is_dirty = outputs->is_dirty = true;
    if (r->wire.size)
        return output_write(file->out, r->wire.data, r->wire.size, err);
    return output_write(file->out, outputs->buffer, wire_encode(r, outputs->buffer), err);
}

static int begin_file(struct outputs *outputs, const char *path, const struct record *first,
                      struct file **ret, struct error *err)
{
    const uint64_t hash = hash_bytes(outputs->seed, path, strlen(path));
    struct file *file = find(outputs, path, hash);
    *ret = file;
    if (file) {
        unlink_file(outputs, file);
        make_newest(outputs, file);
        return 0;
    }
    int result = open_file(outputs, path, hash, ret, err);
    if (result || !output_is_new((*ret)->out) || head_is(first))
        return result;
    if (!outputs->has_head)
        head_make(&outputs->head, first);
    return write_record(outputs, *ret, &outputs->head, err);
}

int outputs_write(struct outputs *outputs, const char *path, const struct record *r,
                  uint64_t *ret_size, struct error *err)
{
    struct file *file = outputs->newest;
    int result = 0;
    if (!file || strcmp(file->path, path) != 0)
        result = begin_file(outputs, path, r, &file, err);
    if (!result)
        result = write_record(outputs, file, r, err);
    if (!result && ret_size)
        *ret_size = output_size(file->out);
    return result;
}

int outputs_finish(struct outputs *outputs, const char *path, struct error *err)
{
    struct file *file = find(outputs, path, hash_bytes(outputs->seed, path, strlen(path)));
    return file ? close_file(outputs, file, err) : 0;
}

int outputs_flush(struct outputs *outputs, struct error *err)
{
    for (struct file *file = outputs->newest; outputs->is_dirty && file; file = file->older) {
        int result = file->is_dirty ? output_flush(file->out, err) : 0;
        file->is_dirty = false;
        if (result)
            return result;
    }
    outputs->is_dirty = false;
    return 0;
}

int outputs_close(struct outputs *outputs, struct error *err)
{
    int result = 0;
    struct error next;
    while (outputs->oldest) {
        int one = close_file(outputs, outputs->oldest, &next);
        if (one && !(result < 0)) {
            result = one;
            if (err)
                *err = next;
        }
    }
    free(outputs->buckets);
    free(outputs->refused);
    free(outputs);
    return result;
}
