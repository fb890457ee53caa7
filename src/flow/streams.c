/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/streams.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "record/wire.h"

/*
 * A chunk is handed over when it has so many bytes, and with each job of packets, even when there
 * is nothing in it: it says how far the thread has come.
 */
enum { CHUNKS = 8, CHUNK_BYTES = 64 * 1024 };

/* Followed by the marks and the bytes of a record. */
struct entry {
    uint64_t event;
    nsec_t period_start;
    struct flow_numbers *numbers;
    uint32_t number, ref, from;
    uint32_t bytes; /* of the record; 0: it is a note */
    uint32_t whole; /* of the entry */
    uint32_t note;
};

struct chunk {
    uint8_t *bytes;
    size_t size, capacity;
    uint64_t end; /* all of the events before this one is here, or was before */
};

struct stream {
    struct streams *streams;
    struct chunk chunks[CHUNKS];
    uint64_t event;
    uint8_t *record;                             /* bytes of the one in hand */
    _Alignas(CACHE_LINE) _Atomic uint64_t given; /* chunks, by the thread */
    _Alignas(CACHE_LINE) _Atomic uint64_t taken; /* and by who merges */
    size_t at;                                   /* in the chunk that is being merged */
    uint64_t merged;                             /* nothing of the events before this is to come */
};

struct streams {
    struct streams_output output;
    unsigned count;
    struct stream *of;
    pthread_mutex_t lock; /* who merges has it */
    pthread_cond_t news;
    _Atomic unsigned waiting;
    int result; /* of the first that failed */
    struct error error;
};

/* --- life ------------------------------------------------------------------------------------- */

struct streams *streams_new(unsigned count, const struct streams_output *output)
{
    struct streams *x = mem_zalloc(sizeof(*x));
    x->output = *output;
    x->count = count;
    x->of = mem_zalloc_lines(count * sizeof(*x->of));
    pthread_mutex_init(&x->lock, NULL);
    pthread_cond_init(&x->news, NULL);
    for (unsigned i = 0; i < count; i++) {
        x->of[i].streams = x;
        x->of[i].record = mem_alloc(WIRE_RECORD_MAX);
    }
    return x;
}

void streams_free(struct streams *x)
{
    if (!x)
        return;
    for (unsigned i = 0; i < x->count; i++) {
        for (unsigned j = 0; j < CHUNKS; j++)
            free(x->of[i].chunks[j].bytes);
        free(x->of[i].record);
    }
    pthread_cond_destroy(&x->news);
    pthread_mutex_destroy(&x->lock);
    free(x->of);
    free(x);
}

struct stream *streams_at(struct streams *x, unsigned i)
{
    return &x->of[i];
}

/* --- merging, with the lock held -------------------------------------------------------------- */

static struct chunk *chunk_at(struct stream *s, uint64_t number)
{
    return &s->chunks[number % CHUNKS];
}

/* The stream's next entry; NULL if it has none yet, of any event from s->merged on. */
static const struct entry *peek(struct stream *s)
{
    uint64_t taken = atomic_load_explicit(&s->taken, memory_order_relaxed);
    while (taken < atomic_load(&s->given)) {
        const struct chunk *chunk = chunk_at(s, taken);
        if (s->at < chunk->size)
            return (const void *)(chunk->bytes + s->at);
        s->merged = chunk->end;
        s->at = 0;
        atomic_store(&s->taken, ++taken);
    }
    return NULL;
}

static bool is_before(const struct entry *a, const struct entry *b)
{
    if (a->event != b->event)
        return a->event < b->event;
    if (a->period_start != b->period_start)
        return a->period_start < b->period_start;
    return (int32_t)(a->number - b->number) < 0;
}

/* The stream that has the next entry of all; NULL if that can't be known yet. */
static struct stream *next_stream(struct streams *x, const struct entry **ret)
{
    struct stream *found = NULL;
    uint64_t known = UINT64_MAX; /* up to this event all streams have what they will */
    for (unsigned i = 0; i < x->count; i++) {
        const struct entry *entry = peek(&x->of[i]);
        if (!entry && x->of[i].merged < known)
            known = x->of[i].merged;
        if (entry && (!found || is_before(entry, *ret))) {
            found = &x->of[i];
            *ret = entry;
        }
    }
    return found && (*ret)->event < known ? found : NULL;
}

static void take_note(const struct entry *entry)
{
    switch ((enum stream_note)entry->note) {
    case STREAM_NEW:
        flow_numbers_new(entry->numbers, entry->ref);
        break;
    case STREAM_MOVE:
        flow_numbers_move(entry->numbers, entry->ref, entry->from);
        break;
    case STREAM_JOIN:
        flow_numbers_join(entry->numbers, entry->ref, entry->from);
        break;
    case STREAM_RESTART:
        flow_numbers_restart(entry->numbers);
        break;
    }
}

static void take_record(struct streams *x, const struct entry *entry)
{
    uint8_t *marks = (uint8_t *)(entry + 1), *bytes = marks + x->output.mark_bytes;
    wire_set_sequence(bytes, flow_numbers_get(entry->numbers, entry->ref));
    const struct view record = {bytes, entry->bytes};
    x->result = x->output.write(x->output.arg, marks, record, &x->error);
}

static void merge(struct streams *x)
{
    const struct entry *entry = NULL;
    struct stream *s;
    while (!x->result && (s = next_stream(x, &entry)) != NULL) {
        if (entry->bytes)
            take_record(x, entry);
        else
            take_note(entry);
        s->at += entry->whole;
    }
}

static int result_of(struct streams *x, struct error *err)
{
    if (x->result && err)
        *err = x->error;
    return x->result;
}

/* --- filling a stream ------------------------------------------------------------------------- */

static bool is_full(struct stream *s)
{
    return atomic_load_explicit(&s->given, memory_order_relaxed) - atomic_load(&s->taken) == CHUNKS;
}

/* Merges until there is a free chunk: what the others hand over is waited for. */
static int wait_for_chunk(struct stream *s, struct error *err)
{
    struct streams *x = s->streams;
    pthread_mutex_lock(&x->lock);
    atomic_fetch_add(&x->waiting, 1);
    merge(x);
    while (is_full(s) && !x->result) {
        pthread_cond_wait(&x->news, &x->lock);
        merge(x);
    }
    atomic_fetch_sub(&x->waiting, 1);
    int result = result_of(x, err);
    pthread_mutex_unlock(&x->lock);
    return result;
}

/* Who waits looks again; otherwise what there is is merged, unless another does that. */
static int tell(struct streams *x, struct error *err)
{
    int result = 0;
    if (atomic_load(&x->waiting)) {
        pthread_mutex_lock(&x->lock);
        pthread_cond_broadcast(&x->news);
        pthread_mutex_unlock(&x->lock);
    } else if (!pthread_mutex_trylock(&x->lock)) {
        merge(x);
        result = result_of(x, err);
        pthread_mutex_unlock(&x->lock);
    }
    return result;
}

/* Hands the chunk over, and sees to it that there is another. */
static int give(struct stream *s, uint64_t end, struct error *err)
{
    uint64_t given = atomic_load_explicit(&s->given, memory_order_relaxed);
    chunk_at(s, given)->end = end;
    atomic_store(&s->given, given + 1);
    int result = tell(s->streams, err);
    if (!result && is_full(s))
        result = wait_for_chunk(s, err);
    if (!result)
        chunk_at(s, given + 1)->size = 0;
    return result;
}

static int add(struct stream *s, struct entry *entry, const uint8_t *record, const struct record *r,
               struct error *err)
{
    const struct streams_output *o = &s->streams->output;
    const size_t size =
        entry->bytes ? sizeof(*entry) + o->mark_bytes + entry->bytes : sizeof(*entry);
    const size_t whole = (size + 7) / 8 * 8;
    struct chunk *chunk = chunk_at(s, atomic_load_explicit(&s->given, memory_order_relaxed));
    if (chunk->size && chunk->size + whole > CHUNK_BYTES) {
        int result = give(s, s->event, err);
        if (result)
            return result;
        chunk = chunk_at(s, atomic_load_explicit(&s->given, memory_order_relaxed));
    }
    if (chunk->capacity < chunk->size + whole) {
        chunk->capacity = whole > CHUNK_BYTES ? whole : CHUNK_BYTES;
        chunk->bytes = mem_realloc(chunk->bytes, chunk->capacity);
    }
    uint8_t *to = chunk->bytes + chunk->size;
    entry->event = s->event;
    entry->whole = (uint32_t)whole;
    memcpy(to, entry, sizeof(*entry));
    chunk->size += whole;
    if (!entry->bytes)
        return 0;
    o->mark(o->arg, r, to + sizeof(*entry));
    memcpy(to + sizeof(*entry) + o->mark_bytes, record, entry->bytes);
    return 0;
}

void stream_begin(struct stream *s, uint64_t event)
{
    s->event = event;
}

uint32_t stream_number(const struct stream *s)
{
    return (uint32_t)(s->event % UINT32_MAX) + 1;
}

int stream_note(struct stream *s, struct flow_numbers *numbers, enum stream_note note, uint32_t ref,
                uint32_t from, struct error *err)
{
    struct entry entry = {.numbers = numbers, .note = note, .ref = ref, .from = from};
    if (note == STREAM_RESTART)
        entry.period_start = INT64_MAX; /* after all records of the event */
    return add(s, &entry, NULL, NULL, err);
}

int stream_record(struct stream *s, const struct stream_place *place, const struct record *r,
                  struct error *err)
{
    struct entry entry = {
        .period_start = place->period_start,
        .numbers = place->numbers,
        .number = place->number,
        .ref = place->ref,
        .bytes = (uint32_t)wire_encode(r, s->record),
    };
    return add(s, &entry, s->record, r, err);
}

int stream_end(struct stream *s, uint64_t end, struct error *err)
{
    return give(s, end, err);
}

/* --- the end ---------------------------------------------------------------------------------- */

int streams_finish(struct streams *x, struct error *err)
{
    pthread_mutex_lock(&x->lock);
    merge(x);
    int result = result_of(x, err);
    for (unsigned i = 0; i < x->count && !result; i++)
        check(!peek(&x->of[i]));
    pthread_mutex_unlock(&x->lock);
    return result;
}

void streams_fail(struct streams *x, int result, const struct error *err)
{
    pthread_mutex_lock(&x->lock);
    if (!x->result) {
        x->result = result;
        x->error = *err;
    }
    pthread_cond_broadcast(&x->news);
    pthread_mutex_unlock(&x->lock);
}
