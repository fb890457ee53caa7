/* SPDX-License-Identifier: Apache-2.0 */
#include "record/sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/datagrams.h"
#include "base/mem.h"
#include "base/output.h"
#include "record/head.h"
#include "record/wire.h"

struct sink {
    char *path;
    struct output *out;          /* NULL until the first record */
    struct datagrams *datagrams; /* in its place, if the path names some */
    struct record *head;
    bool has_head;
    uint64_t records;
    uint8_t buffer[WIRE_RECORD_MAX];
};

struct sink *sink_new(const char *path)
{
    struct sink *s = mem_alloc(sizeof(*s));
    s->path = mem_strdup(path);
    s->out = NULL;
    s->datagrams = NULL;
    s->head = mem_zalloc(sizeof(*s->head));
    s->has_head = false;
    s->records = 0;
    return s;
}

void sink_set_head(struct sink *s, const struct record *mar)
{
    *s->head = *mar;
    s->head->wire.size = 0;
    s->has_head = true;
}

static int write_record(struct sink *s, const struct record *r, struct error *err)
{
    struct view bytes = r->wire;
    if (!bytes.size)
        bytes = (struct view){s->buffer, wire_encode(r, s->buffer)};
    if (!s->datagrams)
        return output_write(s->out, bytes.data, bytes.size, err);
    datagrams_send(s->datagrams, bytes.data, bytes.size);
    return 0;
}

bool sink_is_open(const struct sink *s)
{
    return s->out || s->datagrams;
}

/* *ret_new: it wants a head. */
static int open_path(struct sink *s, bool *ret_new, struct error *err)
{
    *ret_new = true;
    if (datagrams_are_named(s->path))
        return datagrams_open(&s->datagrams, s->path, err);
    if (output_open(&s->out, s->path, err))
        return -1;
    *ret_new = output_is_new(s->out);
    return 0;
}

static int begin(struct sink *s, const struct record *first, struct error *err)
{
    bool is_new;
    if (open_path(s, &is_new, err))
        return -1;
    if (!is_new || head_is(first))
        return 0;
    if (!s->has_head)
        head_make(s->head, first);
    return write_record(s, s->head, err);
}

int sink_write(struct sink *s, const struct record *r, struct error *err)
{
    int result = sink_is_open(s) ? 0 : begin(s, r, err);
    if (result)
        return result;
    s->records++;
    return write_record(s, r, err);
}

int sink_begin(struct sink *s, struct error *err)
{
    bool is_new;
    if (sink_is_open(s))
        return 0;
    check(s->has_head);
    if (open_path(s, &is_new, err))
        return -1;
    return is_new ? write_record(s, s->head, err) : 0;
}

int sink_begin_for(struct sink *s, const struct record *first, struct error *err)
{
    return sink_is_open(s) ? 0 : begin(s, first, err);
}

const char *sink_path(const struct sink *s)
{
    return s->path;
}

bool sink_file(const struct sink *s, uint64_t *ret_inode, uint64_t *ret_bytes)
{
    return s->out && output_file(s->out, ret_inode, ret_bytes);
}

int sink_end(struct sink *s, struct error *err)
{
    if (s->datagrams || !strcmp(s->path, "-"))
        return sink_flush(s, err);
    struct output *out = s->out;
    s->out = NULL;
    return output_close(out, err);
}

int sink_flush(struct sink *s, struct error *err)
{
    return s->out ? output_flush(s->out, err) : 0;
}

uint64_t sink_records(const struct sink *s)
{
    return s->records;
}

int sink_replace(struct sink **ret, const char *path, const struct record *mar, struct error *err)
{
    struct sink *s = sink_new(path);
    sink_set_head(s, mar);
    if (output_replace(&s->out, path, err) || write_record(s, s->head, err)) {
        sink_abandon(s);
        return -1;
    }
    *ret = s;
    return 0;
}

static void release(struct sink *s)
{
    datagrams_close(s->datagrams);
    free(s->path);
    free(s->head);
    free(s);
}

void sink_abandon(struct sink *s)
{
    if (!s)
        return;
    output_abandon(s->out);
    release(s);
}

int sink_free(struct sink *s, struct error *err)
{
    int result = output_close(s->out, err);
    if (s->datagrams)
        result = datagrams_check(s->datagrams, err);
    release(s);
    return result;
}
