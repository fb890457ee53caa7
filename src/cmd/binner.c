/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/binner.h"

#include <stdlib.h>

#include "base/mem.h"
#include "split/parts.h"

struct binner {
    struct binning binning;
    struct tool *tool;
    struct bins bins; /* of what waits; the one of `parts` is another */
    struct sort_order by_bin;
    struct sorter *waiting; /* parts by bin */
    struct parts parts;
    struct record reversed, zero;
    struct record mark; /* what marks are like: the head of the input */
    bool has_mark;
    size_t memory_bytes; /* of each sorter, and of clusters */
    bool has_limit;
    nsec_t limit;     /* -B: bins that end up to here went out */
    nsec_t next;      /* and when a record is as late as that, some go out again */
    struct bin given; /* the last one */
    bool has_given;
    struct rule_run *rules;  /* of the bin that is being merged */
    struct sorter *in_order; /* what came of it */
};

static int64_t bin_of(void *self, const struct record *r)
{
    struct binner *binner = self;
    return bins_find(&binner->bins, record_start(r)).start;
}

static struct sorter *new_sorter(const struct binner *binner, const struct sort_order *order)
{
    const struct tool_limits *limits = &binner->binning.clustering->limits;
    return sorter_new(&(struct sorter_options){
        .order = order,
        .memory_bytes = binner->memory_bytes,
        .folder = limits->folder,
        .threads = limits->threads,
    });
}

struct binner *binner_new(const struct binning *binning, struct tool *tool)
{
    struct binner *binner = mem_zalloc(sizeof(*binner));
    binner->binning = *binning;
    binner->tool = tool;
    binner->bins = binning->bins;
    binner->memory_bytes = binning->clustering->limits.memory_bytes / BINNER_SHARES;
    binner->by_bin = (struct sort_order){.first = bin_of, .first_arg = binner};
    binner->waiting = new_sorter(binner, &binner->by_bin);
    return binner;
}

void binner_free(struct binner *binner)
{
    sorter_free(binner->waiting);
    sorter_free(binner->in_order);
    rule_run_free(binner->rules);
    free(binner);
}

/* --- what goes out ---------------------------------------------------------------------------- */

/* A management record at an edge of a bin. */
static void emit_mark(struct binner *binner, uint8_t cause, nsec_t time)
{
    struct record *mark = &binner->mark;
    if (!binner->binning.has_marks)
        return;
    mark->cause = cause;
    mark->mar.start = mark->mar.now = time;
    tool_emit(binner->tool, mark);
}

static void emit_zero(struct binner *binner, const struct bin *bin)
{
    struct record *zero = &binner->zero;
    *zero = (struct record){
        .type = RECORD_FAR, .version = 3, .cause = CAUSE_STATUS, .blocks = BLOCK_TIME | BLOCK_AGR};
    zero->time.start[SRC] = bin->start;
    zero->time.last[SRC] = bin->end;
    zero->time.has_start[SRC] = zero->time.has_last[SRC] = true;
    tool_emit(binner->tool, zero);
}

/* The bins between the last one and this one. */
static void emit_zeros(struct binner *binner, const struct bin *until)
{
    struct bin bin = binner->given;
    if (!binner->binning.is_zero || !binner->has_given)
        return;
    while (!binner->tool->is_closed && bin.end < until->start) {
        bin = bins_find(&binner->bins, bin.end);
        emit_zero(binner, &bin);
    }
}

static void set_hard_times(struct record *r, const struct bin *bin)
{
    record_touch(r);
    r->blocks |= BLOCK_TIME;
    for (unsigned side = SRC; side <= DST; side++) {
        const bool has = side == SRC || r->time.has_start[side];
        r->time.has_start[side] = r->time.has_last[side] = has;
        r->time.start[side] = bin->start;
        r->time.last[side] = bin->end;
    }
}

/* A record of the bin at hand, merged: to its place in the order. */
static int put_in_order(struct binner *binner, struct record *r, const struct bin *bin,
                        struct error *err)
{
    clustering_finish(binner->binning.clustering, r, binner->tool->output.printer);
    if (binner->binning.is_hard)
        set_hard_times(r, bin);
    return sorter_add(binner->in_order, r, err);
}

static void begin_bin(struct binner *binner)
{
    const struct clustering *clustering = binner->binning.clustering;
    /* Many small bins would begin and end more threads than they have work for. */
    const unsigned threads = binner->binning.has_bins ? 1 : clustering->limits.threads;
    binner->rules = clustering_run(clustering, binner->memory_bytes, threads);
    binner->in_order = new_sorter(binner, binner->binning.order);
}

static int add_to_bin(struct binner *binner, struct record *r, const struct bin *bin,
                      struct error *err)
{
    struct record *early;
    if (rule_run_add(binner->rules, r, err))
        return -1;
    while (!clusters_early(rule_run_clusters(binner->rules), &early))
        if (put_in_order(binner, early, bin, err))
            return -1;
    return 0;
}

static int sort_bin(struct binner *binner, const struct bin *bin, struct error *err)
{
    struct record *r;
    struct clusters *clusters = rule_run_clusters(binner->rules);
    int result = clusters_finish(clusters, err);
    while (!result && !(result = clusters_next(clusters, &r, err)))
        result = put_in_order(binner, r, bin, err);
    rule_run_free(binner->rules);
    binner->rules = NULL;
    return result < 0 ? -1 : sorter_finish(binner->in_order, err);
}

static int end_bin(struct binner *binner, const struct bin *bin, struct error *err)
{
    struct record *r;
    int result = sort_bin(binner, bin, err);
    if (result)
        return result;
    emit_zeros(binner, bin);
    emit_mark(binner, CAUSE_START, bin->start);
    while (!binner->tool->is_closed && !(result = sorter_next(binner->in_order, &r, err)))
        tool_emit(binner->tool, r);
    emit_mark(binner, CAUSE_STOP, bin->end);
    sorter_free(binner->in_order);
    binner->in_order = NULL;
    if (!binner->has_given || bin->start > binner->given.start)
        binner->given = *bin;
    binner->has_given = true;
    return result < 0 ? -1 : 0;
}

/* Bins that end up to `limit` go out; what is of later ones goes on waiting. */
static int give_bins(struct binner *binner, nsec_t limit, struct error *err)
{
    struct sorter *waited = binner->waiting;
    struct record *r;
    struct bin bin = {0}, next;
    int result = sorter_finish(waited, err);
    binner->waiting = new_sorter(binner, &binner->by_bin);
    while (!result && !binner->tool->is_closed && !(result = sorter_next(waited, &r, err))) {
        next = bins_find(&binner->bins, record_start(r));
        if (binner->rules && next.start != bin.start)
            result = end_bin(binner, &bin, err);
        if (!result && next.end > limit) {
            result = sorter_add(binner->waiting, r, err);
            continue;
        }
        if (!result && !binner->rules)
            begin_bin(binner);
        bin = next;
        if (!result)
            result = add_to_bin(binner, r, &bin, err);
    }
    if (result >= 0 && binner->rules && !binner->tool->is_closed)
        result = end_bin(binner, &bin, err);
    sorter_free(waited);
    return result < 0 ? -1 : 0;
}

/* --- what comes in ---------------------------------------------------------------------------- */

/* With -t, bins that have nothing of the range are left out. */
static bool is_in_range(const struct binner *binner, const struct bin *bin)
{
    const struct tool_settings *settings = &binner->tool->settings;
    const struct time_range *range = &settings->time_range;
    if (!settings->has_time_range || range->relation != TIME_INTERSECTS || range->negated ||
        range->wild)
        return true;
    return bin->end > range->first && bin->start <= range->last;
}

/* -B: the latest packet of a record says how late it is. */
static int look_at_time(struct binner *binner, nsec_t now, struct error *err)
{
    const nsec_t held = now - binner->binning.hold_ns;
    if (binner->has_limit && held < binner->next)
        return 0;
    const bool gives = binner->has_limit;
    struct bin bin = bins_find(&binner->bins, held);
    binner->limit = bin.start;
    binner->next = bin.end;
    binner->has_limit = true;
    return gives ? give_bins(binner, binner->limit, err) : 0;
}

static int add_parts(struct binner *binner, struct record *r, struct error *err)
{
    struct record *part;
    struct bin bin;
    int result = 0;
    parts_begin(&binner->parts, &binner->binning.bins, r, !binner->binning.is_whole);
    while (!result && (part = parts_next(&binner->parts, &bin)))
        if (is_in_range(binner, &bin))
            result = sorter_add(binner->waiting, part, err);
    return result;
}

int binner_add(struct binner *binner, struct record *r, struct error *err)
{
    const nsec_t now = record_last(r);
    if (!binner->has_mark) {
        binner->mark = *binner->tool->input.head;
        record_touch(&binner->mark);
        binner->has_mark = true;
    }
    const bool is_split = clustering_split(binner->binning.clustering, r, &binner->reversed);
    if (add_parts(binner, r, err) || (is_split && add_parts(binner, &binner->reversed, err)))
        return -1;
    return binner->binning.is_live ? look_at_time(binner, now, err) : 0;
}

int binner_finish(struct binner *binner, struct error *err)
{
    return give_bins(binner, INT64_MAX, err);
}
