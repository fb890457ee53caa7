/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/cluster.h"

#include <stdlib.h>

#include "aggregate/entry.h"
#include "aggregate/order.h"
#include "aggregate/slots.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pieces.h"
#include "base/pool.h"
#include "record/merge.h"

/* Address space for this many entries is reserved; memory is used as they come. */
enum { ENTRIES_MAX = 1 << 28 };

/* Payloads and labels that were merged wait in the arena for the next time it is emptied. */
enum { ARENA_BYTES_MAX = 1 << 20 };

/*
 * Tables of millions of clusters are not in the processor's caches: finding one is three misses,
 * to its slot, its entry and its piece. So records queue up a little before they are looked up,
 * and what each will need is asked for while others are worked on. They come to their clusters in
 * the order in which they came.
 */
enum { QUEUE_SIZE = 32, ENTRY_STAGE = 10, PIECE_STAGE = 20, PIECE_LINES_MAX = 12 };

struct arrival {
    struct entry entry; /* what the cluster will be if it is new */
    uint32_t hash;
};

struct clusters {
    struct cluster_options options;
    uint64_t arrived, done; /* records; those between stand in the queue, by number */
    struct arrival queue[QUEUE_SIZE];
    struct slots slots;
    struct pool entries;
    struct pieces pieces;
    struct record_arena *arena;
    size_t arena_bytes;
    struct record merged; /* the cluster that is being looked at */
    struct record added;  /* the record that comes to it */
    struct key key;       /* of a record that arrives, or that is reversed */
    bool is_finished;
    struct order order;
};

struct clusters *clusters_new(const struct cluster_options *options)
{
    struct clusters *clusters = mem_zalloc(sizeof(*clusters));
    clusters->options = *options;
    clusters->arena = record_arena_new();
    return clusters;
}

static struct arrival *arrival_at(struct clusters *clusters, uint64_t number)
{
    return &clusters->queue[number % QUEUE_SIZE];
}

void clusters_free(struct clusters *clusters)
{
    if (!clusters)
        return;
    for (uint32_t ref = 1; ref <= clusters->entries.high; ref++)
        entry_release(pool_at(&clusters->entries, ref), &clusters->pieces);
    while (clusters->done < clusters->arrived)
        entry_release(&arrival_at(clusters, clusters->done++)->entry, &clusters->pieces);
    order_release(&clusters->order);
    slots_release(&clusters->slots);
    pool_release(&clusters->entries);
    pieces_release(&clusters->pieces);
    record_arena_free(clusters->arena);
    free(clusters);
}

size_t clusters_count(const struct clusters *clusters)
{
    return clusters->entries.high;
}

size_t clusters_bytes(const struct clusters *clusters)
{
    return slots_bytes(&clusters->slots) + pool_bytes(&clusters->entries) + clusters->pieces.bytes;
}

/* --- looking up and adding -------------------------------------------------------------------- */

static uint32_t hash_key(const struct clusters *clusters, const struct key *key)
{
    return (uint32_t)(hash_words(clusters->options.seed, key->bytes, key->size / 8) >> 32);
}

static struct entry *find(const struct clusters *clusters, const void *key, size_t key_size,
                          uint32_t hash, uint32_t *ret_ref)
{
    uint32_t ref;
    size_t at = slots_home(&clusters->slots, hash);
    while ((ref = slots_next(&clusters->slots, hash, &at))) {
        struct entry *entry = pool_at(&clusters->entries, ref);
        if (entry_has_key(entry, key, key_size)) {
            *ret_ref = ref;
            return entry;
        }
    }
    return NULL;
}

static int out_of_memory(const struct clusters *clusters, struct error *err)
{
    return error_set(err, "out of memory: %zu clusters take %zu MiB", clusters_count(clusters),
                     clusters_bytes(clusters) >> 20);
}

static int insert(struct clusters *clusters, const struct arrival *arrival, struct error *err)
{
    struct pool *entries = &clusters->entries;
    if (!entries->memory && !pool_init(entries, sizeof(struct entry), ENTRIES_MAX))
        return out_of_memory(clusters, err);
    if (!slots_reserve(&clusters->slots) || entries->high == ENTRIES_MAX)
        return out_of_memory(clusters, err);
    uint32_t ref = pool_take(entries);
    struct entry *entry = pool_at(entries, ref);
    *entry = arrival->entry;
    slots_add(&clusters->slots, arrival->hash, ref);
    return 0;
}

/* --- merging ---------------------------------------------------------------------------------- */

static void count_arena(struct clusters *clusters)
{
    const struct record *r = &clusters->merged;
    if (r->blocks & BLOCK_SUSER)
        clusters->arena_bytes += r->user[SRC].bytes.size;
    if (r->blocks & BLOCK_DUSER)
        clusters->arena_bytes += r->user[DST].bytes.size;
    if (r->blocks & BLOCK_LABEL)
        clusters->arena_bytes += r->label.size;
    if (clusters->arena_bytes < ARENA_BYTES_MAX)
        return;
    record_arena_free(clusters->arena);
    clusters->arena = record_arena_new();
    clusters->arena_bytes = 0;
}

/*
 * Merges clusters->added, which is the arrival's record, into clusters->merged, the entry's. The
 * entry gets the key of `keyed`.
 */
static int merge(struct clusters *clusters, struct entry *entry, const struct entry *keyed,
                 struct arrival *arrival, struct error *err)
{
    record_merge(&clusters->merged, &clusters->added, clusters->arena);
    record_touch(&clusters->merged);
    if (!entry_replace(entry, keyed, &clusters->merged, &clusters->pieces))
        return out_of_memory(clusters, err);
    count_arena(clusters);
    entry->updated = arrival->entry.updated;
    entry_give(&arrival->entry, &clusters->pieces);
    return 0;
}

enum fit { FIT_NOT, FIT_TURN_NEW, FIT_TURN_OLD };

/*
 * Two records of the same addresses and ports, but in opposite directions: are they of one flow,
 * and whose direction is right? Who sent a SYN began, who sent a SYN+ACK did not; two SYNs are two
 * connections. Where nothing tells, the first record has it.
 */
static enum fit reverse_fit(const struct record *old, const struct record *new)
{
    uint32_t old_status = record_tcp_status(old), new_status = record_tcp_status(new);
    if (old_status & new_status & TCPS_SYN)
        return FIT_NOT;
    if (new_status & TCPS_SYN)
        return FIT_TURN_OLD;
    if (old_status & TCPS_SYN || new_status & TCPS_SYNACK)
        return FIT_TURN_NEW;
    return old_status & TCPS_SYNACK ? FIT_TURN_OLD : FIT_TURN_NEW;
}

/* Only IP flows have a direction that a sensor can mistake; each ESP association has one only. */
static bool may_be_reversed(const struct record *r)
{
    enum { PROTOCOL_ESP = 50 };
    return record_has(r, BLOCK_FLOW) && r->key.protocol != PROTOCOL_ESP &&
           (r->key.family == FAMILY_IP4 || r->key.family == FAMILY_IP6);
}

/* Returns 1 when there is no cluster that the record belongs to if one of them is reversed. */
static int add_reversed(struct clusters *clusters, struct arrival *arrival, struct error *err)
{
    uint32_t ref;
    struct key *key = &clusters->key;
    entry_read(&arrival->entry, &clusters->added);
    if (!may_be_reversed(&clusters->added))
        return 1;
    key_build(clusters->options.model, &clusters->added, true, key);
    uint32_t hash = hash_key(clusters, key);
    struct entry *entry = find(clusters, key->bytes, key->size, hash, &ref);
    if (!entry)
        return 1;
    entry_read(entry, &clusters->merged);
    switch (reverse_fit(&clusters->merged, &clusters->added)) {
    case FIT_NOT:
        return 1;
    case FIT_TURN_NEW:
        key_turn(&clusters->added);
        return merge(clusters, entry, entry, arrival, err);
    case FIT_TURN_OLD:
        break;
    }
    key_turn(&clusters->merged);
    if (merge(clusters, entry, &arrival->entry, arrival, err))
        return -1;
    slots_remove(&clusters->slots, hash, ref);
    slots_add(&clusters->slots, arrival->hash, ref);
    return 0;
}

static int add_arrival(struct clusters *clusters, struct arrival *arrival, struct error *err)
{
    uint32_t ref;
    struct entry *entry =
        find(clusters, arrival->entry.piece, arrival->entry.key_size, arrival->hash, &ref);
    if (entry) {
        entry_read(entry, &clusters->merged);
        entry_read(&arrival->entry, &clusters->added);
        return merge(clusters, entry, entry, arrival, err);
    }
    if (clusters->options.correct) {
        int result = add_reversed(clusters, arrival, err);
        if (result <= 0)
            return result;
    }
    return insert(clusters, arrival, err);
}

/* --- the queue -------------------------------------------------------------------------------- */

static void prefetch_lines(const void *at, size_t lines)
{
    for (size_t i = 0; i < lines; i++)
        __builtin_prefetch((const char *)at + i * CACHE_LINE);
}

/* The first cluster that the arrival may belong to, or NULL. */
static const struct entry *candidate(const struct clusters *clusters, const struct arrival *arrival)
{
    size_t at = slots_home(&clusters->slots, arrival->hash);
    uint32_t ref = slots_next(&clusters->slots, arrival->hash, &at);
    return ref ? pool_at(&clusters->entries, ref) : NULL;
}

/* Asks for what arrivals will need: the newest its slot, an older one its entry, and so on. */
static void prefetch_arrivals(struct clusters *clusters)
{
    const struct slots *slots = &clusters->slots;
    uint64_t newest = clusters->arrived - 1;
    if (!slots->size || clusters->arrived < clusters->done + PIECE_STAGE + 1)
        return;
    __builtin_prefetch(&slots->array[slots_home(slots, arrival_at(clusters, newest)->hash)]);
    const struct entry *entry = candidate(clusters, arrival_at(clusters, newest - ENTRY_STAGE));
    if (entry)
        __builtin_prefetch(entry);
    entry = candidate(clusters, arrival_at(clusters, newest - PIECE_STAGE));
    if (!entry)
        return;
    size_t lines = (entry->key_size + entry->record_size + CACHE_LINE - 1) / CACHE_LINE;
    prefetch_lines(entry->piece, lines < PIECE_LINES_MAX ? lines : PIECE_LINES_MAX);
}

int clusters_add(struct clusters *clusters, struct record *r, struct error *err)
{
    check(!clusters->is_finished);
    if (clusters->arrived - clusters->done == QUEUE_SIZE &&
        add_arrival(clusters, arrival_at(clusters, clusters->done++), err))
        return -1;
    struct arrival *arrival = arrival_at(clusters, clusters->arrived);
    struct key *key = &clusters->key;
    key_model_apply(clusters->options.model, r);
    key_build(clusters->options.model, r, false, key);
    arrival->hash = hash_key(clusters, key);
    if (!entry_init(&arrival->entry, key, r, &clusters->pieces))
        return out_of_memory(clusters, err);
    arrival->entry.updated = ++clusters->arrived;
    prefetch_arrivals(clusters);
    return 0;
}

/* --- coming out ------------------------------------------------------------------------------- */

int clusters_finish(struct clusters *clusters, struct error *err)
{
    check(!clusters->is_finished);
    while (clusters->done < clusters->arrived) {
        if (add_arrival(clusters, arrival_at(clusters, clusters->done++), err))
            return -1;
    }
    clusters->is_finished = true;
    slots_release(&clusters->slots); /* not needed any more, and makes room for the order */
    bool done = clusters->options.model->is_default
                    ? order_init(&clusters->order, &clusters->entries, clusters->arrived)
                    : order_init_sorted(&clusters->order, &clusters->entries);
    return done ? 0 : out_of_memory(clusters, err);
}

/* Entries and their pieces lie where they came to lie; asked for early, they are there in time. */
static void prefetch_order(const struct clusters *clusters)
{
    enum { ENTRY_DISTANCE = 24, PIECE_DISTANCE = 12, PIECE_LINES = 4 };
    uint32_t ref = order_ahead(&clusters->order, ENTRY_DISTANCE);
    if (ref)
        __builtin_prefetch(pool_at(&clusters->entries, ref));
    ref = order_ahead(&clusters->order, PIECE_DISTANCE);
    if (!ref)
        return;
    const struct entry *entry = pool_at(&clusters->entries, ref);
    prefetch_lines(entry->piece, PIECE_LINES);
}

int clusters_next(struct clusters *clusters, struct record **ret)
{
    check(clusters->is_finished);
    uint32_t ref = order_next(&clusters->order);
    if (!ref)
        return CLUSTERS_END;
    prefetch_order(clusters);
    entry_read(pool_at(&clusters->entries, ref), &clusters->merged);
    *ret = &clusters->merged;
    return 0;
}
