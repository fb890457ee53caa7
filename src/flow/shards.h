/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/meter.h"

/*
 * Shards: packets in, flow records out (RFC 7011's metering process). Time is packet time; no clock
 * is read. What comes out is a function of packets and options alone.
 *
 * Flows are divided among FLOW_SHARDS meters by flow_key_shard. Each has a table, queues and memory
 * of its own, so that it can work in a thread of its own; how many there are does not depend on
 * threads, and so neither does anything else. In one thread the meters are called in the order of
 * the packets, which makes the order of the records: that of the packets or ticks that closed their
 * periods; of one tick, that of the periods' starts.
 *
 * Memory: all tables together stay within memory_limit, of which each meter has its part. At the
 * limit, flows that are only remembered are forgotten first, then flows silent longest are written
 * out as status records with OPTION_CONTINUED and forgotten. No packet is ever left out of the
 * count.
 */
struct shards;

int shards_new(struct shards **ret, const struct meter_options *options, meter_sink sink, void *arg,
               struct error *err) MUST_USE;
void shards_free(struct shards *shards); /* NULL is fine */

/*
 * Accounts packets in the order given, with the keys that the options' quirks give them. 0, or what
 * the sink returned when it was not 0.
 */
int shards_packets(struct shards *shards, const struct keyed_packet *packets, unsigned count,
                   struct error *err) MUST_USE;

/*
 * The time of packets has come to `now`, although none came: what is due by then is emitted and
 * forgotten. All packets given before are done with.
 */
int shards_advance(struct shards *shards, nsec_t now, struct error *err) MUST_USE;

/* Emits everything that is open, in order of period start, and forgets all flows. */
int shards_flush(struct shards *shards, struct error *err) MUST_USE;

/* What was done so far is seen by shards_look; else that may be some packets later. */
void shards_publish(struct shards *shards);

void shards_get_counts(const struct shards *shards, struct meter_counts *ret);

/* The counts as they were a moment ago; any thread may ask, at any time. */
void shards_look(const struct shards *shards, struct meter_counts *ret);
