/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "flow/internal.h"
#include "flow/mapping.h"
#include "flow/shards.h"
#include "flow/ticks.h"

/* The inside of the shards, for those who give them work: shards.c itself and metering.c. */

/* Shards that work in one thread: every step-th from the first. */
struct shard_part {
    unsigned first, step;
    struct meter_outlet *outlet;
    unsigned unpublished; /* packets done since counts were published */
};

struct shards {
    struct meter *meters[FLOW_SHARDS];
    struct ticks ticks;
    struct meter_options options;
    struct meter_space space;
    struct meter_outlet outlet;
    struct shard_part all;

    /* When they are divided among threads, instead of these two. */
    unsigned part_count;
    struct meter_outlet outlets[FLOW_SHARDS];
    struct shard_part parts[FLOW_SHARDS];
    struct flow_numbers numbers;
};

/* What an ICMP error, or the time of a packet, asks of shards that are not the packet's own. */
static inline bool shards_find_error(const struct shards *s, const struct packet *packet,
                                     struct keyed_packet *ret)
{
    return unlikely(flow_may_be_error(packet)) &&
           flow_error_about(packet, s->options.quirks, &s->options.keying, ret);
}

/* Divides them among `count` threads, each of which has a stream. Before anything is done. */
void shards_divide(struct shards *shards, unsigned count, struct streams *streams);

static inline struct shard_part *shards_part(struct shards *s, unsigned which)
{
    return s->part_count ? &s->parts[which] : &s->all;
}

/* A packet with its event, see streams.h. */
struct shard_item {
    const struct keyed_packet *packet;
    uint64_t event;
};

/* Accounts packets, and tells errors, that are for this part; at most FRAME_BATCH. */
int shards_items(struct shards *shards, struct shard_part *part, const struct shard_item *items,
                 unsigned count, struct error *err);

/* Time has come to `now`; and everything ends. */
int shards_tick(struct shards *shards, struct shard_part *part, nsec_t now, struct error *err);
int shards_end(struct shards *shards, struct shard_part *part, struct error *err);
