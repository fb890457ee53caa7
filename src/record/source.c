/* SPDX-License-Identifier: Apache-2.0 */
#include "record/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/mem.h"
#include "record/wire.h"
#include "record/wire_block.h"

struct source {
    struct input *in;
    struct record *record; /* the one given last */
    struct record *head;
    bool head_pending; /* the head is the first record that is given */
};

enum cookie { COOKIE_V2 = 0xe5617acb, COOKIE_V3 = 0xe5712dcb, COOKIE_V5 = 0xe57150cb };

/* --- the head: whatever it claims, 128 bytes with the cookie in their place ------------------- */

static int check_head(const struct source *s, struct view bytes, struct error *err)
{
    const char *name = input_name(s->in);
    if (!bytes.size)
        return error_set(err, "%s: empty file", name);
    if (bytes.size < WIRE_MAR_SIZE)
        return error_set(err,
                         "%s: not an argus file: %zu bytes, shorter than its first record must be",
                         name, bytes.size);
    uint32_t cookie = load_be32(bytes.data + 8);
    if (cookie == COOKIE_V3 || cookie == COOKIE_V5)
        return 0;
    if (cookie == COOKIE_V2)
        return error_set(err, "%s: argus version 2 data, which is not read", name);
    if (load_le32(bytes.data + 8) == COOKIE_V3 || load_le32(bytes.data + 8) == COOKIE_V5)
        return error_set(
            err, "%s: argus data of a machine of the other byte order, which is not read", name);
    return error_set(err,
                     "%s: not argus data: offset 8 has 0x%08x where 0x%08x (version 3) or 0x%08x "
                     "(version 5) is expected",
                     name, cookie, COOKIE_V3, COOKIE_V5);
}

static int read_head(struct source *s, struct error *err)
{
    struct view bytes;
    if (input_peek(s->in, WIRE_MAR_SIZE, &bytes, err) && !bytes.size)
        return -1;
    if (check_head(s, bytes, err))
        return -1;
    bytes.size = WIRE_MAR_SIZE;
    if (wire_decode(bytes, s->head, err)) {
        /* Some writers are careless with the first record's header; its fields are what counts. */
        s->head->type = RECORD_MAR;
        wire_get_mar(bytes.data, &s->head->mar);
    }
    s->head->wire.size = 0; /* the bytes go, the record stays */
    s->head->offset = 0;
    s->head_pending = true;
    return 0;
}

int source_open(struct source **ret, const char *path, struct error *err)
{
    struct source *s = mem_zalloc(sizeof(*s));
    s->record = mem_zalloc(sizeof(*s->record));
    s->head = mem_zalloc(sizeof(*s->head));
    if (input_open(&s->in, path, err) || read_head(s, err)) {
        source_close(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    input_close(s->in);
    free(s->record);
    free(s->head);
    free(s);
}

/* --- the records ------------------------------------------------------------------------------ */

static int damaged(const struct source *s, const char *wrong, struct error *err)
{
    return error_set(err, "%s: offset %llu: %s", input_name(s->in),
                     (unsigned long long)input_offset(s->in), wrong);
}

static int cut_off(const struct source *s, size_t there, size_t wanted, struct error *err)
{
    return error_set(err, "%s: offset %llu: ends in the middle of a record (%zu of %zu bytes)",
                     input_name(s->in), (unsigned long long)input_offset(s->in), there, wanted);
}

/* Finds the next whole record: 0, SOURCE_END or -1. Words of zeros between records are padding. */
static int find_record(struct source *s, struct view *ret, struct error *err)
{
    for (;;) {
        if (input_peek(s->in, 4, ret, err) && !ret->size)
            return -1;
        if (!ret->size)
            return SOURCE_END;
        if (ret->size < 4)
            return cut_off(s, ret->size, 4, err);
        size_t size = (size_t)load_be16(ret->data + 2) * 4;
        if (size == 0 && ret->data[0] == 0 && ret->data[1] == 0) {
            input_advance(s->in, 4);
            continue;
        }
        if (size == 0)
            return damaged(s, "a record of length 0", err);
        if ((ret->data[0] & 0xf0) == 0)
            return damaged(s, "not a record (type 0)", err);
        if (ret->size < size && input_peek(s->in, size, ret, err) && ret->size < size)
            return -1;
        if (ret->size < size)
            return cut_off(s, ret->size, size, err);
        ret->size = size;
        return 0;
    }
}

/* The head of the input is its first record, byte for byte. */
static int give_head(struct source *s, struct record **ret, struct error *err)
{
    struct view bytes;
    s->head_pending = false;
    if (input_peek(s->in, WIRE_MAR_SIZE, &bytes, err) && bytes.size < WIRE_MAR_SIZE)
        return -1;
    *s->record = *s->head;
    s->record->wire = (struct view){bytes.data, WIRE_MAR_SIZE};
    input_advance(s->in, WIRE_MAR_SIZE);
    *ret = s->record;
    return 0;
}

int source_next(struct source *s, struct record **ret, struct error *err)
{
    struct view bytes;
    if (s->head_pending)
        return give_head(s, ret, err);
    int result = find_record(s, &bytes, err);
    if (result)
        return result;
    uint64_t offset = s->record->offset = input_offset(s->in);
    result = wire_decode(bytes, s->record, err);
    if (result)
        error_prefix(err, "%s: offset %llu", input_name(s->in), (unsigned long long)offset);
    record_normalise(s->record);
    input_advance(s->in, bytes.size);
    *ret = s->record;
    return result ? SOURCE_DAMAGED : 0;
}

bool source_would_wait(struct source *s)
{
    struct view bytes;
    size_t there = input_available(s->in);
    if (s->head_pending)
        return false;
    if (there >= 4 && !input_peek(s->in, 4, &bytes, NULL) &&
        there >= (size_t)load_be16(bytes.data + 2) * 4)
        return false;
    return input_would_wait(s->in);
}

const struct record *source_head(const struct source *s)
{
    return s->head;
}

const char *source_name(const struct source *s)
{
    return input_name(s->in);
}

bool source_is_compressed(const struct source *s)
{
    return input_is_compressed(s->in);
}

uint64_t source_raw_taken(const struct source *s)
{
    return input_raw_taken(s->in);
}

uint64_t source_raw_size(const struct source *s)
{
    return input_raw_size(s->in);
}
