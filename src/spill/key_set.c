/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/key_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "spill/row_sort.h"
#include "spill/spill.h"

/* More runs than RUNS_MOST are merged to one: each takes a block of memory while it is read. */
enum {
    BLOCK_BYTES = 16 * 1024,
    KEY_MOST = KEY_SET_KEY_MOST,
    RUNS_MOST = 64,
    CAPACITY_FIRST = 1 << 14,
    AHEAD = 16
};

struct run {
    struct spill_stream stream;
    uint8_t head[KEY_MOST]; /* the key that comes next */
    bool is_over;
};

struct key_set {
    size_t key_size, count, capacity, capacity_most;
    uint8_t *keys;
    struct row_ref
        *refs; /* as many as keys, and as much space; sorted, without what is there again */
    char *folder;
    struct spill_file *file; /* NULL: all is in memory */
    struct run *runs;
    size_t run_count, run_capacity;
    uint32_t *heap; /* of the runs that are not over, by their heads */
    size_t heap_count;
    size_t at; /* in the keys, without runs */
    uint8_t last[KEY_MOST];
    bool has_last, seldom_again;
};

struct key_set *key_set_new(size_t key_size, uint64_t memory, const char *folder)
{
    struct key_set *set = mem_zalloc(sizeof(*set));
    if (memory < KEY_SET_MEMORY_LEAST)
        memory = KEY_SET_MEMORY_LEAST;
    set->key_size = key_size;
    /* Keys and references; half as many keys again while they are made fewer. */
    set->capacity_most = memory / (key_size + key_size / 2 + 2 * sizeof(struct row_ref));
    if (set->capacity_most > UINT32_MAX)
        set->capacity_most = UINT32_MAX;
    set->capacity = set->capacity_most < CAPACITY_FIRST ? set->capacity_most : CAPACITY_FIRST;
    set->keys = mem_alloc(set->capacity * key_size);
    set->refs = mem_alloc(2 * set->capacity * sizeof(*set->refs));
    set->folder = mem_strdup(folder);
    return set;
}

void key_set_free(struct key_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->run_count; i++)
        spill_release(&set->runs[i].stream);
    spill_file_free(set->file);
    free(set->runs);
    free(set->heap);
    free(set->keys);
    free(set->refs);
    free(set->folder);
    free(set);
}

/* --- sorting in memory ------------------------------------------------------------------------ */

static struct rows rows_of(const struct key_set *set)
{
    return (struct rows){set->keys, set->key_size};
}

/* Sorts the references to the keys in memory, and leaves each key once. */
static void settle(struct key_set *set)
{
    const struct rows rows = rows_of(set);
    struct row_ref *refs = set->refs;
    size_t kept = 0;
    row_sort(&rows, set->count, refs, refs + set->capacity);
    for (size_t i = 0; i < set->count; i++) {
        if (kept && !memcmp(rows_at(&rows, &refs[i]), rows_at(&rows, &refs[kept - 1]), rows.size))
            continue;
        refs[kept++] = refs[i];
    }
    set->count = kept;
}

/* Only the keys that the references lead to stay, in their order. */
static void compact(struct key_set *set)
{
    const struct rows rows = rows_of(set);
    uint8_t *kept = mem_alloc(set->count * rows.size);
    for (size_t i = 0; i < set->count; i++)
        memcpy(kept + i * rows.size, rows_at(&rows, &set->refs[i]), rows.size);
    memcpy(set->keys, kept, set->count * rows.size);
    free(kept);
}

/* --- runs ------------------------------------------------------------------------------------- */

static struct run *add_run(struct key_set *set)
{
    if (!set->file)
        set->file = spill_file_new(set->folder, BLOCK_BYTES);
    set->runs = mem_grow(set->runs, &set->run_capacity, set->run_count + 1, sizeof(*set->runs));
    struct run *run = &set->runs[set->run_count++];
    *run = (struct run){.stream = {.file = set->file}};
    return run;
}

static int load_head(struct key_set *set, struct run *run, struct error *err)
{
    const void *key;
    run->is_over = !run->stream.bytes;
    if (run->is_over)
        return 0;
    if (spill_read(&run->stream, set->key_size, &key, err))
        return -1;
    memcpy(run->head, key, set->key_size);
    return 0;
}

static bool is_before(const struct key_set *set, uint32_t a, uint32_t b)
{
    return memcmp(set->runs[a].head, set->runs[b].head, set->key_size) < 0;
}

/* Lets the run at this place sink to where it belongs. */
static void sink(struct key_set *set, size_t at)
{
    uint32_t *heap = set->heap, run = heap[at];
    size_t child;
    while ((child = 2 * at + 1) < set->heap_count) {
        if (child + 1 < set->heap_count && is_before(set, heap[child + 1], heap[child]))
            child++;
        if (!is_before(set, heap[child], run))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = run;
}

static int load_heads(struct key_set *set, struct error *err)
{
    set->has_last = false;
    set->heap = mem_realloc(set->heap, set->run_count * sizeof(*set->heap));
    set->heap_count = 0;
    for (size_t i = 0; i < set->run_count; i++) {
        if (load_head(set, &set->runs[i], err))
            return -1;
        if (!set->runs[i].is_over)
            set->heap[set->heap_count++] = (uint32_t)i;
    }
    for (size_t i = set->heap_count / 2; i-- > 0;)
        sink(set, i);
    return 0;
}

/* The run on top goes on by a key. */
static int advance(struct key_set *set, struct error *err)
{
    struct run *run = &set->runs[set->heap[0]];
    if (load_head(set, run, err))
        return -1;
    if (run->is_over)
        set->heap[0] = set->heap[--set->heap_count];
    if (set->heap_count)
        sink(set, 0);
    return 0;
}

static int next_of_runs(struct key_set *set, const void **ret, struct error *err)
{
    while (set->heap_count) {
        const uint8_t *head = set->runs[set->heap[0]].head;
        bool is_again = set->has_last && !memcmp(head, set->last, set->key_size);
        memcpy(set->last, head, set->key_size);
        set->has_last = true;
        if (advance(set, err))
            return -1;
        if (is_again)
            continue;
        *ret = set->last;
        return 0;
    }
    return KEY_SET_END;
}

/* All runs become the first. */
static int join_runs(struct key_set *set, struct error *err)
{
    struct spill_stream joined = {.file = set->file};
    const void *key;
    int result = load_heads(set, err);
    while (!result && !(result = next_of_runs(set, &key, err)))
        result = spill_write(&joined, key, set->key_size, err);
    if (result < 0 || spill_close(&joined, err)) {
        spill_release(&joined);
        return -1;
    }
    for (size_t i = 0; i < set->run_count; i++)
        spill_release(&set->runs[i].stream);
    set->runs[0] = (struct run){.stream = joined};
    set->run_count = 1;
    return 0;
}

/* The keys in memory become a run. */
static int spill_run(struct key_set *set, struct error *err)
{
    if (set->run_count == RUNS_MOST && join_runs(set, err))
        return -1;
    struct run *run = add_run(set);
    const struct rows rows = rows_of(set);
    for (size_t i = 0; i < set->count; i++)
        if (spill_write(&run->stream, rows_at(&rows, &set->refs[i]), rows.size, err))
            return -1;
    set->count = 0;
    return spill_close(&run->stream, err);
}

static void grow(struct key_set *set)
{
    const size_t most = set->capacity_most;
    set->capacity = set->capacity > most / 2 ? most : 2 * set->capacity;
    set->keys = mem_realloc(set->keys, set->capacity * set->key_size);
    free(set->refs);
    set->refs = mem_alloc(2 * set->capacity * sizeof(*set->refs));
}

/* Room for one more. Many keys come again and again: then there is some when each is there once. */
static int make_room(struct key_set *set, struct error *err)
{
    const size_t full = set->capacity;
    if (full < set->capacity_most && set->seldom_again) {
        grow(set);
        return 0;
    }
    settle(set);
    set->seldom_again = set->count > full - full / 4;
    if (set->count > full / 2 && full == set->capacity_most)
        return spill_run(set, err);
    if (set->count < full)
        compact(set);
    if (set->count > full / 2)
        grow(set);
    return 0;
}

int key_set_add(struct key_set *set, const void *key, struct error *err)
{
    if (set->count == set->capacity && make_room(set, err))
        return -1;
    memcpy(set->keys + set->count++ * set->key_size, key, set->key_size);
    return 0;
}

int key_set_sort(struct key_set *set, struct error *err)
{
    settle(set);
    if (!set->run_count)
        return 0;
    if (set->count && spill_run(set, err))
        return -1;
    return load_heads(set, err);
}

int key_set_next(struct key_set *set, const void **ret, struct error *err)
{
    if (set->run_count)
        return next_of_runs(set, ret, err);
    if (set->at == set->count)
        return KEY_SET_END;
    const struct rows rows = rows_of(set);
    /* Keys lie where they came, all over memory. */
    if (set->at + AHEAD < set->count) {
        const uint8_t *later = rows_at(&rows, &set->refs[set->at + AHEAD]);
        __builtin_prefetch(later);
        __builtin_prefetch(later + rows.size - 1);
    }
    *ret = rows_at(&rows, &set->refs[set->at++]);
    return 0;
}
