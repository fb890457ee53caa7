/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/store.h"

/*
 * Shard: a store that takes its entries in batches, either at once or in a thread of its own. The
 * caller's thread fills a batch while the shard's works on those before it.
 */
struct shard;

enum { SHARD_RING = 4 };

/* Entries are worked on when so many bytes of them are there; there are SHARD_RING such batches. */
struct shard *shard_new(const struct store_options *options, size_t batch_bytes,
                        bool has_thread) MUST_USE;
void shard_free(struct shard *shard); /* NULL is fine; gives up what was not finished */

/*
 * Room for an entry of this size, to be filled in before the next call; NULL after an error of an
 * entry that was added before.
 */
struct entry *shard_room(struct shard *shard, size_t size, struct error *err) MUST_USE;

/* Hands over what was filled in. */
int shard_push(struct shard *shard, struct error *err) MUST_USE;

/* Nothing more comes: the thread finishes its store. Then waits until that is done. */
int shard_close(struct shard *shard, struct error *err) MUST_USE;
int shard_wait(struct shard *shard, struct error *err) MUST_USE;

/* The store; of a shard with a thread only after shard_wait. */
struct store *shard_store(struct shard *shard);
