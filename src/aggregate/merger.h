/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/entry.h"
#include "aggregate/model.h"
#include "aggregate/table.h"
#include "base/error.h"

/*
 * What happens when a record comes to a table: it is merged into its cluster, or begins a new one,
 * and clusters may go out. It depends on the cluster and the record alone.
 */
struct merger {
    const struct cluster_model *models;
    uint64_t seed; /* of the hash of keys; for each model its number is added */
    /* Takes a cluster that goes out, to be copied. */
    int (*emit)(void *self, const struct entry *entry, struct error *err);
    struct record_arena *arena;
    size_t arena_bytes;
    struct record merged; /* the cluster that is being looked at */
    struct record added;  /* the record that comes to it */
    struct key key;
};

void merger_init(struct merger *merger, const struct cluster_model *models, uint64_t seed);
void merger_release(struct merger *merger);

/* `self` is for emit. Fails when there is no memory, or emit does. */
int merger_add(struct merger *merger, struct table *table, const struct entry *arrival, void *self,
               struct error *err) MUST_USE;
