/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/cluster.h"

#include <stdlib.h>

#include "aggregate/heap.h"
#include "aggregate/shard.h"
#include "base/check.h"
#include "base/mem.h"

/* The model of records that only pass. */
enum { MODEL_NONE = UINT16_MAX };

enum { SHARDS_MAX = 32 };

struct clusters {
    struct cluster_options options;
    struct cluster_model *models;
    struct shard *shards[SHARDS_MAX];
    unsigned shard_count;
    bool has_threads;
    uint64_t number; /* of the last record */
    uint64_t given;
    struct key key;
    struct record record; /* the one given last */
    uint8_t *passing;     /* with threads: entries of records that pass, until they are taken */
    size_t passing_size, passing_taken, passing_capacity;
    bool is_finished;
    struct heap heap;
};

/* --- life ------------------------------------------------------------------------------------- */

/*
 * One thread reads, the others have a part of the clusters each. Where clusters go out before the
 * end one thread does it all, because they are to come in the order of the input.
 */
static unsigned shard_count(const struct cluster_options *options, bool *has_threads)
{
    unsigned count = options->threads > 1 ? options->threads - 1 : 1;
    *has_threads = options->threads > 1;
    for (unsigned i = 0; i < options->model_count; i++) {
        if (cluster_model_is_early(&options->models[i]))
            *has_threads = false;
    }
    if (!*has_threads)
        count = 1;
    if (count > SHARDS_MAX)
        count = SHARDS_MAX;
    while (count > 1 && options->memory_bytes &&
           options->memory_bytes / count < CLUSTERS_MEMORY_LEAST)
        count--;
    return count;
}

/* Threads are woken seldom; without them, what is worked on stays in the processor's caches. */
static size_t batch_bytes(const struct clusters *clusters)
{
    enum { LEAST = 32 << 10, MOST = 256 << 10, TOGETHER = 1 << 20, PARTS = 32 };
    size_t bytes = clusters->has_threads ? TOGETHER / clusters->shard_count : LEAST;
    uint64_t limit = clusters->options.memory_bytes / clusters->shard_count;
    if (limit && bytes > limit / PARTS)
        bytes = limit / PARTS;
    return bytes < LEAST ? LEAST : bytes > MOST ? MOST : bytes;
}

/* Batches take their part of it. */
static size_t store_limit(const struct clusters *clusters)
{
    uint64_t limit = clusters->options.memory_bytes / clusters->shard_count;
    return limit ? limit - SHARD_RING * batch_bytes(clusters) : 0;
}

static struct cluster_model *copy_models(const struct cluster_options *options)
{
    check(options->model_count && options->model_count < MODEL_NONE);
    struct cluster_model *models = mem_zalloc(options->model_count * sizeof(*models));
    for (unsigned i = 0; i < options->model_count; i++) {
        models[i] = options->models[i];
        models[i].correct = models[i].correct && key_model_has_both(models[i].key);
    }
    return models;
}

struct clusters *clusters_new(const struct cluster_options *options)
{
    struct clusters *clusters = mem_zalloc(sizeof(*clusters));
    clusters->options = *options;
    clusters->models = copy_models(options);
    clusters->shard_count = shard_count(options, &clusters->has_threads);
    const struct store_options store = {
        .models = clusters->models,
        .model_count = options->model_count,
        .seed = options->seed,
        .limit_bytes = store_limit(clusters),
        .folder = options->folder ? options->folder : "/tmp",
        .spill_every = options->spill_every,
    };
    for (unsigned i = 0; i < clusters->shard_count; i++)
        clusters->shards[i] = shard_new(&store, batch_bytes(clusters), clusters->has_threads);
    clusters->heap.order = (struct order){clusters->models, options->model_count};
    return clusters;
}

void clusters_free(struct clusters *clusters)
{
    if (!clusters)
        return;
    for (unsigned i = 0; i < clusters->shard_count; i++)
        shard_free(clusters->shards[i]);
    heap_release(&clusters->heap);
    free(clusters->passing);
    free(clusters->models);
    free(clusters);
}

struct clusters_status clusters_status(const struct clusters *clusters)
{
    struct clusters_status status = {
        .records = clusters->number,
        .given = clusters->given,
        .threads = clusters->has_threads ? 1 + clusters->shard_count : 1,
    };
    if (clusters->has_threads && !clusters->is_finished)
        return status;
    for (unsigned i = 0; i < clusters->shard_count; i++) {
        struct store_status one = store_status(shard_store(clusters->shards[i]));
        status.bytes += one.bytes;
        status.peak_bytes += one.peak_bytes;
        status.spilled_bytes += one.spilled_bytes;
        status.passes = one.passes > status.passes ? one.passes : status.passes;
    }
    return status;
}

/* --- records ---------------------------------------------------------------------------------- */

static struct shard *shard_for(struct clusters *clusters, uint32_t place)
{
    return clusters->shards[(uint64_t)place * clusters->shard_count >> 32];
}

int clusters_add(struct clusters *clusters, unsigned number, struct record *r, struct error *err)
{
    check(!clusters->is_finished && number < clusters->options.model_count);
    const struct cluster_model *model = &clusters->models[number];
    struct key *key = &clusters->key;
    key_model_turn(model->key, r);
    key_build(model->key, r, false, key);
    const uint64_t seed = clusters->options.seed + number, hash = key_hash(key, seed);
    const uint32_t mask = (1 << ENTRY_KEY_BITS) - 1;
    struct entry head = {
        .number = ++clusters->number,
        .hash = (uint32_t)hash,
        .place = model->correct ? key_place(model->key, r, seed) : (uint32_t)(hash >> 32),
        .key_size = key->size & mask,
        .sort_size = key->sort_size & mask,
        .kind = ENTRY_ARRIVAL,
        .model = number & UINT16_MAX,
    };
    entry_set_record(&head, r);
    struct shard *shard = shard_for(clusters, head.place);
    struct entry *entry = shard_room(shard, entry_size(&head), err);
    if (!entry)
        return -1;
    *entry = head;
    memcpy(entry->bytes, key->bytes, key->size);
    entry_put_record(entry, r);
    return 0;
}

static struct entry *passing_room(struct clusters *clusters, size_t size)
{
    if (clusters->passing_taken == clusters->passing_size)
        clusters->passing_taken = clusters->passing_size = 0;
    const size_t at = clusters->passing_size;
    clusters->passing = mem_grow(clusters->passing, &clusters->passing_capacity, at + size,
                                 sizeof(*clusters->passing));
    clusters->passing_size += size;
    return (struct entry *)(void *)(clusters->passing + at);
}

int clusters_pass(struct clusters *clusters, const struct record *r, struct error *err)
{
    struct entry head = {
        .number = ++clusters->number,
        .kind = ENTRY_EARLY,
        .model = MODEL_NONE,
    };
    entry_set_record(&head, r);
    struct entry *entry = clusters->has_threads
                              ? passing_room(clusters, entry_size(&head))
                              : shard_room(clusters->shards[0], entry_size(&head), err);
    if (!entry)
        return -1;
    *entry = head;
    entry_put_record(entry, r);
    return 0;
}

static int give(struct clusters *clusters, const struct entry *entry, struct record **ret)
{
    entry_read(entry, &clusters->record);
    if (entry->model != MODEL_NONE)
        key_model_apply(clusters->models[entry->model].key, &clusters->record);
    clusters->given++;
    *ret = &clusters->record;
    return 0;
}

int clusters_early(struct clusters *clusters, struct record **ret)
{
    const struct entry *entry;
    if (clusters->passing_taken < clusters->passing_size) {
        entry = (const struct entry *)(void *)(clusters->passing + clusters->passing_taken);
        clusters->passing_taken += entry_size(entry);
        return give(clusters, entry, ret);
    }
    if (clusters->has_threads || store_early(shard_store(clusters->shards[0]), &entry))
        return CLUSTERS_END;
    return give(clusters, entry, ret);
}

int clusters_settle(struct clusters *clusters, struct error *err)
{
    for (unsigned i = 0; i < clusters->shard_count; i++) {
        if (shard_push(clusters->shards[i], err))
            return -1;
    }
    return 0;
}

/* --- coming out ------------------------------------------------------------------------------- */

static int advance_store(struct heap_source *source, struct error *err)
{
    int result = store_next(source->self, &source->entry, err);
    if (result == STORE_END)
        source->entry = NULL;
    return result < 0 ? -1 : 0;
}

int clusters_finish(struct clusters *clusters, struct error *err)
{
    check(!clusters->is_finished);
    for (unsigned i = 0; i < clusters->shard_count; i++) {
        if (shard_close(clusters->shards[i], err))
            return -1;
    }
    for (unsigned i = 0; i < clusters->shard_count; i++) {
        if (shard_wait(clusters->shards[i], err))
            return -1;
    }
    clusters->is_finished = true;
    for (unsigned i = 0; clusters->shard_count > 1 && i < clusters->shard_count; i++) {
        struct heap_source source = {.advance = advance_store};
        source.self = shard_store(clusters->shards[i]);
        if (heap_add(&clusters->heap, &source, err))
            return -1;
    }
    return 0;
}

int clusters_next(struct clusters *clusters, struct record **ret, struct error *err)
{
    check(clusters->is_finished);
    const struct entry *entry;
    int result = clusters->shard_count > 1
                     ? heap_next(&clusters->heap, &entry, err)
                     : store_next(shard_store(clusters->shards[0]), &entry, err);
    if (result)
        return result < 0 ? -1 : CLUSTERS_END;
    return give(clusters, entry, ret);
}
