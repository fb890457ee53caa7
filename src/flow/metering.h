/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/shards.h"

/*
 * Metering: meters whose work is done in a thread of its own, while the caller reads and decodes
 * what comes next. Everything is done in the order of the calls, so that the records are the same
 * with the thread and without it. The meters' sinks are called in the thread.
 *
 * What the meters need of the frames is copied: these may go as soon as a call has returned.
 *
 * Results are those of the meters: a call returns 0, or what a meter's sink returned first, perhaps
 * for packets of calls before.
 */
struct metering;

struct metering_options {
    bool has_thread;
    bool mac_addresses;  /* of the meters' options */
    uint16_t user_bytes; /* the same */
};

struct metering *metering_new(const struct metering_options *options) MUST_USE;

/* NULL is fine. What was not settled may be left undone. Before the meters are freed. */
void metering_free(struct metering *metering);

/* As shards_packets, shards_advance and shards_flush. */
int metering_packets(struct metering *metering, struct shards *shards,
                     const struct keyed_packet *packets, unsigned count,
                     struct error *err) MUST_USE;
int metering_advance(struct metering *metering, struct shards *shards, nsec_t now,
                     struct error *err) MUST_USE;
int metering_flush(struct metering *metering, struct shards *shards, struct error *err) MUST_USE;

/* Waits until all is done. Only then may the meters be asked for their counts. */
int metering_settle(struct metering *metering, struct error *err) MUST_USE;
