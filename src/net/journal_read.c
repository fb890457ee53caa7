/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/journal_file.h"
#include "net/journal_internal.h"

/* Conditions of reading: there is nothing; nothing more is in this file. */
enum { READ_NOTHING = 1, READ_OVER = 2 };

void journal_reader_release(struct journal_reader *reader)
{
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    *reader = (struct journal_reader){.descriptor = -1};
}

static void tell(const struct journal *s, const struct journal_reader *r, const char *what)
{
    char *path = journal_path(s, r->first);
    const struct event event = journal_damage(path, r->offset, what);
    if (s->options.note)
        s->options.note(s->options.arg, &event);
    free(path);
}

/* The file that has the position, or the first one behind it. */
static bool find_segment(struct journal *s, uint64_t position, struct journal_reader *ret)
{
    bool is_there = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count && !is_there; i++) {
        ret->end = i + 1 < s->count ? s->segments[i + 1].position : UINT64_MAX;
        is_there = position < ret->end && s->segments[i].position < s->next;
        ret->first = ret->position = s->segments[i].position;
        ret->stream = s->segments[i].stream;
    }
    pthread_mutex_unlock(&s->lock);
    return is_there;
}

/* A file that is gone, because it was the oldest or somebody removed it, is passed over. */
static int open_segment(struct journal *s, struct journal_reader *r, uint64_t position)
{
    journal_reader_release(r);
    while (find_segment(s, position, r)) {
        char *path = journal_path(s, r->first);
        r->descriptor = open(path, O_RDONLY | O_CLOEXEC);
        free(path);
        r->offset = JOURNAL_HEADER_SIZE;
        if (r->descriptor >= 0)
            return 0;
        if (r->end == UINT64_MAX)
            return -1;
        position = r->end;
    }
    return READ_NOTHING;
}

/* What is written may be read, of a file that grows, too. Returns the position behind it. */
static uint64_t update_end(struct journal *s, struct journal_reader *r)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->count; i-- > 0 && s->segments[i].position > r->first;)
        r->end = s->segments[i].position;
    uint64_t end = r->end < s->next ? r->end : s->next;
    pthread_mutex_unlock(&s->lock);
    return end;
}

/*
 * Goes to the next mark with a position behind a damaged place, by which it is known how many
 * records are missing. The piece is empty, and lends its memory.
 */
static int pass_damage(const struct journal *s, struct journal_reader *r,
                       const struct journal_piece *piece, const struct error *why)
{
    struct error text;
    uint64_t at = r->offset + 4, position;
    ssize_t got;
    while ((got = pread(r->descriptor, piece->to, piece->most, (off_t)at)) >=
           JOURNAL_POSITION_SIZE) {
        struct view rest = {piece->to, (size_t)got};
        for (; rest.size >= JOURNAL_POSITION_SIZE; rest.data += 4, rest.size -= 4) {
            if (!journal_position_get(rest, r->stream, &position))
                continue;
            at += (size_t)(rest.data - piece->to);
            error_set(&text, "damaged: %s; %" PRIu64 " bytes are left out", why->text,
                      at - r->offset);
            tell(s, r, text.text);
            r->offset = at;
            return 0;
        }
        at += (size_t)(rest.data - piece->to);
    }
    error_set(&text, "damaged: %s; the rest of the file is left out", why->text);
    tell(s, r, text.text);
    return READ_OVER;
}

/* Takes a record or a mark. False if it is not for this piece, whose records follow each other. */
static bool take(struct journal_reader *r, struct view record, uint64_t wanted,
                 struct journal_piece *piece)
{
    uint64_t position;
    if (journal_position_get(record, r->stream, &position) && position != r->position) {
        if (piece->count)
            return false;
        r->position = position;
    }
    if (!journal_is_mark(record) && r->position++ >= wanted) {
        memmove(piece->to + piece->size, record.data, record.size);
        piece->size += record.size;
        piece->count++;
    }
    return true;
}

/* Reads some bytes and keeps of them the whole records from `wanted` on. */
static int read_some(const struct journal *s, struct journal_reader *r, uint64_t wanted,
                     uint64_t end, struct journal_piece *piece)
{
    struct error why = {"it ends in the middle of a record"};
    ssize_t got = pread(r->descriptor, piece->to, piece->most, (off_t)r->offset);
    if (got < 0) {
        error_errno(&why, "it cannot be read");
        tell(s, r, why.text);
    }
    if (got <= 0)
        return READ_OVER;
    size_t at = 0, size;
    while (r->position < end) {
        struct view record = {piece->to + at, (size_t)got - at};
        if (journal_find(record, r->stream, &size, &why))
            break;
        record.size = size;
        if (!take(r, record, wanted, piece))
            break;
        at += size;
    }
    r->offset += at;
    return at ? 0 : pass_damage(s, r, piece, &why);
}

/* Reads on in the file that is open. */
static int read_on(struct journal *s, struct journal_reader *r, uint64_t wanted,
                   struct journal_piece *piece)
{
    const uint64_t end = update_end(s, r);
    int result = 0;
    while (!result && !piece->size && r->position < end)
        result = read_some(s, r, wanted, end, piece);
    if (!result && !piece->size && end == r->end)
        result = READ_OVER;
    return result == READ_OVER && r->end == UINT64_MAX ? -1 : result;
}

int journal_read(struct journal *s, struct journal_reader *r, uint64_t position,
                 struct journal_piece *piece)
{
    uint64_t wanted = position;
    int result;
    piece->size = 0;
    piece->count = piece->lost = 0;
    do {
        bool is_open = r->descriptor >= 0 && r->position <= wanted;
        if (is_open)
            update_end(s, r);
        if (!is_open || wanted >= r->end) {
            result = open_segment(s, r, wanted);
            if (result)
                return result == READ_NOTHING ? 0 : -1;
        }
        result = read_on(s, r, wanted, piece);
        if (result == READ_OVER)
            wanted = r->end;
    } while (result == READ_OVER);
    if (piece->size)
        piece->lost = r->position - piece->count - position;
    return result;
}
