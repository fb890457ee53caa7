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

struct clusters {
    struct cluster_options options;
    uint64_t sequence; /* records so far */
    struct slots slots;
    struct pool entries;
    struct pieces pieces;
    struct record_arena *arena;
    size_t arena_bytes;
    struct record merged; /* the cluster that is being looked at */
    struct key key;       /* of the record that is being added */
    uint32_t hash;        /* of that key */
    struct key other_key;
    bool is_ordered;
    struct order order;
};

struct clusters *clusters_new(const struct cluster_options *options)
{
    struct clusters *clusters = mem_zalloc(sizeof(*clusters));
    clusters->options = *options;
    clusters->arena = record_arena_new();
    return clusters;
}

void clusters_free(struct clusters *clusters)
{
    if (!clusters)
        return;
    for (uint32_t ref = 1; ref <= clusters->entries.high; ref++)
        entry_release(pool_at(&clusters->entries, ref), &clusters->pieces);
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

static struct entry *find(const struct clusters *clusters, const struct key *key, uint32_t hash,
                          uint32_t *ret_ref)
{
    uint32_t ref;
    size_t at = slots_home(&clusters->slots, hash);
    while ((ref = slots_next(&clusters->slots, hash, &at))) {
        struct entry *entry = pool_at(&clusters->entries, ref);
        if (entry_has_key(entry, key)) {
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

/* clusters->key and hash are the record's. */
static int insert(struct clusters *clusters, const struct record *r, struct error *err)
{
    struct pool *entries = &clusters->entries;
    if (!entries->memory && !pool_init(entries, sizeof(struct entry), ENTRIES_MAX))
        return out_of_memory(clusters, err);
    if (!slots_reserve(&clusters->slots) || entries->high == ENTRIES_MAX)
        return out_of_memory(clusters, err);
    uint32_t ref = pool_take(entries);
    struct entry *entry = pool_at(entries, ref);
    if (!entry_init(entry, &clusters->key, r, &clusters->pieces))
        return out_of_memory(clusters, err);
    entry->updated = clusters->sequence;
    slots_add(&clusters->slots, clusters->hash, ref);
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

/* clusters->merged is the entry's record; `key` is its new key, or NULL. */
static int merge(struct clusters *clusters, struct entry *entry, const struct key *key,
                 const struct record *r, struct error *err)
{
    record_merge(&clusters->merged, r, clusters->arena);
    record_touch(&clusters->merged);
    if (!entry_replace(entry, key, &clusters->merged, &clusters->pieces))
        return out_of_memory(clusters, err);
    count_arena(clusters);
    entry->updated = clusters->sequence;
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
static int add_reversed(struct clusters *clusters, struct record *r, struct error *err)
{
    uint32_t ref;
    struct key *other_key = &clusters->other_key;
    key_build(clusters->options.model, r, true, other_key);
    uint32_t other_hash = hash_key(clusters, other_key);
    struct entry *entry = find(clusters, other_key, other_hash, &ref);
    if (!entry)
        return 1;
    entry_read(entry, &clusters->merged);
    switch (reverse_fit(&clusters->merged, r)) {
    case FIT_NOT:
        return 1;
    case FIT_TURN_NEW:
        key_turn(r);
        return merge(clusters, entry, NULL, r, err);
    case FIT_TURN_OLD:
        break;
    }
    key_turn(&clusters->merged);
    if (merge(clusters, entry, &clusters->key, r, err))
        return -1;
    slots_remove(&clusters->slots, other_hash, ref);
    slots_add(&clusters->slots, clusters->hash, ref);
    return 0;
}

int clusters_add(struct clusters *clusters, struct record *r, struct error *err)
{
    check(!clusters->is_ordered);
    clusters->sequence++;
    key_model_apply(clusters->options.model, r);
    key_build(clusters->options.model, r, false, &clusters->key);
    clusters->hash = hash_key(clusters, &clusters->key);
    uint32_t ref;
    struct entry *entry = find(clusters, &clusters->key, clusters->hash, &ref);
    if (entry) {
        entry_read(entry, &clusters->merged);
        return merge(clusters, entry, NULL, r, err);
    }
    if (clusters->options.correct && may_be_reversed(r)) {
        int result = add_reversed(clusters, r, err);
        if (result <= 0)
            return result;
    }
    return insert(clusters, r, err);
}

/* --- coming out ------------------------------------------------------------------------------- */

/* The slots are not needed any more, and make room for the order. */
static int put_in_order(struct clusters *clusters, struct error *err)
{
    slots_release(&clusters->slots);
    clusters->is_ordered = true;
    const struct key_model *model = clusters->options.model;
    bool done = model->is_default
                    ? order_init(&clusters->order, &clusters->entries, clusters->sequence)
                    : order_init_sorted(&clusters->order, &clusters->entries);
    return done ? 0 : out_of_memory(clusters, err);
}

/* Entries and their pieces lie where they came to lie; asked for early, they are there in time. */
static void prefetch(const struct clusters *clusters)
{
    enum { ENTRY_DISTANCE = 24, PIECE_DISTANCE = 12, PIECE_LINES = 4 };
    uint32_t ref = order_ahead(&clusters->order, ENTRY_DISTANCE);
    if (ref)
        __builtin_prefetch(pool_at(&clusters->entries, ref));
    ref = order_ahead(&clusters->order, PIECE_DISTANCE);
    if (!ref)
        return;
    const struct entry *entry = pool_at(&clusters->entries, ref);
    for (size_t i = 0; i < PIECE_LINES; i++)
        __builtin_prefetch(entry->piece + i * CACHE_LINE);
}

int clusters_next(struct clusters *clusters, struct record **ret, struct error *err)
{
    if (!clusters->is_ordered && put_in_order(clusters, err))
        return -1;
    uint32_t ref = order_next(&clusters->order);
    if (!ref)
        return CLUSTERS_END;
    prefetch(clusters);
    entry_read(pool_at(&clusters->entries, ref), &clusters->merged);
    *ret = &clusters->merged;
    return 0;
}
