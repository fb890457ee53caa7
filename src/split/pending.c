/* SPDX-License-Identifier: Apache-2.0 */
#include "split/pending.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"

/*
 * A table finds files by path, a heap by when they are due. An end that moves on leaves the heap
 * as it is: when the file comes to the top, it goes down to where it belongs. So a record costs a
 * look into the table, or none if its file is that of the record before.
 */
struct entry {
    struct pending_file file;
    uint64_t hash;
    nsec_t due;    /* as the heap has it */
    nsec_t extend; /* when it is due in truth, never before */
    uint64_t number;
    size_t place; /* in the heap */
    struct entry *next;
};

struct pending {
    nsec_t now, hold;
    size_t most, count, capacity;
    struct entry **heap;
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
    uint64_t seed, number, late;
    struct entry *last;  /* that was added to; NULL: none */
    struct entry *given; /* by pending_next; NULL: none */
};

enum { BUCKETS_FIRST = 64 };

struct pending *pending_new(nsec_t hold, size_t most, uint64_t seed)
{
    struct pending *p = mem_zalloc(sizeof(*p));
    p->now = INT64_MIN;
    p->hold = hold;
    p->most = most ? most : PENDING_MOST;
    p->seed = seed;
    p->bucket_count = BUCKETS_FIRST;
    p->buckets = mem_zalloc(p->bucket_count * sizeof(struct entry *));
    return p;
}

static void free_entry(struct entry *e)
{
    if (e)
        free(e->file.path);
    free(e);
}

void pending_free(struct pending *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->count; i++)
        free_entry(p->heap[i]);
    free_entry(p->given);
    free(p->heap);
    free(p->buckets);
    free(p);
}

void pending_set_time(struct pending *p, nsec_t now)
{
    p->now = now;
}

/* --- the heap --------------------------------------------------------------------------------- */

static bool is_before(const struct entry *a, const struct entry *b)
{
    return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void put(struct pending *p, struct entry *e, size_t place)
{
    p->heap[place] = e;
    e->place = place;
}

static void sift_up(struct pending *p, struct entry *e)
{
    size_t at = e->place;
    for (; at && is_before(e, p->heap[(at - 1) / 2]); at = (at - 1) / 2)
        put(p, p->heap[(at - 1) / 2], at);
    put(p, e, at);
}

static void sift_down(struct pending *p, struct entry *e)
{
    size_t at = e->place;
    for (size_t child; (child = 2 * at + 1) < p->count; at = child) {
        if (child + 1 < p->count && is_before(p->heap[child + 1], p->heap[child]))
            child++;
        if (!is_before(p->heap[child], e))
            break;
        put(p, p->heap[child], at);
    }
    put(p, e, at);
}

/* The first of the heap, which may have moved on. */
static struct entry *first(struct pending *p)
{
    while (p->count && p->heap[0]->extend > p->heap[0]->due) {
        p->heap[0]->due = p->heap[0]->extend;
        sift_down(p, p->heap[0]);
    }
    return p->count ? p->heap[0] : NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

static struct entry **bucket_of(const struct pending *p, uint64_t hash)
{
    return &p->buckets[hash & (p->bucket_count - 1)];
}

static void link_entry(struct pending *p, struct entry *e)
{
    struct entry **bucket = bucket_of(p, e->hash);
    e->next = *bucket;
    *bucket = e;
}

static void unlink_entry(struct pending *p, struct entry *e)
{
    struct entry **link = bucket_of(p, e->hash);
    while (*link != e)
        link = &(*link)->next;
    *link = e->next;
}

static struct entry *find(struct pending *p, const char *path)
{
    if (p->last && !strcmp(p->last->file.path, path))
        return p->last;
    const uint64_t hash = hash_bytes(p->seed, path, strlen(path));
    struct entry *e = *bucket_of(p, hash);
    while (e && (e->hash != hash || strcmp(e->file.path, path) != 0))
        e = e->next;
    return e;
}

static void grow_table(struct pending *p)
{
    free(p->buckets);
    p->bucket_count *= 2;
    p->buckets = mem_zalloc(p->bucket_count * sizeof(struct entry *));
    for (size_t i = 0; i < p->count; i++)
        link_entry(p, p->heap[i]);
}

/* --- files ------------------------------------------------------------------------------------ */

static nsec_t due_of(const struct pending *p, struct bin bin)
{
    return bin.end > INT64_MAX - p->hold ? INT64_MAX : bin.end + p->hold;
}

static void insert(struct pending *p, struct entry *e)
{
    if (p->count >= p->bucket_count)
        grow_table(p);
    p->heap = mem_grow(p->heap, &p->capacity, p->count + 1, sizeof(struct entry *));
    e->number = p->number++;
    put(p, e, p->count++);
    sift_up(p, e);
    link_entry(p, e);
}

static struct entry *make_entry(struct pending *p, const char *path, struct bin bin)
{
    struct entry *e = mem_zalloc(sizeof(*e));
    e->file.path = mem_strdup(path);
    e->file.bin = bin;
    e->hash = hash_bytes(p->seed, path, strlen(path));
    e->due = due_of(p, bin);
    if (e->due <= p->now) {
        p->late++;
        e->file.is_late = true;
        e->due = p->now > INT64_MAX - p->hold ? INT64_MAX : p->now + p->hold;
    }
    e->extend = e->due;
    insert(p, e);
    return e;
}

static void extend(const struct pending *p, struct entry *e, struct bin bin)
{
    const nsec_t due = due_of(p, bin);
    if (bin.end > e->file.bin.end)
        e->file.bin = bin;
    if (due > e->extend)
        e->extend = due;
}

void pending_add(struct pending *p, const char *path, struct bin bin, const void *owner)
{
    struct entry *e = find(p, path);
    if (e)
        extend(p, e, bin);
    else
        e = make_entry(p, path, bin);
    e->file.owner = owner;
    p->last = e;
}

void pending_complete(struct pending *p, const char *path)
{
    struct entry *e = find(p, path);
    if (!e)
        return;
    e->due = e->extend = INT64_MIN;
    sift_up(p, e);
}

struct pending_file *pending_next(struct pending *p, bool all)
{
    struct entry *e = first(p);
    if (!e || (!all && e->due > p->now && e->due != INT64_MIN && p->count <= p->most))
        return NULL;
    free_entry(p->given);
    p->given = e;
    unlink_entry(p, e);
    if (p->last == e)
        p->last = NULL;
    struct entry *moved = p->heap[--p->count];
    if (moved != e) {
        moved->place = 0;
        sift_down(p, moved);
    }
    return &e->file;
}

void pending_keep(struct pending *p, struct bin bin)
{
    struct entry *e = p->given;
    check(e);
    p->given = NULL;
    extend(p, e, bin);
    e->due = e->extend;
    insert(p, e);
}

nsec_t pending_due(const struct pending *p)
{
    return p->count ? p->heap[0]->due : INT64_MAX;
}

uint64_t pending_late_count(const struct pending *p)
{
    return p->late;
}
