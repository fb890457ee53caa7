/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/key.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Clusters: flow records that share a key, merged (record/merge.h). Exact, and wholly in memory:
 * about 100 bytes and the record's wire form for a cluster of one record, about 700 bytes for a
 * larger one.
 *
 * With a default model clusters come out in the order in which they were last changed; with any
 * other one sorted by their keys, and then in that order. It does not depend on the seed.
 */
struct cluster_options {
    const struct key_model *model; /* lives as long as the clusters */
    bool correct;                  /* a record may match reversed; for the default model only */
    uint64_t seed;                 /* of the hash, so that nobody can choose keys that collide */
};

struct clusters;

struct clusters *clusters_new(const struct cluster_options *options) MUST_USE;
void clusters_free(struct clusters *clusters); /* NULL is fine */

/* Takes a flow record, which the model may change. Fails only when there is no memory. */
int clusters_add(struct clusters *clusters, struct record *r, struct error *err) MUST_USE;

/* To be called when all records were added, before clusters_next and clusters_count. */
int clusters_finish(struct clusters *clusters, struct error *err) MUST_USE;

/*
 * The next cluster as a record, valid until the next call. A cluster of one record still has its
 * wire form.
 */
enum { CLUSTERS_END = 1 };
int clusters_next(struct clusters *clusters, struct record **ret) MUST_USE;

size_t clusters_count(const struct clusters *clusters);
size_t clusters_bytes(const struct clusters *clusters); /* of memory, now */
