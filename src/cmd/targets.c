/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/targets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "filter/filter.h"
#include "net/journal.h"
#include "record/sink.h"
#include "record/wire.h"

struct target {
    struct sink *sink;
    struct filter *filter; /* NULL: every record */
};

int targets_new(struct targets *ret, const struct output_list *outputs, struct error *err)
{
    static const struct filter_names names = {.reads_files = true};
    *ret = (struct targets){.list = mem_zalloc((outputs->count + 1) * sizeof(*ret->list))};
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output_spec *spec = &outputs->specs[i];
        struct target *target = &ret->list[ret->count++];
        target->sink = sink_new(spec->path);
        if (spec->filter && filter_compile(&target->filter, spec->filter, &names, err))
            return error_prefix(err, "-w %s", spec->path);
    }
    return 0;
}

void targets_set_head(const struct targets *targets, const struct record *mar)
{
    for (size_t i = 0; i < targets->count; i++)
        sink_set_head(targets->list[i].sink, mar);
}

static uint64_t name_of(const struct target *target)
{
    const char *path = sink_path(target->sink);
    return hash_bytes(0, path, strlen(path));
}

/* Notes that the file has all records in front of this position, if it is one that stays. */
static int note(const struct target *target, struct journal *journal, uint64_t position,
                struct error *err)
{
    struct journal_output now = {.path = name_of(target), .position = position};
    if (!sink_is_open(target->sink))
        return 0;
    int result = sink_flush(target->sink, err);
    if (!result && sink_file(target->sink, &now.inode, &now.bytes))
        result = journal_note_output(journal, &now, err);
    return result;
}

/* What the file has is known before it gets its first record. */
static int open_noted(const struct target *target, struct journal *journal, uint64_t position,
                      const struct record *first, struct error *err)
{
    int result = sink_begin_for(target->sink, first, err);
    if (!result)
        result = note(target, journal, position, err);
    return result ? result : journal_flush(journal, err);
}

int targets_write(const struct targets *targets, const struct record *r, struct error *err)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->list[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        int result = 0;
        if (targets->journal && !sink_is_open(target->sink))
            result = open_noted(target, targets->journal, journal_next(targets->journal), r, err);
        if (!result)
            result = sink_write(target->sink, r, err);
        if (result)
            return result;
    }
    return 0;
}

int targets_note(const struct targets *targets, struct error *err)
{
    int result = 0;
    for (size_t i = 0; !result && i < targets->count; i++)
        result = note(&targets->list[i], targets->journal, journal_next(targets->journal), err);
    return result;
}

/* --- after a process was killed --------------------------------------------------------------- */

struct recovery {
    const struct target *target;
    struct journal *journal;
    struct journal_output noted;
    struct journal_piece piece;
    struct record *record;
};

/* Cuts off what the journal does not know of. A file that is another one by now is left alone. */
static int cut_back(const struct recovery *x, struct error *err)
{
    const char *path = sink_path(x->target->sink);
    struct stat status;
    bool is_noted = !stat(path, &status) && S_ISREG(status.st_mode) &&
                    status.st_ino == x->noted.inode && (uint64_t)status.st_size > x->noted.bytes;
    if (is_noted && truncate(path, (off_t)x->noted.bytes))
        return error_errno(err, "%s", path);
    return 0;
}

static int write_again(const struct recovery *x, struct view bytes, struct error *err)
{
    const struct target *target = x->target;
    (void)!wire_decode(bytes, x->record, NULL); /* what can't be decoded passes as it is */
    record_normalise(x->record);
    if (target->filter && !filter_match(target->filter, x->record))
        return 0;
    int result = 0;
    if (!sink_is_open(target->sink))
        result = open_noted(target, x->journal, x->noted.position, x->record, err);
    return result ? result : sink_write(target->sink, x->record, err);
}

/* What the journal has, and the file has not. */
static int write_rest(struct recovery *x, struct error *err)
{
    struct journal_reader reader = {.descriptor = -1};
    uint64_t position = x->noted.position;
    int result = 0;
    do {
        if (journal_read(x->journal, &reader, position, &x->piece))
            result = error_set(err, "%s: the spool cannot be read", sink_path(x->target->sink));
        position += x->piece.lost + x->piece.count;
        for (size_t at = 0; !result && at < x->piece.size;) {
            struct view bytes = {x->piece.to + at, (size_t)load_be16(x->piece.to + at + 2) * 4};
            result = write_again(x, bytes, err);
            at += bytes.size;
        }
    } while (!result && x->piece.size);
    journal_reader_release(&reader);
    return result;
}

int targets_recover(const struct targets *targets, struct error *err)
{
    struct recovery x = {
        .journal = targets->journal,
        .piece = {.to = mem_alloc(WIRE_RECORD_MAX), .most = WIRE_RECORD_MAX},
        .record = mem_zalloc(sizeof(*x.record)),
    };
    int result = 0;
    for (size_t i = 0; !result && i < targets->count; i++) {
        x.target = &targets->list[i];
        if (!journal_find_output(x.journal, name_of(x.target), &x.noted))
            continue;
        result = cut_back(&x, err);
        if (!result)
            result = write_rest(&x, err);
    }
    free(x.piece.to);
    free(x.record);
    if (!result)
        result = targets_note(targets, err);
    return result ? result : journal_flush(x.journal, err);
}

/* --- all of them ------------------------------------------------------------------------------ */

static int each(const struct targets *targets, int (*act)(struct sink *sink, struct error *err),
                struct error *err)
{
    for (size_t i = 0; i < targets->count; i++) {
        int result = act(targets->list[i].sink, err);
        if (result)
            return result;
    }
    return 0;
}

int targets_flush(const struct targets *targets, struct error *err)
{
    return each(targets, sink_flush, err);
}

int targets_end(const struct targets *targets, struct error *err)
{
    return each(targets, sink_end, err);
}

int targets_free(struct targets *targets, struct error *err)
{
    int result = 0;
    for (size_t i = 0; i < targets->count; i++) {
        struct error why;
        int freed = sink_free(targets->list[i].sink, &why);
        if (freed && !result) {
            result = freed;
            *err = why;
        }
        filter_free(targets->list[i].filter);
    }
    free(targets->list);
    *targets = (struct targets){0};
    return result;
}
