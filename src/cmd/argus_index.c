/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_index.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/message.h"
#include "index/builder.h"
#include "index/capture_id.h"
#include "index/catalog.h"
#include "index/sealing.h"

struct argus_index {
    struct index_options options;
    struct catalog catalog; /* what was there before */
    const struct series *series;
    struct index_file {
        struct index_builder *builder; /* NULL: not begun, or not wanted */
        bool is_begun;
    } * files;
    struct sealing sealing;
    unsigned count, troubles;
};

int argus_index_new(struct argus_index **ret, const struct argus_options *options,
                    struct error *err)
{
    const char *temp = getenv("TMPDIR");
    struct argus_index *x = mem_zalloc(sizeof(*x));
    *ret = x;
    x->options = (struct index_options){
        .folder = options->index,
        .filter = options->packet_filter,
        .temp_folder = temp && *temp ? temp : options->index,
        .memory = options->index_bytes,
        .decode = options->decode,
    };
    if (mkdir(options->index, 0777) && errno != EEXIST)
        return error_errno(err, "--index %s", options->index);
    return catalog_read(&x->catalog, options->index, err);
}

static void settle(struct argus_index *x)
{
    struct error err;
    if (!sealing_wait(&x->sealing, &err))
        return;
    message_error(&err);
    x->troubles++;
}

void argus_index_free(struct argus_index *x)
{
    if (!x)
        return;
    settle(x);
    for (unsigned i = 0; i < x->count; i++)
        index_builder_free(x->files[i].builder);
    catalog_release(&x->catalog);
    free(x->files);
    free(x);
}

void argus_index_begin(struct argus_index *x, const struct series *series)
{
    x->series = series;
    x->count = series_files(series);
    x->files = mem_zalloc(x->count * sizeof(*x->files));
}

/* From here on the file has no segment. */
static void give_up(struct argus_index *x, struct index_file *file, const struct error *err)
{
    message_error(err);
    x->troubles++;
    index_builder_free(file->builder);
    file->builder = NULL;
}

static void begin_file(struct argus_index *x, unsigned input)
{
    struct index_file *file = &x->files[input];
    const char *path = series_name(x->series, input);
    struct capture_id id;
    struct error err;
    file->is_begun = true;
    if (capture_id_of(&id, path, &err)) {
        give_up(x, file, &err);
        return;
    }
    if (!catalog_find(&x->catalog, &id) &&
        index_builder_new(&file->builder, &x->options, path, &err))
        give_up(x, file, &err);
}

static void index_frames(struct argus_index *x, const struct frame *frames,
                         const struct keyed_packet *const *packets, unsigned count)
{
    struct index_file *file = &x->files[frames->input];
    struct error err;
    if (!file->is_begun)
        begin_file(x, frames->input);
    if (file->builder && index_builder_frames(file->builder, frames, packets, count, &err))
        give_up(x, file, &err);
}

void argus_index_frames(struct argus_index *x, const struct frame *frames,
                        const struct keyed_packet *const *packets, unsigned count)
{
    for (unsigned at = 0, end; at < count; at = end) {
        for (end = at + 1; end < count && frames[end].input == frames[at].input;)
            end++;
        index_frames(x, frames + at, packets + at, end - at);
    }
}

void argus_index_file_done(struct argus_index *x, unsigned input)
{
    struct index_file *file = &x->files[input];
    if (!file->builder)
        return;
    settle(x);
    sealing_start(&x->sealing, file->builder);
    file->builder = NULL;
}

unsigned argus_index_finish(struct argus_index *x)
{
    settle(x);
    return x->troubles;
}
