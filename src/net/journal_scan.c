/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal_scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/mem.h"
#include "record/framing.h"

size_t journal_sources_find(struct journal_sources *sources, const char *name)
{
    size_t i = 0;
    while (i < sources->count && strncmp(sources->list[i].name, name, JOURNAL_SOURCE_MOST - 1) != 0)
        i++;
    if (i == sources->count) {
        sources->list = mem_grow(sources->list, &sources->capacity, i + 1, sizeof(*sources->list));
        sources->list[i] = (struct journal_source){{0}, {0}};
        snprintf(sources->list[i].name, JOURNAL_SOURCE_MOST, "%s", name);
        sources->count++;
    }
    return i;
}

void journal_sources_release(struct journal_sources *sources)
{
    free(sources->list);
    *sources = (struct journal_sources){0};
}

void journal_streams_add(struct journal_streams *streams, const struct protocol_place *end)
{
    uint64_t known;
    if (journal_streams_find(streams, end->stream, &known))
        return;
    if (streams->count == JOURNAL_STREAMS)
        memmove(streams->list, streams->list + 1, --streams->count * sizeof(*streams->list));
    streams->list[streams->count++] = *end;
}

bool journal_streams_find(const struct journal_streams *streams, uint64_t stream, uint64_t *ret_end)
{
    for (size_t i = 0; i < streams->count; i++) {
        *ret_end = streams->list[i].position;
        if (streams->list[i].stream == stream)
            return true;
    }
    return false;
}

void journal_outputs_put(struct journal_outputs *outputs, const struct journal_output *output)
{
    size_t i = 0;
    while (i < outputs->count && outputs->list[i].path != output->path)
        i++;
    if (i == outputs->count) {
        outputs->list = mem_grow(outputs->list, &outputs->capacity, i + 1, sizeof(*outputs->list));
        outputs->count++;
    }
    outputs->list[i] = *output;
}

void journal_outputs_release(struct journal_outputs *outputs)
{
    free(outputs->list);
    *outputs = (struct journal_outputs){0};
}

size_t journal_output_put(uint8_t bytes[JOURNAL_MARK_MOST], const struct journal_output *output)
{
    char name[JOURNAL_SOURCE_MOST];
    const struct protocol_place place = {output->position, output->bytes};
    snprintf(name, sizeof(name), JOURNAL_OUTPUT "%016" PRIx64 " %016" PRIx64, output->path,
             output->inode);
    return journal_mark_put(bytes, name, &place);
}

static void take_output(struct journal_scan *scan, const char *name,
                        const struct protocol_place *place)
{
    struct journal_output output = {.position = place->stream, .bytes = place->position};
    if (sscanf(name + 1, "%" SCNx64 " %" SCNx64, &output.path, &output.inode) == 2)
        journal_outputs_put(scan->outputs, &output);
}

/* --- one file --------------------------------------------------------------------------------- */

struct walk {
    struct journal_scan *scan;
    const char *path;
    struct input *in;
    size_t current; /* index of the source of the records; SIZE_MAX: not known */
};

static void tell(const struct walk *w, uint64_t offset, const char *format, ...) PRINTF_LIKE(3, 4);
static void tell(const struct walk *w, uint64_t offset, const char *format, ...)
{
    char text[400];
    va_list args;
    if (!w->scan->note)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const struct event event = journal_damage(w->path, offset, text);
    w->scan->note(w->scan->arg, &event);
}

/* The place says how many records there were in front of it; if these are others, some are bad. */
static void take_position(struct walk *w, uint64_t position)
{
    if (position != w->scan->next)
        tell(w, input_offset(w->in),
             "damaged in front of it: record %" PRIu64 " comes where %" PRIu64 " is expected",
             position, w->scan->next);
    w->scan->next = position;
}

/* A mark says where its source stands; a record takes the source on by one. */
static void take(struct walk *w, struct view record)
{
    struct journal_scan *scan = w->scan;
    char name[JOURNAL_SOURCE_MOST];
    struct protocol_place place;
    uint64_t position;
    scan->is_closed = false;
    if (!journal_is_mark(record)) {
        scan->next++;
        if (w->current != SIZE_MAX)
            scan->sources->list[w->current].place.position++;
        return;
    }
    if (!journal_mark_get(record, name, &place))
        return;
    if (journal_position_get(record, scan->stream, &position))
        take_position(w, position);
    scan->is_closed = !strcmp(name, JOURNAL_CLOSED);
    if (!strcmp(name, JOURNAL_ENDED))
        journal_streams_add(scan->streams, &place);
    else if (!strncmp(name, JOURNAL_OUTPUT, 1))
        take_output(scan, name, &place);
    else if (strcmp(name, JOURNAL_POSITION) != 0 && !scan->is_closed) {
        w->current = journal_sources_find(scan->sources, name);
        scan->sources->list[w->current].place = place;
    }
}

/* Goes to the next mark with a position. False: there is none. */
static bool find_mark(struct walk *w)
{
    struct view bytes;
    uint64_t position;
    while (!input_peek(w->in, JOURNAL_POSITION_SIZE, &bytes, NULL) &&
           bytes.size >= JOURNAL_POSITION_SIZE) {
        if (journal_position_get(bytes, w->scan->stream, &position))
            return true;
        input_advance(w->in, 4);
    }
    return false;
}

/*
 * What is no record is damage, unless it is half a record at the end: that is what a process leaves
 * that was killed. Returns true if there is more of the file behind it.
 */
static bool pass_damage(struct walk *w, bool is_half, const struct error *why)
{
    const uint64_t from = input_offset(w->in);
    const bool is_found = find_mark(w);
    const uint64_t to = input_offset(w->in) + (is_found ? 0 : input_available(w->in));
    if (is_found || !is_half)
        tell(w, from, "damaged: %s; %" PRIu64 " bytes are left out", why->text, to - from);
    w->current = SIZE_MAX;
    w->scan->is_damaged = !is_found && !is_half;
    return is_found;
}

static int walk(struct walk *w, struct error *err)
{
    size_t size = 4;
    for (;;) {
        struct view bytes;
        struct error why = {"it ends in the middle of a record"};
        if (input_peek(w->in, size, &bytes, err))
            return -1;
        if (!bytes.size)
            return 0;
        int result = journal_find(bytes, w->scan->stream, &size, &why);
        if (result == FRAMING_MORE && bytes.size >= size)
            continue;
        if (result) {
            if (!pass_damage(w, result == FRAMING_MORE, &why))
                return 0;
        } else {
            take(w, (struct view){bytes.data, size});
            input_advance(w->in, size);
            w->scan->end = input_offset(w->in);
        }
        size = 4;
    }
}

int journal_scan(struct journal_scan *scan, const char *path, struct error *err)
{
    struct walk w = {.scan = scan, .path = path, .current = SIZE_MAX};
    struct view bytes;
    struct journal_header header;
    if (input_open(&w.in, path, err))
        return -1;
    int result = input_peek(w.in, JOURNAL_HEADER_SIZE, &bytes, err);
    if (!result && (result = journal_header_get(bytes, &header, err)) != 0)
        error_prefix(err, "%s", path);
    if (!result) {
        input_advance(w.in, JOURNAL_HEADER_SIZE);
        memcpy(scan->boot, header.boot, sizeof(scan->boot));
        scan->stream = header.stream;
        scan->next = header.position;
        scan->end = JOURNAL_HEADER_SIZE;
        scan->is_closed = scan->is_damaged = false;
        result = walk(&w, err);
    }
    input_close(w.in);
    return result;
}
