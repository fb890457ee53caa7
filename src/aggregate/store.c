/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/store.h"

#include <stdlib.h>

#include "aggregate/heap.h"
#include "aggregate/memory.h"
#include "aggregate/merger.h"
#include "aggregate/order.h"
#include "aggregate/table.h"
#include "base/check.h"
#include "base/mem.h"
#include "spill/spill.h"

/*
 * Hybrid hash aggregation (Graefe, Query Evaluation Techniques for Large Databases, ACM Computing
 * Surveys 25(2), 1993, section 4.3; PostgreSQL's HashAggregate is one published example).
 *
 * Clusters are divided by their hash into partitions, each with a table of its own. When memory is
 * used up, the largest table goes to a temporary file as it is, and the records that come later
 * follow it there: the file has them in the order in which they came, behind the clusters that
 * they belong to. At the end each such partition is worked on by itself, by a store that divides
 * it by other bits of the hash, so that it goes to disk in parts again if it is still too large.
 * That gives a run, in order; runs and the tables that stayed in memory are then merged. Only as
 * many tables leave memory as must, so the cost of a limit grows with what does not fit.
 *
 * Nothing is merged twice, and nothing in another order than the one in which it came: that is why
 * even what depends on the order (first values, directions, timers) is the same under any limit.
 */
enum { PARTITION_BITS = 5, PARTITIONS = 1 << PARTITION_BITS, LEVEL_MAX = 4 };

/* What a store and those of its partitions have in common. */
struct shared {
    struct store_options options;
    struct order order;
    struct memory memory;
    struct merger merger;
    struct spill_file *file;
    size_t block_bytes;
    uint64_t until_spill; /* for tests */
    unsigned passes;
};

struct partition {
    struct table table;
    bool is_spilled;
    struct spill_stream arrivals; /* the table as it was, and what came later */
    struct spill_stream run;      /* what came out of it, in order */
};

struct store {
    struct shared *shared;
    unsigned level; /* of the store of a partition: its place in the hash */
    struct partition partitions[PARTITIONS];
    bool has_spilled;
    struct spill_stream early; /* went out when others, before them, may be in temporary files */
    uint8_t *ready;            /* went out before that */
    size_t ready_at, ready_size, ready_capacity;
    struct heap heap;
};

/* --- life ------------------------------------------------------------------------------------- */

static struct store *store_of(struct shared *shared, unsigned level)
{
    struct store *store = mem_zalloc(sizeof(*store));
    store->shared = shared;
    store->level = level;
    store->early.file = shared->file;
    store->heap.order = shared->order;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        store->partitions[i].table.pieces.chunks = &shared->memory.chunks;
        store->partitions[i].arrivals.file = store->partitions[i].run.file = shared->file;
    }
    if (level + 1 > shared->passes && level)
        shared->passes = level;
    return store;
}

/* A huge page is a part that matters of a limit below this. */
enum { HUGE_PAGE = 2 << 20, SMALL_PAGES_BELOW = 32 << 20 };

/* Chunks and blocks so small that what they leave unused does not matter under small limits. */
static size_t block_size(size_t limit)
{
    enum { MOST = 64 << 10, LEAST = 16 << 10, PARTS = 512 };
    size_t size = MOST;
    while (size > LEAST && size > limit / PARTS)
        size /= 2;
    return size;
}

static int take_early(void *self, const struct entry *entry, struct error *err);

struct store *store_new(const struct store_options *options)
{
    struct shared *shared = mem_zalloc(sizeof(*shared));
    shared->options = *options;
    shared->order = (struct order){options->models, options->model_count};
    size_t limit = options->limit_bytes ? options->limit_bytes : SIZE_MAX / 2;
    check(limit >= STORE_LIMIT_LEAST);
    shared->memory.limit_bytes = limit;
    if (limit < SMALL_PAGES_BELOW)
        shared->memory.chunks.small_pages = true;
    else
        shared->memory.limit_bytes -= HUGE_PAGE; /* the last one may be in use in part */
    shared->block_bytes = shared->memory.chunks.chunk_bytes = block_size(limit);
    shared->file = spill_file_new(options->folder, shared->block_bytes);
    shared->until_spill = options->spill_every;
    merger_init(&shared->merger, options->models, options->seed);
    shared->merger.emit = take_early;
    return store_of(shared, 0);
}

static size_t other_bytes(const struct table *table)
{
    return table->size * sizeof(struct slot) + table->pieces.large_bytes;
}

static void release_table(struct store *store, struct partition *partition)
{
    store->shared->memory.other_bytes -= other_bytes(&partition->table);
    table_release(&partition->table);
}

static void free_store(struct store *store)
{
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct partition *partition = &store->partitions[i];
        release_table(store, partition);
        spill_release(&partition->arrivals);
        spill_release(&partition->run);
    }
    spill_release(&store->early);
    heap_release(&store->heap);
    free(store->ready);
    free(store);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    struct shared *shared = store->shared;
    free_store(store);
    merger_release(&shared->merger);
    chunks_release(&shared->memory.chunks);
    spill_file_free(shared->file);
    free(shared);
}

struct store_status store_status(const struct store *store)
{
    const struct shared *shared = store->shared;
    struct store_status status = {
        .bytes = memory_used(&shared->memory),
        .peak_bytes = shared->memory.peak_bytes,
        .spilled_bytes = spill_file_written(shared->file),
        .passes = shared->passes,
    };
    for (unsigned i = 0; i < PARTITIONS; i++)
        status.clusters += store->partitions[i].table.used;
    return status;
}

/* --- going to disk ---------------------------------------------------------------------------- */

static int write_entry(struct spill_stream *stream, const struct entry *entry, struct error *err)
{
    return spill_write(stream, entry, entry_size(entry), err);
}

static int spill(struct store *store, struct partition *partition, struct error *err)
{
    struct table *table = &partition->table;
    /* Its memory is that of the table, which goes, or of a chunk that was kept for it. */
    store->shared->memory.other_bytes += store->shared->block_bytes;
    store->has_spilled = partition->is_spilled = true;
    for (size_t i = 0; i < table->size; i++) {
        const struct entry *entry = table->slots[i].entry;
        if (entry && write_entry(&partition->arrivals, entry, err))
            return -1;
    }
    release_table(store, partition);
    return 0;
}

/* The one that takes the most memory, or NULL when none is in memory. */
static struct partition *largest(struct store *store)
{
    struct partition *found = NULL;
    size_t most = 0;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct partition *partition = &store->partitions[i];
        size_t bytes = table_bytes(&partition->table);
        if (partition->table.used && bytes > most) {
            most = bytes;
            found = partition;
        }
    }
    return found;
}

/*
 * Sees to it that a record finds room. What cannot be divided further stays in memory, whatever
 * the limit says: clusters that have 25 bits of their hash in common.
 */
static int make_room(struct store *store, const struct partition *partition,
                     const struct entry *arrival, struct error *err)
{
    struct shared *shared = store->shared;
    size_t bytes = table_growth(&partition->table) + 2 * entry_size(arrival) +
                   sizeof(struct record) + shared->block_bytes;
    bool forced = shared->until_spill && !--shared->until_spill;
    if (forced)
        shared->until_spill = shared->options.spill_every;
    if (likely(memory_fits(&shared->memory, bytes) && !forced))
        return 0;
    while (store->level < LEVEL_MAX && (forced || !memory_make_fit(&shared->memory, bytes))) {
        struct partition *victim = largest(store);
        if (!victim)
            return 0;
        if (spill(store, victim, err))
            return -1;
        forced = false;
    }
    return 0;
}

/* --- coming in -------------------------------------------------------------------------------- */

static struct partition *partition_of(struct store *store, const struct entry *entry)
{
    return &store->partitions[entry->place >> store->level * PARTITION_BITS & (PARTITIONS - 1)];
}

static int take_early(void *self, const struct entry *entry, struct error *err)
{
    struct store *store = self;
    if (store->has_spilled || store->level)
        return write_entry(&store->early, entry, err);
    size_t size = entry_size(entry);
    store->ready =
        mem_grow(store->ready, &store->ready_capacity, store->ready_size + size, sizeof(uint8_t));
    memcpy(store->ready + store->ready_size, entry, size);
    store->ready_size += size;
    return 0;
}

static int add_entry(struct store *store, const struct entry *entry, struct error *err)
{
    struct partition *partition = partition_of(store, entry);
    struct memory *memory = &store->shared->memory;
    if (entry->kind == ENTRY_EARLY)
        return take_early(store, entry, err);
    if (!partition->is_spilled && make_room(store, partition, entry, err))
        return -1;
    if (partition->is_spilled)
        return write_entry(&partition->arrivals, entry, err);
    struct table *table = &partition->table;
    size_t before = other_bytes(table);
    int result = 0;
    if (entry->kind == ENTRY_ARRIVAL)
        result = merger_add(&store->shared->merger, table, entry, store, err);
    else if (!table_insert(table, entry))
        result = error_set(err, "out of memory: %zu MiB are in use", memory_used(memory) >> 20);
    memory->other_bytes += other_bytes(table) - before;
    memory_note_peak(memory);
    return result;
}

/*
 * Tables of millions of clusters are not in the processor's caches: finding one is two misses, to
 * its slot and to its entry. So what records will need is asked for while others are worked on.
 */
enum { SLOT_DISTANCE = 16, ENTRY_DISTANCE = 8, ENTRY_LINES = 10 };

/* The entry that the record may come to, or NULL. */
static const struct entry *candidate(struct store *store, const struct entry *entry)
{
    const struct slot *slot = table_home(&partition_of(store, entry)->table, entry->hash);
    return slot && slot->word == entry->hash ? slot->entry : NULL;
}

static const struct entry *entry_at(const uint8_t *bytes, size_t *at, size_t size)
{
    if (*at >= size)
        return NULL;
    const struct entry *entry = (const void *)(bytes + *at);
    *at += entry_size(entry);
    return entry;
}

/* (GCC takes a function that does nothing but prefetch for one that does nothing.) */
int store_add(struct store *store, const uint8_t *entries, size_t size, struct error *err)
{
    const struct entry *entry, *ahead;
    size_t at = 0, slot_at = 0, entry_ahead = 0;
    for (size_t i = 0; i < SLOT_DISTANCE; i++) {
        if ((ahead = entry_at(entries, &slot_at, size)))
            __builtin_prefetch(table_home(&partition_of(store, ahead)->table, ahead->hash));
        if (i < ENTRY_DISTANCE)
            entry_at(entries, &entry_ahead, size);
    }
    while ((entry = entry_at(entries, &at, size))) {
        if ((ahead = entry_at(entries, &slot_at, size)))
            __builtin_prefetch(table_home(&partition_of(store, ahead)->table, ahead->hash));
        if ((ahead = entry_at(entries, &entry_ahead, size)))
            ahead = candidate(store, ahead);
        /* Its size is not known without looking at it; a merged one has about so many lines. */
        for (size_t i = 0; ahead && i < ENTRY_LINES; i++)
            __builtin_prefetch((const char *)ahead + i * CACHE_LINE);
        if (add_entry(store, entry, err))
            return -1;
    }
    return 0;
}

int store_early(struct store *store, const struct entry **ret)
{
    *ret = entry_at(store->ready, &store->ready_at, store->ready_size);
    if (*ret)
        return 0;
    store->ready_at = store->ready_size = 0;
    return STORE_END;
}

/* --- coming out ------------------------------------------------------------------------------- */

/* Reads the next entry of a stream; NULL at its end. */
static int read_entry(struct spill_stream *stream, const struct entry **ret, struct error *err)
{
    const void *bytes;
    *ret = NULL;
    if (!stream->bytes)
        return 0;
    if (spill_peek(stream, sizeof(struct entry), &bytes, err) ||
        spill_read(stream, entry_size(bytes), &bytes, err))
        return -1;
    *ret = bytes;
    return 0;
}

static int advance_stream(struct heap_source *source, struct error *err)
{
    return read_entry(source->self, &source->entry, err);
}

/* Entries lie where they came to lie; asked for early, they are there in time. */
static int advance_table(struct heap_source *source, struct error *err)
{
    (void)err;
    enum { DISTANCE = 3, LINES = 4 };
    const struct table *table = source->self;
    const struct slot *slot = &table->slots[source->at];
    if (source->at + DISTANCE < table->used) {
        for (size_t i = 0; i < LINES; i++)
            __builtin_prefetch((const char *)slot[DISTANCE].entry + i * CACHE_LINE);
    }
    source->entry = source->at < table->used ? slot->entry : NULL;
    source->at++;
    return 0;
}

static int sort_table(struct store *store, struct table *table, struct error *err)
{
    if (order_table(&store->shared->order, table))
        return 0;
    return error_set(err, "out of memory: %zu MiB are in use",
                     memory_used(&store->shared->memory) >> 20);
}

/* What order needs no key for is written without it. */
static int write_run_entry(const struct store *store, struct spill_stream *run,
                           const struct entry *entry, struct error *err)
{
    struct entry head = *entry;
    if (order_needs_key(&store->shared->order, entry))
        return write_entry(run, entry, err);
    head.key_size = head.sort_size = 0;
    size_t rest = entry_size(&head) - sizeof(head) - head.record_size;
    static const uint8_t zeros[ENTRY_ALIGN];
    if (spill_write(run, &head, sizeof(head), err) ||
        spill_write(run, entry->bytes + entry->key_size, head.record_size, err))
        return -1;
    return rest ? spill_write(run, zeros, rest, err) : 0;
}

/* A table that must leave memory, although nothing more comes to it. */
static int evict(struct store *store, struct partition *partition, struct error *err)
{
    struct table *table = &partition->table;
    if (sort_table(store, table, err))
        return -1;
    for (size_t i = 0; i < table->used; i++) {
        if (write_run_entry(store, &partition->run, table->slots[i].entry, err))
            return -1;
    }
    release_table(store, partition);
    return spill_close(&partition->run, err);
}

static int evict_until(struct store *store, uint64_t bytes_free, struct error *err)
{
    struct memory *memory = &store->shared->memory;
    struct partition *victim;
    while (memory_used(memory) + bytes_free > memory->limit_bytes && (victim = largest(store))) {
        if (evict(store, victim, err))
            return -1;
    }
    return 0;
}

static int add_all(struct store *store, struct spill_stream *stream, struct error *err)
{
    const struct entry *entry;
    do {
        if (read_entry(stream, &entry, err) || (entry && add_entry(store, entry, err)))
            return -1;
    } while (entry);
    return 0;
}

/* Makes the run of a partition from what was written of it. */
static int finish_partition(struct store *store, struct partition *partition, struct error *err)
{
    /*
     * Clusters that two records have come to take more than these did: about half as much again.
     * And each table has a chunk that is not full, and slots that are not used.
     */
    enum { SLOTS = 8192 };
    uint64_t bytes = partition->arrivals.bytes;
    size_t begun = PARTITIONS * (store->shared->memory.chunks.chunk_bytes + SLOTS);
    if (evict_until(store, bytes + bytes / 2 + begun, err))
        return -1;
    struct store *part = store_of(store->shared, store->level + 1);
    const struct entry *entry;
    int result = add_all(part, &partition->arrivals, err);
    if (!result)
        result = store_finish(part, err);
    while (!result) {
        result = store_next(part, &entry, err);
        if (!result)
            result = write_run_entry(store, &partition->run, entry, err);
    }
    free_store(part);
    spill_release(&partition->arrivals);
    return result < 0 ? -1 : spill_close(&partition->run, err);
}

static int add_source(struct store *store, struct spill_stream *stream, struct table *table,
                      struct error *err)
{
    struct heap_source source = {advance_table, table, 0, NULL, 0, 0};
    if (stream) {
        source.advance = advance_stream;
        source.self = stream;
    }
    return heap_add(&store->heap, &source, err);
}

static int finish_spilled(struct store *store, struct error *err)
{
    struct memory *memory = &store->shared->memory;
    size_t buffers = 1;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct partition *partition = &store->partitions[i];
        if (!partition->is_spilled)
            continue;
        buffers++;
        memory->other_bytes -= store->shared->block_bytes;
        if (spill_close(&partition->arrivals, err))
            return -1;
    }
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct partition *partition = &store->partitions[i];
        if (partition->is_spilled && finish_partition(store, partition, err))
            return -1;
    }
    if (spill_close(&store->early, err))
        return -1;
    return evict_until(store, (buffers + PARTITIONS) * store->shared->block_bytes, err);
}

int store_finish(struct store *store, struct error *err)
{
    if ((store->has_spilled || store->early.bytes) && finish_spilled(store, err))
        return -1;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct partition *partition = &store->partitions[i];
        if (sort_table(store, &partition->table, err) ||
            add_source(store, NULL, &partition->table, err) ||
            add_source(store, &partition->run, NULL, err))
            return -1;
    }
    return add_source(store, &store->early, NULL, err);
}

int store_next(struct store *store, const struct entry **ret, struct error *err)
{
    if (!store->level && !store_early(store, ret))
        return 0;
    int result = heap_next(&store->heap, ret, err);
    return result == HEAP_END ? STORE_END : result;
}
