/* SPDX-License-Identifier: Apache-2.0 */
#include "record/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/mem.h"
#include "record/framing.h"
#include "record/wire.h"

struct source {
    struct input *in;
    struct record *record; /* the one given last */
    struct record *head;
    bool head_pending; /* the head is the first record that is given */
};

/* --- the head: whatever it claims, 128 bytes with the cookie in their place ------------------- */

static int read_head(struct source *s, struct error *err)
{
    struct view bytes;
    if (input_peek(s->in, WIRE_MAR_SIZE, &bytes, err) && !bytes.size)
        return -1;
    if (!bytes.size)
        return error_set(err, "%s: empty file", input_name(s->in));
    if (framing_check_head(bytes, err))
        return error_prefix(err, "%s", input_name(s->in));
    framing_decode_head(bytes, s->head);
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
    size_t size = 4;
    bool is_padding;
    struct error wrong;
    for (;;) {
        bool failed = input_peek(s->in, size, ret, err);
        if (!ret->size)
            return failed ? -1 : SOURCE_END;
        if (ret->size < size)
            return failed && size > 4 ? -1 : cut_off(s, ret->size, size, err);
        int result = framing_find(*ret, &size, &is_padding, &wrong);
        if (result < 0)
            return damaged(s, wrong.text, err);
        if (is_padding)
            input_advance(s->in, 4);
        else if (!result) {
            ret->size = size;
            return 0;
        }
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

int source_descriptor(const struct source *s)
{
    return input_descriptor(s->in);
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
