/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "random.h"

enum { LINKTYPE_ETHERNET = 1 };

struct files {
    struct files_options options;
    uint32_t *names; /* number in the name of each file */
    uint32_t opened;
    uint64_t frames; /* so far */
    FILE *file;
    char *path;
};

/* Formats: the IETF drafts draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. */
static size_t put_pcap_header(uint8_t *at, uint32_t magic, uint32_t snap)
{
    store_le32(at, magic);
    store_le16(at + 4, 2);
    store_le16(at + 6, 4);
    store_le32(at + 16, snap);
    store_le32(at + 20, LINKTYPE_ETHERNET);
    return 24;
}

/* A section header block and an interface description block with nanoseconds. */
static size_t put_pcapng_header(uint8_t *at, uint32_t snap)
{
    store_le32(at, 0x0a0d0d0a);
    store_le32(at + 4, 28);
    store_le32(at + 8, 0x1a2b3c4d);
    store_le16(at + 12, 1);
    memset(at + 16, 0xff, 8); /* length of the section: not said */
    store_le32(at + 24, 28);
    at += 28;
    store_le32(at, 1);
    store_le32(at + 4, 32);
    store_le16(at + 8, LINKTYPE_ETHERNET);
    store_le32(at + 12, snap);
    store_le16(at + 16, 9); /* if_tsresol */
    store_le16(at + 18, 1);
    at[20] = 9; /* 10^-9 */
    store_le32(at + 28, 32);
    return 60;
}

static int open_next(struct files *f, struct error *err)
{
    const struct files_options *o = &f->options;
    free(f->path);
    f->path = mem_strdup(o->path);
    if (o->count > 1) {
        free(f->path);
        f->path = mem_printf("%s/capture-%04u.%s", o->path, f->names[f->opened],
                             o->format == FILE_PCAPNG ? "pcapng" : "pcap");
    }
    f->opened++;
    bool is_stdout = o->count == 1 && !strcmp(f->path, "-");
    f->file = is_stdout ? stdout : fopen(f->path, "wb");
    if (!f->file)
        return error_errno(err, "cannot write %s", f->path);
    setvbuf(f->file, NULL, _IOFBF, 1 << 20);

    uint8_t header[64] = {0};
    size_t size = 0;
    if (o->format == FILE_PCAPNG)
        size = put_pcapng_header(header, o->snap);
    else
        size = put_pcap_header(header, o->format == FILE_PCAP ? 0xa1b2c3d4 : 0xa1b23c4d, o->snap);
    if (fwrite(header, size, 1, f->file) != 1)
        return error_errno(err, "cannot write %s", f->path);
    return 0;
}

static int close_this(struct files *f, struct error *err)
{
    FILE *file = f->file;
    f->file = NULL;
    if (file && fclose(file) != 0)
        return error_errno(err, "cannot write %s", f->path);
    return 0;
}

int files_new(struct files **ret, const struct files_options *options, struct error *err)
{
    if (options->count > 1 && mkdir(options->path, 0777) != 0 && errno != EEXIST)
        return error_errno(err, "cannot make the folder %s", options->path);
    struct files *f = mem_zalloc(sizeof(*f));
    struct rng rng;
    f->options = *options;
    f->names = mem_alloc(options->count * sizeof(*f->names));
    rng_init(&rng, options->shuffle_seed, 1);
    for (uint32_t i = 0; i < options->count; i++) {
        uint32_t other = options->shuffle_seed ? rng_below(&rng, i + 1) : i;
        f->names[i] = f->names[other];
        f->names[other] = i;
    }
    *ret = f;
    return 0;
}

static size_t put_frame_header(const struct files *f, uint8_t *at, nsec_t time, uint32_t captured,
                               uint32_t wire)
{
    if (f->options.format == FILE_PCAPNG) {
        store_le32(at, 6); /* enhanced packet block */
        store_le32(at + 4, 32 + (captured + 3) / 4 * 4);
        store_le32(at + 12, (uint32_t)(time >> 32));
        store_le32(at + 16, (uint32_t)time);
        store_le32(at + 20, captured);
        store_le32(at + 24, wire);
        return 28;
    }
    uint32_t fraction = nsec_fraction(time);
    store_le32(at, (uint32_t)nsec_seconds(time));
    store_le32(at + 4, f->options.format == FILE_PCAP ? fraction / 1000 : fraction);
    store_le32(at + 8, captured);
    store_le32(at + 12, wire);
    return 16;
}

int files_put(struct files *f, const struct frame_writer *w, nsec_t time, struct error *err)
{
    const struct files_options *o = &f->options;
    if (f->frames == o->frames_in_all / o->count * f->opened && f->opened < o->count) {
        if (close_this(f, err) != 0 || open_next(f, err) != 0)
            return -1;
    }
    f->frames++;

    uint8_t bytes[28 + FRAME_ROOM + 8];
    memset(bytes, 0, 28);
    uint32_t captured = w->size < o->snap ? w->size : o->snap;
    size_t size = put_frame_header(f, bytes, time, captured, w->wire_size);
    memcpy(bytes + size, w->bytes, captured);
    size += captured;
    if (o->format == FILE_PCAPNG) {
        size_t padding = (4 - captured % 4) % 4;
        memset(bytes + size, 0, padding);
        size += padding;
        store_le32(bytes + size, (uint32_t)size + 4);
        size += 4;
    }
    if (fwrite_unlocked(bytes, size, 1, f->file) != 1)
        return error_errno(err, "cannot write %s", f->path);
    return 0;
}

int files_close(struct files *f, struct error *err)
{
    int result = 0;
    /* Fewer frames than files: the rest of the files hold none. */
    while (result == 0 && f->opened < f->options.count) {
        result = close_this(f, err);
        if (result == 0)
            result = open_next(f, err);
    }
    if (close_this(f, result == 0 ? err : NULL) != 0)
        result = -1;
    free(f->names);
    free(f->path);
    free(f);
    return result;
}
