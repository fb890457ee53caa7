/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal_scan.h"

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

/* A mark says where its source stands; a record takes the source on by one. */
static void take(struct journal_scan *scan, struct view record, size_t *current)
{
    char name[JOURNAL_SOURCE_MOST];
    struct protocol_place place;
    scan->is_closed = false;
    if (!journal_is_mark(record)) {
        scan->next++;
        if (*current != SIZE_MAX)
            scan->sources->list[*current].place.position++;
        return;
    }
    if (!journal_mark_get(record, name, &place))
        return;
    scan->is_closed = !strcmp(name, JOURNAL_CLOSED);
    if (scan->is_closed)
        return;
    *current = journal_sources_find(scan->sources, name);
    scan->sources->list[*current].place = place;
}

/* What is no record ends the file, as half a record does: a machine that crashed wrote it. */
static int scan_records(struct journal_scan *scan, struct input *in, struct error *err)
{
    size_t size = 4, current = SIZE_MAX;
    for (;;) {
        struct view bytes;
        bool is_padding;
        if (input_peek(in, size, &bytes, err))
            return -1;
        if (bytes.size < size)
            return 0;
        int result = framing_find(bytes, &size, &is_padding, NULL);
        if (result == FRAMING_MORE)
            continue;
        if (result < 0 || is_padding)
            return 0;
        take(scan, (struct view){bytes.data, size}, &current);
        input_advance(in, size);
        scan->end = input_offset(in);
        size = 4;
    }
}

int journal_scan(struct journal_scan *scan, const char *path, struct error *err)
{
    struct input *in;
    struct view bytes;
    struct journal_header header;
    if (input_open(&in, path, err))
        return -1;
    int result = input_peek(in, JOURNAL_HEADER_SIZE, &bytes, err);
    if (!result && (result = journal_header_get(bytes, &header, err)) != 0)
        error_prefix(err, "%s", path);
    if (!result) {
        input_advance(in, JOURNAL_HEADER_SIZE);
        memcpy(scan->boot, header.boot, sizeof(scan->boot));
        scan->next = header.position;
        scan->end = JOURNAL_HEADER_SIZE;
        result = scan_records(scan, in, err);
    }
    input_close(in);
    return result;
}
