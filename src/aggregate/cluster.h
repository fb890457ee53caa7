/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/model.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Clusters: flow records that share a key, merged (record/merge.h), by one model or by several
 * side by side. Exact, under a limit of memory; what does not fit goes to temporary files. What
 * comes out, and in which order (order.h), is a function of the records and models alone: neither
 * the limit, nor the number of threads, nor the seed changes a byte.
 *
 * In memory a cluster of one record takes about 100 bytes and the record's wire form, a larger one
 * about 700 bytes.
 */
struct cluster_options {
    const struct cluster_model *models; /* copied; keys and filters live as long as the clusters */
    unsigned model_count;
    uint64_t seed;         /* of the hash, so that nobody can choose keys that collide */
    uint64_t memory_bytes; /* CLUSTERS_MEMORY_LEAST or more; 0: no limit */
    const char *folder;    /* for temporary files; NULL: /tmp */
    unsigned threads;      /* at most; 0 is 1 */
    uint64_t spill_every;  /* for tests: something goes to disk with every so many records */
};

enum { CLUSTERS_MEMORY_LEAST = 4 << 20 };

struct clusters;

struct clusters *clusters_new(const struct cluster_options *options) MUST_USE;
void clusters_free(struct clusters *clusters); /* NULL is fine */

/*
 * A flow record comes to its cluster of a model, which may turn the record. Fails when there is no
 * memory, or a temporary file cannot be written.
 */
int clusters_add(struct clusters *clusters, unsigned model, struct record *r,
                 struct error *err) MUST_USE;

/* A record that goes out as it is, at its place among those that go out before the end. */
int clusters_pass(struct clusters *clusters, const struct record *r, struct error *err) MUST_USE;

/*
 * What has gone out: 0 or CLUSTERS_END, for now. To be called in a loop after each record, or the
 * list grows. Records are looked at some dozens at a time; clusters_settle looks at all that were
 * added. Once something is in temporary files, it is known only in the end what comes first: then
 * nothing more comes here.
 */
enum { CLUSTERS_END = 1 };
int clusters_early(struct clusters *clusters, struct record **ret) MUST_USE;
int clusters_settle(struct clusters *clusters, struct error *err) MUST_USE;

/* To be called when all records were added, before clusters_next. */
int clusters_finish(struct clusters *clusters, struct error *err) MUST_USE;

/*
 * The next cluster as a record, valid until the next call: 0, CLUSTERS_END or -1. A cluster of one
 * record still has its wire form.
 */
int clusters_next(struct clusters *clusters, struct record **ret, struct error *err) MUST_USE;

struct clusters_status {
    uint64_t records;         /* added */
    uint64_t given;           /* clusters and records that came out */
    size_t bytes, peak_bytes; /* of memory for clusters: now, and at most */
    uint64_t spilled_bytes;   /* written to temporary files */
    unsigned passes;          /* over temporary files, at most */
    unsigned threads;
};

/* While threads are working, bytes and what follows it are 0. */
struct clusters_status clusters_status(const struct clusters *clusters);
