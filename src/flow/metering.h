/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/shards.h"
#include "flow/streams.h"

/*
 * Metering: shards whose work is done in threads of their own, while the caller reads and decodes
 * what comes next. What comes of it is the same for any number of threads.
 *
 * With one thread there is only the caller's. With two, the other has all shards, and everything is
 * done in it in the order of the calls. With more, shards are divided among them, and their records
 * come together in streams; more threads than there are shards for do nothing.
 *
 * What the meters need of the frames is copied: these may go as soon as a call has returned.
 *
 * Results are those of the meters: a call returns 0, or what a meter's sink returned first, perhaps
 * for packets of calls before.
 */
struct metering;

struct metering_options {
    unsigned threads;    /* the caller's among them */
    bool mac_addresses;  /* of the meters' options */
    uint16_t user_bytes; /* the same */
    struct streams_output
        streams; /* where records go instead of the sinks, from three threads on */
};

struct metering *metering_new(const struct metering_options *options) MUST_USE;

/* NULL is fine. What was not settled may be left undone. Before the shards are freed. */
void metering_free(struct metering *metering);

/* To be called once for all shards that are to work in the threads, before anything else. */
void metering_add(struct metering *metering, struct shards *shards);

/* As shards_packets, shards_advance and shards_flush. */
int metering_packets(struct metering *metering, struct shards *shards,
                     const struct keyed_packet *packets, unsigned count,
                     struct error *err) MUST_USE;
int metering_advance(struct metering *metering, struct shards *shards, nsec_t now,
                     struct error *err) MUST_USE;
int metering_flush(struct metering *metering, struct shards *shards, struct error *err) MUST_USE;

/* Waits until all is done. Only then may the shards be asked for their counts. */
int metering_settle(struct metering *metering, struct error *err) MUST_USE;
