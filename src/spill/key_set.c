/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/key_set.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "spill/spill.h"

/* More runs than RUNS_MOST are merged to one: each takes a block of memory while it is read. */
enum { BLOCK_BYTES = 16 * 1024, KEY_MOST = 64, RUNS_MOST = 64, CAPACITY_FIRST = 1 << 14 };

struct run {
    struct spill_stream stream;
    uint8_t head[KEY_MOST]; /* the key that comes next */
    bool is_over;
};

struct key_set {
    size_t key_size, count, capacity, capacity_most;
    uint8_t *keys;
    char *folder;
    struct spill_file *file; /* NULL: all is in memory */
    struct run *runs;
    size_t run_count, run_capacity;
    size_t at; /* in the keys, without runs */
    uint8_t last[KEY_MOST];
    bool has_last;
};

struct key_set *key_set_new(size_t key_size, uint64_t memory, const char *folder)
{
    struct key_set *set = mem_zalloc(sizeof(*set));
    if (memory < KEY_SET_MEMORY_LEAST)
        memory = KEY_SET_MEMORY_LEAST;
    set->key_size = key_size;
    set->capacity_most = memory / 3 / key_size; /* sorting takes as much again */
    set->capacity = set->capacity_most < CAPACITY_FIRST ? set->capacity_most : CAPACITY_FIRST;
    set->keys = mem_alloc(set->capacity * key_size);
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
    free(set->keys);
    free(set->folder);
    free(set);
}

/* --- sorting in memory ------------------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b, void *size)
{
    return memcmp(a, b, *(const size_t *)size);
}

/* Sorts the keys in memory, and leaves each once. */
static void settle(struct key_set *set)
{
    size_t size = set->key_size, kept = 0;
    qsort_r(set->keys, set->count, size, by_bytes, &set->key_size);
    for (size_t i = 0; i < set->count; i++) {
        uint8_t *key = set->keys + i * size, *to = set->keys + kept * size;
        if (kept && !memcmp(key, to - size, size))
            continue;
        if (key != to)
            memcpy(to, key, size);
        kept++;
    }
    set->count = kept;
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

static int load_heads(struct key_set *set, struct error *err)
{
    set->has_last = false;
    for (size_t i = 0; i < set->run_count; i++)
        if (load_head(set, &set->runs[i], err))
            return -1;
    return 0;
}

/* The run with the smallest key; NULL when all are over. They are few. */
static struct run *smallest(struct key_set *set)
{
    struct run *least = NULL;
    for (size_t i = 0; i < set->run_count; i++) {
        struct run *run = &set->runs[i];
        if (!run->is_over && (!least || memcmp(run->head, least->head, set->key_size) < 0))
            least = run;
    }
    return least;
}

static int next_of_runs(struct key_set *set, const void **ret, struct error *err)
{
    struct run *run;
    while ((run = smallest(set))) {
        bool is_again = set->has_last && !memcmp(run->head, set->last, set->key_size);
        memcpy(set->last, run->head, set->key_size);
        set->has_last = true;
        if (load_head(set, run, err))
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
    if (spill_write(&run->stream, set->keys, set->count * set->key_size, err))
        return -1;
    set->count = 0;
    return spill_close(&run->stream, err);
}

/* Room for one more. Many keys come again and again: then there is some when each is there once. */
static int make_room(struct key_set *set, struct error *err)
{
    settle(set);
    if (set->count <= set->capacity / 2)
        return 0;
    if (set->capacity == set->capacity_most)
        return spill_run(set, err);
    size_t most = set->capacity_most;
    set->capacity = set->capacity > most / 2 ? most : 2 * set->capacity;
    set->keys = mem_realloc(set->keys, set->capacity * set->key_size);
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
    *ret = set->keys + set->at++ * set->key_size;
    return 0;
}
