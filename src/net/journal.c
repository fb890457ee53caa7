/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/journal_file.h"
#include "net/journal_internal.h"
#include "record/wire.h"

enum { SEGMENTS = 16, SEGMENT_MOST = 32 * 1024 * 1024, BUFFER = 64 * 1024 };

/* How far apart it is said where everything stands. */
enum { PLACES_EVERY = 64 * 1024, PLACES_SHARE = 16 };

char *journal_path(const struct journal *s, uint64_t position)
{
    return mem_printf("%s/%020" PRIu64 ".spool", s->folder, position);
}

/* --- files ------------------------------------------------------------------------------------ */

static int write_all(struct journal *s, const void *bytes, size_t size, struct error *err)
{
    const uint8_t *at = bytes;
    while (size) {
        ssize_t put = write(s->descriptor, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(err, "spool %s", s->folder);
        at += put;
        size -= (size_t)put;
    }
    return 0;
}

/* A reader that is about to open it goes on with the next one. */
static void drop_oldest(struct journal *s)
{
    const struct segment gone = s->segments[0];
    pthread_mutex_lock(&s->lock);
    s->dropped += s->segments[1].position - gone.position - gone.missing;
    s->bytes -= gone.bytes;
    memmove(s->segments, s->segments + 1, --s->count * sizeof(*s->segments));
    pthread_mutex_unlock(&s->lock);
    char *path = journal_path(s, gone.position);
    (void)unlink(path);
    free(path);
}

/* The oldest go before a file is begun, so that a disk that is full has room again. */
static void make_room(struct journal *s)
{
    while (s->bytes + s->segment_most > s->options.limit_bytes && s->count > 1)
        drop_oldest(s);
}

static uint8_t *room_for_place(struct journal *s, size_t size)
{
    s->places = mem_grow(s->places, &s->places_capacity, size + JOURNAL_MARK_MOST, 1);
    return s->places + size;
}

/* The marks that say where everything stands, behind `size` bytes that are there. */
static size_t put_places(struct journal *s, size_t size)
{
    const struct protocol_place here = {s->stream, s->next};
    size += journal_mark_put(room_for_place(s, size), JOURNAL_POSITION, &here);
    for (size_t i = 0; i < s->ended.count; i++)
        size += journal_mark_put(room_for_place(s, size), JOURNAL_ENDED, &s->ended.list[i]);
    for (size_t i = 0; i < s->outputs.count; i++)
        size += journal_output_put(room_for_place(s, size), &s->outputs.list[i]);
    for (size_t i = 0; i < s->sources.count; i++) {
        const struct journal_source *source = &s->sources.list[i];
        size += journal_mark_put(room_for_place(s, size), source->name, &source->place);
    }
    return size;
}

/* `size` bytes say where everything stands; this is not to be most of the file. */
static void places_are_put(struct journal *s, uint64_t file_bytes, size_t size)
{
    size_t apart = size * PLACES_SHARE;
    s->places_due = file_bytes + (apart > PLACES_EVERY ? apart : PLACES_EVERY);
    s->current = SIZE_MAX;
}

/* Each file says by itself where everything stands, so that the last one is enough at the start. */
static int begin_segment(struct journal *s, struct error *err)
{
    struct journal_header header = {.stream = s->stream, .position = s->next};
    make_room(s);
    char *path = journal_path(s, s->next);
    snprintf(header.boot, sizeof(header.boot), "%s", s->boot);
    journal_header_put(room_for_place(s, 0), &header);
    size_t size = put_places(s, JOURNAL_HEADER_SIZE);
    s->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);
    int result = s->descriptor < 0 ? error_errno(err, "%s", path) : 0;
    if (!result && write_all(s, s->places, size, err)) {
        close(s->descriptor);
        s->descriptor = -1;
        (void)unlink(path);
        result = -1;
    }
    free(path);
    if (result)
        return -1;
    places_are_put(s, size, size - JOURNAL_HEADER_SIZE);
    pthread_mutex_lock(&s->lock);
    s->segments = mem_grow(s->segments, &s->capacity, s->count + 1, sizeof(*s->segments));
    s->segments[s->count++] = (struct segment){s->next, s->stream, size, 0};
    s->bytes += size;
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static int end_segment(struct journal *s, struct error *err)
{
    if (s->descriptor < 0)
        return 0;
    int result = fdatasync(s->descriptor) ? error_errno(err, "spool %s", s->folder) : 0;
    close(s->descriptor);
    s->descriptor = -1;
    return result;
}

/* --- what is there at the start --------------------------------------------------------------- */

static int by_position(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    return x->position < y->position ? -1 : x->position > y->position;
}

static int add_found(struct journal *s, const char *name, struct journal_header *ret,
                     struct error *err)
{
    uint8_t bytes[JOURNAL_HEADER_SIZE];
    struct stat status;
    char *path = mem_printf("%s/%s", s->folder, name);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    int result = descriptor < 0 || fstat(descriptor, &status) ? error_errno(err, "%s", path) : 0;
    if (!result) {
        ssize_t got = pread(descriptor, bytes, sizeof(bytes), 0);
        if (got < 0)
            result = error_errno(err, "%s", path);
        else
            result = journal_header_get((struct view){bytes, (size_t)got}, ret, err);
        /* Killed while it was begun: nothing of it was shown to anybody. */
        if (result && got >= 0 && got < JOURNAL_HEADER_SIZE)
            result = unlink(path) ? error_errno(err, "%s", path) : 1;
        else if (result && got >= 0)
            error_prefix(err, "%s", path);
    }
    if (descriptor >= 0)
        close(descriptor);
    free(path);
    if (result)
        return result < 0 ? -1 : 0;
    s->segments = mem_grow(s->segments, &s->capacity, s->count + 1, sizeof(*s->segments));
    s->segments[s->count++] =
        (struct segment){ret->position, ret->stream, (uint64_t)status.st_size, 0};
    s->bytes += (uint64_t)status.st_size;
    return 0;
}

static int list_segments(struct journal *s, struct error *err)
{
    struct journal_header header;
    DIR *folder = opendir(s->folder);
    if (!folder)
        return error_errno(err, "%s", s->folder);
    int result = 0;
    const struct dirent *entry;
    while (!result && (entry = readdir(folder)) != NULL) {
        const char *dot = strchr(entry->d_name, '.');
        if (dot && dot != entry->d_name && !strcmp(dot, ".spool"))
            result = add_found(s, entry->d_name, &header, err);
    }
    closedir(folder);
    if (s->count)
        qsort(s->segments, s->count, sizeof(*s->segments), by_position);
    return result;
}

static int scan_last(struct journal *s, struct journal_scan *ret, struct error *err)
{
    char *path = journal_path(s, s->segments[s->count - 1].position);
    *ret = (struct journal_scan){.sources = &s->sources,
                                 .streams = &s->ended,
                                 .outputs = &s->outputs,
                                 .note = s->options.note,
                                 .arg = s->options.arg};
    int result = journal_scan(ret, path, err);
    free(path);
    return result;
}

/* Something that is of no use, but may be to somebody, makes room for a file of the same name. */
static int set_aside(struct journal *s, struct error *err)
{
    char *path = journal_path(s, s->segments[s->count - 1].position);
    char *aside = mem_printf("%s.damaged", path);
    int result = rename(path, aside) ? error_errno(err, "%s", path) : 0;
    free(path);
    free(aside);
    return result;
}

/* The last file has no record, and is written anew. It may lack marks, which the one before has. */
static int give_up_last(struct journal *s, struct error *err)
{
    struct journal_scan scan;
    s->bytes -= s->segments[--s->count].bytes;
    if (!s->count)
        return 0;
    journal_sources_release(&s->sources);
    return scan_last(s, &scan, err);
}

/* Takes away half a record at the end. Something else there is left as it is. */
static int cut_last(struct journal *s, const struct journal_scan *scan, struct error *err)
{
    struct segment *last = &s->segments[s->count - 1];
    if (scan->is_damaged)
        return 0;
    char *path = journal_path(s, last->position);
    int result = truncate(path, (off_t)scan->end) ? error_errno(err, "%s", path) : 0;
    free(path);
    s->bytes -= last->bytes - scan->end;
    last->bytes = scan->end;
    return result;
}

/*
 * Goes on behind the last file. It is the same stream if nobody can have got a record of it that is
 * not here.
 */
static int go_on(struct journal *s, struct error *err)
{
    struct journal_scan scan;
    if (scan_last(s, &scan, err) || cut_last(s, &scan, err))
        return -1;
    const bool is_same_boot = *s->boot && !strncmp(scan.boot, s->boot, sizeof(s->boot));
    s->next = scan.next;
    if (scan.is_closed) /* the files have all, and what others do with them since is theirs */
        s->outputs.count = 0;
    if (!scan.is_damaged && (is_same_boot || scan.is_closed))
        s->stream = scan.stream;
    else
        journal_streams_add(&s->ended, &(struct protocol_place){scan.stream, scan.next});
    if (scan.next != s->segments[s->count - 1].position)
        return 0;
    if (scan.is_damaged && set_aside(s, err))
        return -1;
    return give_up_last(s, err);
}

static int lock_folder(struct journal *s, struct error *err)
{
    if (mkdir(s->folder, 0750) && errno != EEXIST)
        return error_errno(err, "%s", s->folder);
    s->lock_file = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->lock_file < 0)
        return error_errno(err, "%s", s->folder);
    if (flock(s->lock_file, LOCK_EX | LOCK_NB))
        return error_set(err, "%s: another process uses this spool", s->folder);
    return 0;
}

int journal_open(struct journal **ret, const struct journal_options *options, struct error *err)
{
    struct journal *s = mem_zalloc(sizeof(*s));
    s->options = *options;
    s->folder = mem_strdup(options->folder);
    s->lock_file = s->descriptor = -1;
    s->stream = options->stream;
    s->current = SIZE_MAX;
    s->segment_most = options->limit_bytes / SEGMENTS;
    if (s->segment_most > SEGMENT_MOST)
        s->segment_most = SEGMENT_MOST;
    snprintf(s->boot, sizeof(s->boot), "%s", options->boot);
    s->buffer = mem_alloc(BUFFER + WIRE_RECORD_MAX);
    pthread_mutex_init(&s->lock, NULL);
    if (lock_folder(s, err) || list_segments(s, err) || (s->count && go_on(s, err)) ||
        begin_segment(s, err)) {
        journal_close(s, NULL);
        return -1;
    }
    *ret = s;
    return 0;
}

int journal_close(struct journal *s, struct error *err)
{
    if (!s)
        return 0;
    uint8_t mark[JOURNAL_MARK_MOST];
    int result = 0;
    if (s->descriptor >= 0) {
        result = journal_flush(s, err);
        const struct protocol_place end = {s->stream, s->next};
        size_t size = journal_mark_put(mark, JOURNAL_CLOSED, &end);
        if (!result && !s->lacks_some)
            result = write_all(s, mark, size, err);
        if (end_segment(s, err))
            result = -1;
    }
    if (s->lock_file >= 0)
        close(s->lock_file);
    pthread_mutex_destroy(&s->lock);
    journal_sources_release(&s->sources);
    journal_outputs_release(&s->outputs);
    free(s->segments);
    free(s->places);
    free(s->buffer);
    free(s->folder);
    free(s);
    return result;
}

/* --- writing ---------------------------------------------------------------------------------- */

uint64_t journal_stream(const struct journal *s)
{
    return s->stream;
}

uint64_t journal_next(const struct journal *s)
{
    return s->next + s->buffered_records;
}

uint64_t journal_written(const struct journal *s)
{
    return s->next;
}

bool journal_source(const struct journal *s, const char *source, struct protocol_place *ret)
{
    for (size_t i = 0; i < s->sources.count; i++) {
        if (strcmp(s->sources.list[i].name, source) != 0)
            continue;
        *ret = s->sources.list[i].place;
        return true;
    }
    return false;
}

/* With the lock. The end of an older stream, by the files that it has here. */
static bool find_end(const struct journal *s, uint64_t stream, uint64_t *ret)
{
    for (size_t i = 0; i + 1 < s->count; i++) {
        *ret = s->segments[i + 1].position;
        if (s->segments[i].stream == stream && s->segments[i + 1].stream != stream)
            return true;
    }
    return false;
}

bool journal_resume(struct journal *s, const struct protocol_place *place, uint64_t *ret)
{
    uint64_t end;
    *ret = place->position;
    if (place->stream == s->stream)
        return true;
    pthread_mutex_lock(&s->lock);
    bool is_older =
        journal_streams_find(&s->ended, place->stream, &end) || find_end(s, place->stream, &end);
    pthread_mutex_unlock(&s->lock);
    if (is_older && end < *ret) /* what is behind the end is not here */
        *ret = end;
    return is_older;
}

/* A mark, if the record does not follow the one before it of its source. */
static void add_mark(struct journal *s, const char *source, const struct protocol_place *place)
{
    size_t index = journal_sources_find(&s->sources, source);
    struct protocol_place *known = &s->sources.list[index].place;
    bool follows = !place || (known->stream == place->stream && known->position == place->position);
    if (!follows)
        *known = *place;
    if (index != s->current || !follows)
        s->buffered += journal_mark_put(s->buffer + s->buffered, source, known);
    s->current = index;
    known->position++;
}

int journal_add(struct journal *s, struct view record, const char *source,
                const struct protocol_place *place, struct error *err)
{
    if (s->buffered + JOURNAL_MARK_MOST > BUFFER && journal_flush(s, err))
        return -1;
    if (s->descriptor < 0 && begin_segment(s, err))
        return -1;
    add_mark(s, source ? source : "", place);
    memcpy(s->buffer + s->buffered, record.data, record.size);
    s->buffered += record.size;
    s->buffered_records++;
    return 0;
}

int journal_note_output(struct journal *s, const struct journal_output *output, struct error *err)
{
    if (s->buffered + JOURNAL_MARK_MOST > BUFFER && journal_flush(s, err))
        return -1;
    if (s->descriptor < 0 && begin_segment(s, err))
        return -1;
    journal_outputs_put(&s->outputs, output);
    s->buffered += journal_output_put(s->buffer + s->buffered, output);
    return 0;
}

bool journal_find_output(const struct journal *s, uint64_t path, struct journal_output *ret)
{
    for (size_t i = 0; i < s->outputs.count; i++) {
        *ret = s->outputs.list[i];
        if (ret->path == path)
            return true;
    }
    return false;
}

/* With all written. That this fails does no harm: it is tried again. */
static void write_places(struct journal *s, struct segment *last)
{
    size_t size = put_places(s, 0);
    if (write_all(s, s->places, size, NULL)) {
        (void)!ftruncate(s->descriptor, (off_t)last->bytes);
        return;
    }
    pthread_mutex_lock(&s->lock);
    last->bytes += size;
    s->bytes += size;
    pthread_mutex_unlock(&s->lock);
    places_are_put(s, last->bytes, size);
}

int journal_flush(struct journal *s, struct error *err)
{
    if (!s->buffered)
        return 0;
    struct segment *last = &s->segments[s->count - 1];
    if (write_all(s, s->buffer, s->buffered, err)) {
        /* It may be tried again, and must not be half there. */
        (void)!ftruncate(s->descriptor, (off_t)last->bytes);
        return -1;
    }
    pthread_mutex_lock(&s->lock);
    last->bytes += s->buffered;
    s->bytes += s->buffered;
    s->next += s->buffered_records;
    pthread_mutex_unlock(&s->lock);
    s->buffered = s->buffered_records = 0;
    if (last->bytes >= s->segment_most)
        return end_segment(s, err) || begin_segment(s, err) ? -1 : 0;
    if (last->bytes >= s->places_due)
        write_places(s, last);
    return 0;
}

/* A file without a record says nothing, and would stand where another one is to begin. */
static void drop_empty(struct journal *s)
{
    char *path = journal_path(s, s->next);
    (void)unlink(path);
    free(path);
    pthread_mutex_lock(&s->lock);
    s->bytes -= s->segments[--s->count].bytes;
    pthread_mutex_unlock(&s->lock);
}

int journal_skip(struct journal *s, uint64_t position, struct error *err)
{
    s->lacks_some = true;
    if (journal_flush(s, err) || end_segment(s, err))
        return -1;
    if (s->count && s->segments[s->count - 1].position == s->next)
        drop_empty(s);
    pthread_mutex_lock(&s->lock);
    if (s->count)
        s->segments[s->count - 1].missing += position - s->next;
    s->next = position;
    pthread_mutex_unlock(&s->lock);
    s->lacks_some = false;
    return begin_segment(s, err);
}

void journal_get_counts(struct journal *s, struct journal_counts *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = (struct journal_counts){s->bytes, s->count, s->dropped};
    pthread_mutex_unlock(&s->lock);
}
