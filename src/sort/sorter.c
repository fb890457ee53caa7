/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/sorter.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "record/pack.h"
#include "sort/merge.h"
#include "sort/run.h"
#include "spill/spill.h"

/*
 * Memory is one piece: items from its begin upwards, slots from its end downwards, and between
 * them room for the slots once more, which sorting needs.
 *
 * While runs are merged each has a block in memory. As soon as there are so many runs of a level
 * that their blocks would take half of the limit, they become one run of the next level. All runs
 * are in the order in which their records came, so that equal records stay in theirs.
 */
struct run {
    struct spill_stream stream;
    unsigned level;
};

enum { BLOCK_MOST = 256 << 10 };

struct sorter {
    struct sorter_options options;
    size_t size; /* of the memory */
    uint8_t *memory;
    size_t used; /* by items */
    size_t count;
    struct spill_file *file;
    struct run *runs;
    size_t run_count, run_capacity, fan_in;
    struct merge merge;
    struct sort_key key;
    struct record record;
};

static size_t block_size(size_t memory_bytes)
{
    size_t block = memory_bytes / 1024 / SPILL_BLOCK_LEAST * SPILL_BLOCK_LEAST;
    if (block < SPILL_BLOCK_LEAST)
        block = SPILL_BLOCK_LEAST;
    return block < BLOCK_MOST ? block : BLOCK_MOST;
}

struct sorter *sorter_new(const struct sorter_options *options)
{
    check(options->memory_bytes >= SORTER_MEMORY_LEAST && options->threads);
    struct sorter *sorter = mem_zalloc(sizeof(*sorter));
    size_t block = block_size(options->memory_bytes);
    sorter->options = *options;
    sorter->fan_in =
        options->runs_at_once ? options->runs_at_once : options->memory_bytes / 2 / block;
    sorter->file = spill_file_new(options->folder, block);
    return sorter;
}

static void give_memory_back(struct sorter *sorter)
{
    mem_unmap(sorter->memory, sorter->size);
    sorter->memory = NULL;
    sorter->used = sorter->count = 0;
}

void sorter_free(struct sorter *sorter)
{
    if (!sorter)
        return;
    give_memory_back(sorter);
    merge_release(&sorter->merge);
    for (size_t i = 0; i < sorter->run_count; i++)
        spill_release(&sorter->runs[i].stream);
    spill_file_free(sorter->file);
    free(sorter->runs);
    free(sorter->key.bytes);
    free(sorter);
}

uint64_t sorter_spilled(const struct sorter *sorter)
{
    return spill_file_written(sorter->file);
}

/* --- sources of a merge ----------------------------------------------------------------------- */

/* In memory items lie as they came; what will be asked for soon is fetched from there by now. */
static int advance_memory(struct merge_source *source, struct error *err)
{
    enum { AHEAD = 8, LINES = 4 };
    (void)err;
    if (source->end - source->at > AHEAD)
        for (size_t i = 0; i < LINES; i++)
            __builtin_prefetch((const uint8_t *)source->at[AHEAD].item + i * CACHE_LINE);
    source->head = source->at < source->end ? *source->at++ : (struct sort_slot){0, NULL};
    return 0;
}

static int advance_stream(struct merge_source *source, struct error *err)
{
    const void *bytes;
    source->head = (struct sort_slot){0, NULL};
    if (!source->stream->bytes)
        return 0;
    if (spill_peek(source->stream, sizeof(struct sort_item), &bytes, err) ||
        spill_read(source->stream, sort_item_size(bytes), &bytes, err))
        return -1;
    source->head = sort_slot_of(bytes);
    return 0;
}

static void add_run(struct sorter *sorter, struct spill_stream *stream)
{
    merge_add(&sorter->merge, &(struct merge_source){.advance = advance_stream, .stream = stream});
}

/* Sorts what is in memory, and adds its parts as sources. */
static void sort_memory(struct sorter *sorter)
{
    const unsigned threads = sorter->options.threads;
    struct sort_slot *end = (void *)(sorter->memory + sorter->size);
    struct sort_slot *slots = end - sorter->count, *other = slots - sorter->count;
    for (size_t i = 0; i < sorter->count / 2; i++) { /* they were put down from the end */
        struct sort_slot kept = slots[i];
        slots[i] = slots[sorter->count - 1 - i];
        slots[sorter->count - 1 - i] = kept;
    }
    run_sort(slots, other, sorter->count, threads);
    for (unsigned i = 0; i < threads; i++)
        merge_add(&sorter->merge,
                  &(struct merge_source){.advance = advance_memory,
                                         .at = slots + run_part(sorter->count, threads, i),
                                         .end = slots + run_part(sorter->count, threads, i + 1)});
}

/* --- runs ------------------------------------------------------------------------------------- */

static int write_merged(struct sorter *sorter, struct spill_stream *ret, struct error *err)
{
    const struct sort_item *item;
    int result;
    while (!(result = merge_next(&sorter->merge, &item, err)))
        if (spill_write(ret, item, sort_item_size(item), err))
            return -1;
    merge_release(&sorter->merge);
    return result < 0 ? -1 : spill_close(ret, err);
}

static int push_run(struct sorter *sorter, unsigned level, struct error *err)
{
    struct run run = {.stream = {.file = sorter->file}, .level = level};
    int result = write_merged(sorter, &run.stream, err);
    sorter->runs =
        mem_grow(sorter->runs, &sorter->run_capacity, sorter->run_count + 1, sizeof(run));
    sorter->runs[sorter->run_count++] = run;
    return result;
}

/* Makes one run of the last ones, from `first` on. */
static int join_runs(struct sorter *sorter, size_t first, struct error *err)
{
    struct spill_stream joined = {.file = sorter->file};
    for (size_t i = first; i < sorter->run_count; i++)
        add_run(sorter, &sorter->runs[i].stream);
    int result = write_merged(sorter, &joined, err);
    for (size_t i = first; i < sorter->run_count; i++)
        spill_release(&sorter->runs[i].stream);
    sorter->runs[first] = (struct run){joined, sorter->runs[first].level + 1};
    sorter->run_count = first + 1;
    return result;
}

/* Where the runs begin that have the level of the last one. */
static size_t level_begin(const struct sorter *sorter)
{
    size_t first = sorter->run_count;
    while (first && sorter->runs[first - 1].level == sorter->runs[sorter->run_count - 1].level)
        first--;
    return first;
}

static int spill(struct sorter *sorter, struct error *err)
{
    sort_memory(sorter);
    if (push_run(sorter, 0, err))
        return -1;
    sorter->used = sorter->count = 0;
    size_t first = level_begin(sorter);
    if (sorter->run_count - first < sorter->fan_in)
        return 0;
    give_memory_back(sorter); /* their blocks need it */
    while (sorter->run_count - first >= sorter->fan_in) {
        if (join_runs(sorter, first, err))
            return -1;
        first = level_begin(sorter);
    }
    return 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static int take_memory(struct sorter *sorter, struct error *err)
{
    sorter->size = sorter->options.memory_bytes / SPILL_BLOCK_LEAST * SPILL_BLOCK_LEAST;
    while (!(sorter->memory = mem_try_map(sorter->size))) {
        sorter->size = sorter->size / 2 / SPILL_BLOCK_LEAST * SPILL_BLOCK_LEAST;
        if (sorter->size < SORTER_MEMORY_LEAST)
            return error_set(err, "there is no memory to sort in");
    }
    return 0;
}

static bool fits(const struct sorter *sorter, size_t size)
{
    return sorter->used + size + 2 * (sorter->count + 1) * sizeof(struct sort_slot) <= sorter->size;
}

int sorter_add(struct sorter *sorter, const struct record *r, struct error *err)
{
    enum pack_form form;
    sort_order_key(sorter->options.order, r, &sorter->key);
    struct sort_item head = {
        .offset = r->offset,
        .key_size = (uint32_t)sorter->key.size,
        .record_size = (uint32_t)pack_kept_size(r, &form),
    };
    head.form = form;
    size_t size = sort_item_size(&head);
    if (sorter->memory && !fits(sorter, size) && spill(sorter, err))
        return -1;
    if (!sorter->memory && take_memory(sorter, err))
        return -1;
    if (!fits(sorter, size))
        return error_set(err, "a record of %zu bytes does not fit into the memory to sort in",
                         size);
    struct sort_item *item = (void *)(sorter->memory + sorter->used);
    *item = head;
    memcpy(item->bytes, sorter->key.bytes, sorter->key.size);
    pack_keep(r, form, item->bytes + sorter->key.size);
    struct sort_slot *slots = (void *)(sorter->memory + sorter->size);
    slots[-1 - (ptrdiff_t)sorter->count++] = sort_slot_of(item);
    sorter->used += size;
    return 0;
}

int sorter_finish(struct sorter *sorter, struct error *err)
{
    if (!sorter->run_count) {
        if (sorter->count)
            sort_memory(sorter);
        return 0;
    }
    if (sorter->count && spill(sorter, err))
        return -1;
    give_memory_back(sorter);
    while (sorter->run_count > sorter->fan_in)
        if (join_runs(sorter, sorter->run_count - sorter->fan_in, err))
            return -1;
    for (size_t i = 0; i < sorter->run_count; i++)
        add_run(sorter, &sorter->runs[i].stream);
    return 0;
}

int sorter_next(struct sorter *sorter, struct record **ret, struct error *err)
{
    const struct sort_item *item;
    int result = merge_next(&sorter->merge, &item, err);
    if (result)
        return result < 0 ? -1 : SORTER_END;
    struct view kept = {item->bytes + item->key_size, item->record_size};
    pack_read_kept(kept, (enum pack_form)item->form, &sorter->record);
    sorter->record.offset = item->offset;
    *ret = &sorter->record;
    return 0;
}
