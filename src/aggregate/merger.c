/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/merger.h"

#include "record/merge.h"
#include "record/pack.h"

/* Payloads and labels that were merged wait in the arena for the next time it is emptied. */
enum { ARENA_BYTES_MAX = 1 << 20 };

void merger_init(struct merger *merger, const struct cluster_model *models, uint64_t seed)
{
    *merger = (struct merger){.models = models, .seed = seed, .arena = record_arena_new()};
}

void merger_release(struct merger *merger)
{
    record_arena_free(merger->arena);
    merger->arena = NULL;
}

static int out_of_memory(const struct table *table, struct error *err)
{
    return error_set(err, "out of memory: a table of %zu clusters takes %zu MiB", table->used,
                     table_bytes(table) >> 20);
}

static void read_entry(const struct merger *merger, const struct entry *entry, struct record *ret)
{
    entry_read(entry, ret);
    key_model_apply(merger->models[entry->model].key, ret);
}

/* --- putting records into entries ------------------------------------------------------------- */

static void count_arena(struct merger *merger)
{
    const struct record *r = &merger->merged;
    if (r->blocks & BLOCK_SUSER)
        merger->arena_bytes += r->user[SRC].bytes.size;
    if (r->blocks & BLOCK_DUSER)
        merger->arena_bytes += r->user[DST].bytes.size;
    if (r->blocks & BLOCK_LABEL)
        merger->arena_bytes += r->label.size;
    if (merger->arena_bytes < ARENA_BYTES_MAX)
        return;
    record_arena_free(merger->arena);
    merger->arena = record_arena_new();
    merger->arena_bytes = 0;
}

/* Most records are as large after merging as before, and borrow nothing: they stay in place. */
static bool fits_in_place(const struct entry *entry, const struct record *r, size_t size)
{
    const uint32_t borrowing = BLOCK_SUSER | BLOCK_DUSER | BLOCK_LABEL | BLOCK_COR | BLOCK_UNKNOWN;
    return entry->form == PACK_BLOCKS && !(r->blocks & borrowing) && entry->record_size == size;
}

/* The slot's entry gets another record, and keeps its key. */
static int put(struct table *table, struct slot *slot, const struct record *r, uint64_t number,
               struct error *err)
{
    struct entry *entry = slot->entry;
    if (!r->wire.size && fits_in_place(entry, r, pack_size(r))) {
        entry_put_record(entry, r);
    } else {
        entry = table_make(table, entry, r);
        if (!entry)
            return out_of_memory(table, err);
        table_replace(table, slot, entry);
    }
    entry->number = number;
    return 0;
}

/* --- going out -------------------------------------------------------------------------------- */

static int emit(const struct merger *merger, struct entry *entry, uint64_t number, void *self,
                struct error *err)
{
    entry->kind = ENTRY_EARLY;
    entry->number = number;
    return merger->emit(self, entry, err);
}

static nsec_t earlier(nsec_t a, nsec_t b)
{
    return a < b ? a : b;
}

static nsec_t later(nsec_t a, nsec_t b)
{
    return a > b ? a : b;
}

/* True if the record must not come to the cluster, but begins a new one. */
static bool is_due(const struct cluster_model *model, const struct record *cluster,
                   const struct record *r)
{
    if (!record_has(cluster, BLOCK_TIME) || !record_has(r, BLOCK_TIME))
        return false;
    nsec_t start = record_start(cluster), last = record_last(cluster);
    nsec_t next_start = record_start(r), next_last = record_last(r);
    if (model->status_ns > 0 &&
        later(last, next_last) - earlier(start, next_start) >= model->status_ns)
        return true;
    return model->idle_ns > 0 && later(next_start - last, start - next_last) >= model->idle_ns;
}

/* --- coming in -------------------------------------------------------------------------------- */

/* A cluster that now matches the flush filter goes out. */
static int settle(struct merger *merger, struct table *table, struct slot *slot,
                  const struct record *r, void *self, struct error *err)
{
    const struct filter *flush = merger->models[slot->entry->model].flush;
    if (!flush || !filter_match(flush, r))
        return 0;
    if (emit(merger, slot->entry, slot->entry->number, self, err))
        return -1;
    table_remove(table, slot);
    return 0;
}

static int begin(struct merger *merger, struct table *table, const struct entry *arrival,
                 void *self, struct error *err)
{
    struct entry *entry = table_insert(table, arrival);
    if (!entry)
        return out_of_memory(table, err);
    entry->kind = ENTRY_CLUSTER;
    if (!merger->models[entry->model].flush)
        return 0;
    read_entry(merger, entry, &merger->added);
    return settle(merger, table, table_find(table, arrival), &merger->added, self, err);
}

/* merger->added comes to the slot's cluster, which is merger->merged. */
static int join(struct merger *merger, struct table *table, struct slot *slot,
                const struct entry *arrival, void *self, struct error *err)
{
    struct record *into = &merger->merged;
    if (is_due(&merger->models[arrival->model], into, &merger->added)) {
        if (emit(merger, slot->entry, arrival->number, self, err))
            return -1;
        into = &merger->added;
    } else {
        record_merge(into, &merger->added, merger->arena);
        record_touch(into);
    }
    if (put(table, slot, into, arrival->number, err))
        return -1;
    slot->entry->kind = ENTRY_CLUSTER;
    int result = settle(merger, table, slot, into, self, err);
    count_arena(merger);
    return result;
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

/* The cluster that merger->added would belong to if it were reversed, or NULL. */
static struct slot *find_reversed(struct merger *merger, const struct table *table,
                                  const struct entry *arrival)
{
    union {
        struct entry entry;
        uint8_t bytes[sizeof(struct entry) + KEY_BYTES_MAX];
    } wanted;
    key_build(merger->models[arrival->model].key, &merger->added, true, &merger->key);
    wanted.entry = *arrival;
    wanted.entry.key_size = merger->key.size & ((1u << ENTRY_KEY_BITS) - 1);
    wanted.entry.hash = (uint32_t)key_hash(&merger->key, merger->seed + arrival->model);
    memcpy(wanted.entry.bytes, merger->key.bytes, merger->key.size);
    return table_find(table, &wanted.entry);
}

/* The cluster is turned, and has the arrival's key from now on. */
static int join_turned(struct merger *merger, struct table *table, struct slot *slot,
                       const struct entry *arrival, void *self, struct error *err)
{
    const struct cluster_model *model = &merger->models[arrival->model];
    if (is_due(model, &merger->merged, &merger->added)) {
        if (emit(merger, slot->entry, arrival->number, self, err))
            return -1;
        table_remove(table, slot);
        return begin(merger, table, arrival, self, err);
    }
    key_turn(&merger->merged);
    key_model_apply(model->key, &merger->added);
    key_take(model->key, &merger->merged, &merger->added);
    struct entry *entry = table_make(table, arrival, &merger->merged);
    if (!entry)
        return out_of_memory(table, err);
    entry->kind = ENTRY_CLUSTER;
    table_remove(table, slot);
    if (!table_adopt(table, entry))
        return out_of_memory(table, err);
    read_entry(merger, entry, &merger->merged);
    return join(merger, table, table_find(table, entry), arrival, self, err);
}

/* Returns 1 when there is no cluster that the record belongs to if one of them is reversed. */
static int add_reversed(struct merger *merger, struct table *table, const struct entry *arrival,
                        void *self, struct error *err)
{
    const struct key_model *key = merger->models[arrival->model].key;
    entry_read(arrival, &merger->added);
    if (!may_be_reversed(&merger->added))
        return 1;
    struct slot *slot = find_reversed(merger, table, arrival);
    if (!slot)
        return 1;
    read_entry(merger, slot->entry, &merger->merged);
    switch (reverse_fit(&merger->merged, &merger->added)) {
    case FIT_NOT:
        return 1;
    case FIT_TURN_OLD:
        return join_turned(merger, table, slot, arrival, self, err);
    case FIT_TURN_NEW:
        break;
    }
    key_turn(&merger->added);
    key_model_apply(key, &merger->added);
    return join(merger, table, slot, arrival, self, err);
}

int merger_add(struct merger *merger, struct table *table, const struct entry *arrival, void *self,
               struct error *err)
{
    struct slot *slot = table_find(table, arrival);
    if (slot) {
        read_entry(merger, slot->entry, &merger->merged);
        read_entry(merger, arrival, &merger->added);
        return join(merger, table, slot, arrival, self, err);
    }
    if (merger->models[arrival->model].correct) {
        int result = add_reversed(merger, table, arrival, self, err);
        if (result <= 0)
            return result;
    }
    return begin(merger, table, arrival, self, err);
}
