/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/shard.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"

struct batch {
    uint8_t *bytes;
    size_t filled, capacity;
};

struct shard {
    struct store *store;
    size_t batch_bytes;
    struct batch ring[SHARD_RING];
    uint64_t pushed; /* batches; the one being filled has this number */
    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    uint64_t done; /* batches that the store has taken */
    bool is_closed, is_given_up, has_failed;
    struct error error;
};

/* --- the thread ------------------------------------------------------------------------------- */

/* Waits for a batch: its number is *at. False when there are no more. */
static bool wait_for_batch(struct shard *shard, uint64_t at, uint64_t *pushed)
{
    pthread_mutex_lock(&shard->lock);
    while (shard->pushed == at && !shard->is_closed && !shard->is_given_up)
        pthread_cond_wait(&shard->changed, &shard->lock);
    *pushed = shard->pushed;
    bool is_there = *pushed != at && !shard->is_given_up;
    pthread_mutex_unlock(&shard->lock);
    return is_there;
}

static void note_done(struct shard *shard, uint64_t done, int result, const struct error *err)
{
    pthread_mutex_lock(&shard->lock);
    shard->done = done;
    if (result && !shard->has_failed) {
        shard->has_failed = true;
        shard->error = *err;
    }
    pthread_cond_signal(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
}

static void *run(void *self)
{
    struct shard *shard = self;
    struct error err;
    uint64_t at = 0, pushed = 0;
    int result = 0;
    while (wait_for_batch(shard, at, &pushed)) {
        for (; at < pushed; at++) {
            const struct batch *batch = &shard->ring[at % SHARD_RING];
            if (!result)
                result = store_add(shard->store, batch->bytes, batch->filled, &err);
            note_done(shard, at + 1, result, &err);
        }
    }
    if (!result && !shard->is_given_up) {
        result = store_finish(shard->store, &err);
        note_done(shard, at, result, &err);
    }
    return NULL;
}

/* --- life ------------------------------------------------------------------------------------- */

struct shard *shard_new(const struct store_options *options, size_t batch_bytes, bool has_thread)
{
    struct shard *shard = mem_zalloc(sizeof(*shard));
    shard->batch_bytes = batch_bytes;
    shard->store = store_new(options);
    pthread_mutex_init(&shard->lock, NULL);
    pthread_cond_init(&shard->changed, NULL);
    /* Without a thread the work is done all the same. */
    shard->has_thread = has_thread && !pthread_create(&shard->thread, NULL, run, shard);
    return shard;
}

static void stop_thread(struct shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->is_given_up = true;
    pthread_cond_signal(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
    pthread_join(shard->thread, NULL);
    shard->has_thread = false;
}

void shard_free(struct shard *shard)
{
    if (!shard)
        return;
    if (shard->has_thread)
        stop_thread(shard);
    pthread_cond_destroy(&shard->changed);
    pthread_mutex_destroy(&shard->lock);
    for (size_t i = 0; i < SHARD_RING; i++)
        free(shard->ring[i].bytes);
    store_free(shard->store);
    free(shard);
}

struct store *shard_store(struct shard *shard)
{
    check(!shard->has_thread);
    return shard->store;
}

/* --- handing over ----------------------------------------------------------------------------- */

/* Hands the batch over, and waits until there is room for another. */
static int hand_over(struct shard *shard, struct error *err)
{
    pthread_mutex_lock(&shard->lock);
    shard->pushed++;
    pthread_cond_signal(&shard->changed);
    while (shard->pushed - shard->done == SHARD_RING)
        pthread_cond_wait(&shard->changed, &shard->lock);
    bool has_failed = shard->has_failed;
    if (has_failed && err)
        *err = shard->error;
    pthread_mutex_unlock(&shard->lock);
    return has_failed ? -1 : 0;
}

int shard_push(struct shard *shard, struct error *err)
{
    struct batch *batch = &shard->ring[shard->pushed % SHARD_RING];
    if (!batch->filled)
        return 0;
    if (!shard->has_thread) {
        size_t filled = batch->filled;
        batch->filled = 0;
        return store_add(shard->store, batch->bytes, filled, err);
    }
    int result = hand_over(shard, err);
    shard->ring[shard->pushed % SHARD_RING].filled = 0;
    return result;
}

struct entry *shard_room(struct shard *shard, size_t size, struct error *err)
{
    struct batch *batch = &shard->ring[shard->pushed % SHARD_RING];
    if (batch->filled && batch->filled + size > shard->batch_bytes) {
        if (shard_push(shard, err))
            return NULL;
        batch = &shard->ring[shard->pushed % SHARD_RING];
    }
    batch->bytes =
        mem_grow(batch->bytes, &batch->capacity,
                 size > shard->batch_bytes ? size : shard->batch_bytes, sizeof(*batch->bytes));
    struct entry *entry = (void *)(batch->bytes + batch->filled);
    batch->filled += size;
    return entry;
}

int shard_close(struct shard *shard, struct error *err)
{
    if (shard_push(shard, err))
        return -1;
    pthread_mutex_lock(&shard->lock);
    shard->is_closed = true;
    pthread_cond_signal(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
    return 0;
}

int shard_wait(struct shard *shard, struct error *err)
{
    if (!shard->has_thread)
        return store_finish(shard->store, err);
    pthread_join(shard->thread, NULL);
    shard->has_thread = false;
    if (shard->has_failed && err)
        *err = shard->error;
    return shard->has_failed ? -1 : 0;
}
