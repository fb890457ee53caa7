/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/rule_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/filter_set.h"
#include "record/merge.h"

struct rule_run {
    const struct rules *rules;
    struct filter_set *filters;
    struct clusters *clusters;
    struct record copy, reversed;
    struct record_arena *arena; /* for labels of the record at hand */
    size_t arena_bytes;
};

static struct cluster_model *models_of(const struct rules *rules)
{
    struct cluster_model *models = mem_alloc(rules->count * sizeof(*models));
    for (size_t i = 0; i < rules->count; i++) {
        models[i] = rules->list[i].model;
        models[i].correct = rules->correct == RULE_YES;
    }
    return models;
}

static struct filter_set *filters_of(const struct rules *rules)
{
    const struct filter **filters = mem_alloc(rules->count * sizeof(*filters));
    for (size_t i = 0; i < rules->count; i++)
        filters[i] = rules->list[i].filter;
    struct filter_set *set = filter_set_new(filters, rules->count);
    free(filters);
    return set;
}

struct rule_run *rule_run_new(const struct rules *rules, const struct cluster_options *options)
{
    struct rule_run *run = mem_zalloc(sizeof(*run));
    struct cluster_options mine = *options;
    struct cluster_model *models = models_of(rules);
    mine.models = models;
    mine.model_count = (unsigned)rules->count;
    run->rules = rules;
    run->filters = filters_of(rules);
    run->clusters = clusters_new(&mine);
    run->arena = record_arena_new();
    free(models);
    return run;
}

void rule_run_free(struct rule_run *run)
{
    if (!run)
        return;
    filter_set_free(run->filters);
    clusters_free(run->clusters);
    record_arena_free(run->arena);
    free(run);
}

struct clusters *rule_run_clusters(const struct rule_run *run)
{
    return run->clusters;
}

static void add_label(struct rule_run *run, const char *label, struct record *r)
{
    enum { ARENA_BYTES_MAX = 1 << 20 };
    const struct view bytes = {(const uint8_t *)label, strlen(label)};
    /* What was joined for records before this one is in clusters by now. */
    if (run->arena_bytes > ARENA_BYTES_MAX) {
        record_arena_free(run->arena);
        run->arena = record_arena_new();
        run->arena_bytes = 0;
    }
    record_add_label(r, bytes, run->arena);
    run->arena_bytes += r->label.size;
}

static int merge(struct rule_run *run, size_t number, struct record *r, struct error *err)
{
    if (run->rules->metric)
        record_set_sample(r, run->rules->metric);
    return clusters_add(run->clusters, (unsigned)number, r, err);
}

static int take(struct rule_run *run, size_t number, struct record *r, struct error *err)
{
    const struct rule *rule = &run->rules->list[number];
    if (rule->label)
        add_label(run, rule->label, r);
    if (rule->passes)
        return clusters_pass(run->clusters, r, err);
    if (!rule->model.key->is_both_ends)
        return merge(run, number, r, err);
    run->reversed = *r;
    key_turn(&run->reversed);
    if (merge(run, number, r, err))
        return -1;
    return merge(run, number, &run->reversed, err);
}

int rule_run_add(struct rule_run *run, struct record *r, struct error *err)
{
    for (size_t at = 0;; at++) {
        at = filter_set_find(run->filters, at, r); /* the last rule takes any */
        if (!run->rules->list[at].continues)
            return take(run, at, r, err);
        run->copy = *r;
        if (take(run, at, &run->copy, err))
            return -1;
    }
}
