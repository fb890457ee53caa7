/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/journal_file.h"
#include "net/journal_scan.h"
#include "record/wire.h"

enum { SEGMENTS = 16, SEGMENT_MOST = 32 * 1024 * 1024, BUFFER = 64 * 1024 };

struct segment {
    uint64_t position, stream, bytes;
};

struct journal {
    struct journal_options options;
    char *folder;
    int lock_file; /* locked: the spool is ours */
    int descriptor;
    uint64_t segment_most;
    char boot[40];
    uint64_t stream;
    struct journal_sources sources;
    size_t current; /* index of the source of the record added last; SIZE_MAX: none */
    uint8_t *buffer;
    size_t buffered, buffered_records;

    pthread_mutex_t lock;     /* for all below, which the reader looks at */
    struct segment *segments; /* in order; the last one is written to */
    size_t count, capacity;
    uint64_t next; /* position behind what is written */
    uint64_t bytes, dropped;
};

static char *path_of(const struct journal *s, uint64_t position)
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

/* Each file says by itself where all sources stand, so that the last one is enough at the start. */
static int begin_segment(struct journal *s, struct error *err)
{
    uint8_t bytes[JOURNAL_MARK_MOST];
    struct journal_header header = {.stream = s->stream, .position = s->next};
    char *path = path_of(s, s->next);
    snprintf(header.boot, sizeof(header.boot), "%s", s->boot);
    s->descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);
    int result = s->descriptor < 0 ? error_errno(err, "%s", path) : 0;
    free(path);
    if (result)
        return -1;
    uint64_t size = JOURNAL_HEADER_SIZE;
    journal_header_put(bytes, &header);
    if (write_all(s, bytes, JOURNAL_HEADER_SIZE, err))
        return -1;
    for (size_t i = 0; i < s->sources.count; i++) {
        const struct journal_source *source = &s->sources.list[i];
        size_t mark = journal_mark_put(bytes, source->name, &source->place);
        if (write_all(s, bytes, mark, err))
            return -1;
        size += mark;
    }
    s->current = SIZE_MAX;
    pthread_mutex_lock(&s->lock);
    s->segments = mem_grow(s->segments, &s->capacity, s->count + 1, sizeof(*s->segments));
    s->segments[s->count++] = (struct segment){s->next, s->stream, size};
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

static void drop_oldest(struct journal *s)
{
    char *path = path_of(s, s->segments[0].position);
    (void)unlink(path);
    free(path);
    pthread_mutex_lock(&s->lock);
    s->dropped += s->segments[1].position - s->segments[0].position;
    s->bytes -= s->segments[0].bytes;
    memmove(s->segments, s->segments + 1, --s->count * sizeof(*s->segments));
    pthread_mutex_unlock(&s->lock);
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
        (struct segment){ret->position, ret->stream, (uint64_t)status.st_size};
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

/* The last file has no record, and is written anew. It may lack marks, which the one before has. */
static int give_up_last(struct journal *s, struct error *err)
{
    s->bytes -= s->segments[--s->count].bytes;
    if (!s->count)
        return 0;
    struct journal_scan scan = {.sources = &s->sources};
    char *path = path_of(s, s->segments[s->count - 1].position);
    journal_sources_release(&s->sources);
    int result = journal_scan(&scan, path, err);
    free(path);
    return result;
}

/* Goes on behind the last file, of which half a record at the end is taken away. */
static int go_on(struct journal *s, struct error *err)
{
    struct segment *last = &s->segments[s->count - 1];
    struct journal_scan scan = {.sources = &s->sources};
    char *path = path_of(s, last->position);
    int result = journal_scan(&scan, path, err);
    if (!result && truncate(path, (off_t)scan.end))
        result = error_errno(err, "%s", path);
    free(path);
    if (result)
        return -1;
    s->bytes -= last->bytes - scan.end;
    last->bytes = scan.end;
    s->next = scan.next;
    bool is_same_boot = *s->boot && !strncmp(scan.boot, s->boot, sizeof(s->boot));
    s->stream = is_same_boot || scan.is_closed ? last->stream : s->options.stream;
    return scan.next == last->position ? give_up_last(s, err) : 0;
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
        size_t size = journal_mark_put(mark, JOURNAL_CLOSED, &(struct protocol_place){0});
        result = journal_flush(s, err);
        if (!result)
            result = write_all(s, mark, size, err);
        if (end_segment(s, err))
            result = -1;
    }
    if (s->lock_file >= 0)
        close(s->lock_file);
    pthread_mutex_destroy(&s->lock);
    journal_sources_release(&s->sources);
    free(s->segments);
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

/* With the lock. What is behind the end of a stream of an older number is not here. */
static bool find_older(const struct journal *s, const struct protocol_place *place, uint64_t *ret)
{
    for (size_t i = 0; i < s->count; i++) {
        bool is_end = i + 1 < s->count && s->segments[i + 1].stream != place->stream;
        if (s->segments[i].stream != place->stream || !is_end)
            continue;
        uint64_t end = s->segments[i + 1].position;
        *ret = place->position < end ? place->position : end;
        return true;
    }
    return false;
}

bool journal_resume(struct journal *s, const struct protocol_place *place, uint64_t *ret)
{
    *ret = place->position;
    if (place->stream == s->stream)
        return true;
    pthread_mutex_lock(&s->lock);
    bool is_older = find_older(s, place, ret);
    pthread_mutex_unlock(&s->lock);
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
    add_mark(s, source ? source : "", place);
    memcpy(s->buffer + s->buffered, record.data, record.size);
    s->buffered += record.size;
    s->buffered_records++;
    return 0;
}

int journal_flush(struct journal *s, struct error *err)
{
    if (!s->buffered_records)
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
    if (last->bytes < s->segment_most)
        return 0;
    if (end_segment(s, err) || begin_segment(s, err))
        return -1;
    while (s->bytes + s->segment_most > s->options.limit_bytes && s->count > 2)
        drop_oldest(s);
    return 0;
}

void journal_get_counts(struct journal *s, struct journal_counts *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = (struct journal_counts){s->bytes, s->count, s->dropped};
    pthread_mutex_unlock(&s->lock);
}

/* --- reading ---------------------------------------------------------------------------------- */

void journal_reader_release(struct journal_reader *reader)
{
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    *reader = (struct journal_reader){.descriptor = -1};
}

/* The file that has the position, or the first one behind it; and up to where it can be read. */
static bool find_segment(struct journal *s, uint64_t position, uint64_t *ret_first,
                         uint64_t *ret_end)
{
    bool is_there = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->count && !is_there; i++) {
        uint64_t end = i + 1 < s->count ? s->segments[i + 1].position : UINT64_MAX;
        is_there = position < end && s->segments[i].position < s->next;
        *ret_first = s->segments[i].position;
        *ret_end = end;
    }
    pthread_mutex_unlock(&s->lock);
    return is_there;
}

static int open_segment(struct journal *s, struct journal_reader *r, uint64_t position)
{
    uint64_t first, end;
    journal_reader_release(r);
    if (!find_segment(s, position, &first, &end))
        return 1;
    char *path = path_of(s, first);
    r->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    free(path);
    r->first = r->position = first;
    r->offset = JOURNAL_HEADER_SIZE;
    r->end = end;
    return r->descriptor < 0 ? -1 : 0;
}

/* What is written may be read, of a file that grows, too. *ret_end: the position behind it. */
static void update_end(struct journal *s, struct journal_reader *r, uint64_t *ret_end)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = s->count; i-- > 0 && s->segments[i].position > r->first;)
        r->end = s->segments[i].position;
    *ret_end = r->end < s->next ? r->end : s->next;
    pthread_mutex_unlock(&s->lock);
}

/* Reads some bytes and keeps of them the whole records from `position` on. */
static int read_some(struct journal_reader *r, uint64_t position, uint64_t end,
                     struct journal_piece *piece)
{
    ssize_t got = pread(r->descriptor, piece->to, piece->most, (off_t)r->offset);
    if (got < 0)
        return -1;
    size_t at = 0;
    while (r->position < end && (size_t)got - at >= 4) {
        struct view record = {piece->to + at, (size_t)load_be16(piece->to + at + 2) * 4};
        if (record.size < 4 || record.size > (size_t)got - at)
            break;
        at += record.size;
        if (journal_is_mark(record))
            continue;
        if (r->position++ >= position) {
            memmove(piece->to + piece->size, record.data, record.size);
            piece->size += record.size;
            piece->count++;
        }
    }
    r->offset += at;
    return at ? 0 : -1;
}

int journal_read(struct journal *s, struct journal_reader *r, uint64_t position,
                 struct journal_piece *piece)
{
    uint64_t end;
    piece->size = 0;
    piece->count = piece->lost = 0;
    if (r->descriptor >= 0)
        update_end(s, r, &end);
    if (r->descriptor < 0 || r->position != position || position >= r->end) {
        int result = open_segment(s, r, position);
        if (result)
            return result < 0 ? -1 : 0;
        update_end(s, r, &end);
        if (r->position > position) {
            piece->lost = r->position - position;
            position = r->position;
        }
    }
    while (!piece->size && r->position < end)
        if (read_some(r, position, end, piece))
            return -1;
    return 0;
}
