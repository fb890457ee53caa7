/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/shards.h"

#include <string.h>

#include "base/mem.h"
#include "base/published.h"
#include "flow/shards_internal.h"

/* Counts are published when so many packets were done. */
enum { PUBLISH_PACKETS = 256 };

/* --- life ------------------------------------------------------------------------------------- */

int shards_new(struct shards **ret, const struct meter_options *options, meter_sink sink, void *arg,
               struct error *err)
{
    struct shards *s = mem_zalloc(sizeof(*s));
    s->outlet = (struct meter_outlet){.sink = sink, .arg = arg};
    s->options = *options;
    s->all = (struct shard_part){.outlet = &s->outlet, .step = 1};
    int result = meter_space_init(&s->space, options, err);
    for (unsigned i = 0; i < FLOW_SHARDS && !result; i++)
        result = meter_new(&s->meters[i], &s->options, i, &s->space, &s->outlet, err);
    if (result) {
        shards_free(s);
        return result;
    }
    *ret = s;
    return 0;
}

void shards_free(struct shards *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        meter_free(s->meters[i]);
    meter_space_release(&s->space);
    flow_numbers_release(&s->numbers);
    mem_free_at(&s);
}

void shards_divide(struct shards *s, unsigned count, struct streams *streams)
{
    s->part_count = count;
    for (unsigned i = 0; i < count; i++) {
        s->outlets[i] = (struct meter_outlet){
            .stream = streams_at(streams, i),
            .numbers = &s->numbers,
        };
        s->parts[i] = (struct shard_part){.first = i, .step = count, .outlet = &s->outlets[i]};
    }
    for (unsigned i = 0; i < FLOW_SHARDS; i++)
        s->meters[i]->outlet = &s->outlets[i % count];
}

/* --- counters --------------------------------------------------------------------------------- */

static void add_counts(uint64_t sums[METER_WORDS], const void *counts)
{
    uint64_t each[METER_WORDS];
    memcpy(each, counts, sizeof(each));
    for (unsigned i = 0; i < METER_WORDS; i++)
        sums[i] += each[i];
}

void shards_get_counts(const struct shards *s, struct meter_counts *ret)
{
    uint64_t sums[METER_WORDS] = {0};
    for (unsigned i = 0; i < FLOW_SHARDS; i++) {
        struct meter_counts counts;
        meter_get_counts(s->meters[i], &counts);
        add_counts(sums, &counts);
    }
    memcpy(ret, sums, sizeof(*ret));
}

void shards_look(const struct shards *s, struct meter_counts *ret)
{
    uint64_t sums[METER_WORDS] = {0};
    for (unsigned i = 0; i < FLOW_SHARDS; i++) {
        struct meter_counts counts;
        published_get(&counts, s->meters[i]->published, METER_WORDS);
        add_counts(sums, &counts);
    }
    memcpy(ret, sums, sizeof(*ret));
}

/* --- looking flows up together ---------------------------------------------------------------- */

/* Of functions that do nothing but this, GCC drops the calls unless it has to inline them. */
static ALWAYS_INLINE void prefetch_flow(const struct meter *m, uint32_t ref)
{
    if (unlikely(flow_is_half(ref))) {
        __builtin_prefetch(half_at(&m->flows, ref), 1);
        return;
    }
    const char *flow = (const char *)meter_flow(m, ref);
    __builtin_prefetch(flow, 1);
    __builtin_prefetch(flow + CACHE_LINE, 1);
    __builtin_prefetch(flow + sizeof(struct flow) - 1, 1);
}

static ALWAYS_INLINE void prefetch_state(const struct meter *m, uint32_t ref)
{
    if (unlikely(flow_is_half(ref)))
        return;
    const struct flow *flow = meter_flow(m, ref);
    if (!flow->state || flow->node.bits & FLOW_ALIAS)
        return;
    const char *state = (const char *)meter_state(m, flow);
    __builtin_prefetch(state, 1);
    __builtin_prefetch(state + sizeof(union flow_state) - 1, 1);
}

/*
 * Which flows the packets are most likely of, or 0. The tables' slots and the flows behind them are
 * on their way from memory then, and there when the packets' turn comes.
 */
static void look_ahead(const struct shards *s, const struct shard_item *items, unsigned count,
                       uint32_t *ret_guesses)
{
    const struct meter *meters[FRAME_BATCH];
    for (unsigned i = 0; i < count; i++) {
        meters[i] = s->meters[items[i].packet->shard];
        flow_table_prefetch_slot(&meters[i]->table, items[i].packet->tag);
    }
    for (unsigned i = 0; i < count; i++) {
        ret_guesses[i] = flow_table_guess(&meters[i]->table, items[i].packet->tag);
        if (likely(ret_guesses[i]))
            prefetch_flow(meters[i], ret_guesses[i]);
    }
    for (unsigned i = 0; i < count; i++)
        if (likely(ret_guesses[i]))
            prefetch_state(meters[i], ret_guesses[i]);
}

/* --- what concerns several shards ------------------------------------------------------------- */

/* The oldest open period of each shard; ref 0: there is none that is to be closed. */
struct fronts {
    struct late_flow of[FLOW_SHARDS];
    nsec_t now;
    bool all; /* not only what is a status interval old */
};

static void find_front(struct fronts *fronts, unsigned i, struct meter *m)
{
    struct late_flow *front = &fronts->of[i];
    front->ref = meter_front(m);
    if (!front->ref)
        return;
    const struct flow_node *node = meter_node(m, front->ref);
    front->period_start = node->period_start;
    front->number = node->number;
    if (!fronts->all && !meter_is_expired(m, front->period_start, fronts->now))
        front->ref = 0;
}

/* Closes periods, oldest first, whatever shard they are of. */
static int close_periods(struct shards *s, const struct shard_part *part, struct fronts *fronts,
                         struct error *err)
{
    for (unsigned i = part->first; i < FLOW_SHARDS; i += part->step)
        find_front(fronts, i, s->meters[i]);
    for (;;) {
        unsigned found = FLOW_SHARDS;
        for (unsigned i = part->first; i < FLOW_SHARDS; i += part->step)
            if (fronts->of[i].ref &&
                (found == FLOW_SHARDS || late_flow_is_before(&fronts->of[i], &fronts->of[found])))
                found = i;
        if (found == FLOW_SHARDS)
            return 0;
        struct meter *m = s->meters[found];
        const struct late_flow *front = &fronts->of[found];
        nsec_t now = fronts->all ? front->period_start : fronts->now;
        int result = meter_close_front(m, front->ref, now, err);
        if (result)
            return result;
        find_front(fronts, found, m);
    }
}

static void publish(struct shards *s, struct shard_part *part)
{
    part->unpublished = 0;
    for (unsigned i = part->first; i < FLOW_SHARDS; i += part->step)
        meter_publish(s->meters[i]);
}

int shards_tick(struct shards *s, struct shard_part *part, nsec_t now, struct error *err)
{
    struct fronts fronts = {.now = now};
    int result = close_periods(s, part, &fronts, err);
    for (unsigned i = part->first; i < FLOW_SHARDS && !result; i += part->step)
        meter_forget_idle(s->meters[i], now);
    publish(s, part);
    return result;
}

int shards_end(struct shards *s, struct shard_part *part, struct error *err)
{
    struct fronts fronts = {.all = true};
    int result = close_periods(s, part, &fronts, err);
    for (unsigned i = part->first; i < FLOW_SHARDS && !result; i += part->step)
        meter_forget_all(s->meters[i]);
    part->outlet->last_number = 0;
    publish(s, part);
    if (!result && part->outlet->stream && !part->first)
        result = stream_note(part->outlet->stream, &s->numbers, STREAM_RESTART, 0, 0, err);
    return result;
}

void shards_publish(struct shards *s)
{
    publish(s, &s->all);
}

/* --- one packet after the other ----------------------------------------------------------------
 */

/* Where replies are folded on their requests, only they come from the second end. */
static bool is_reply(const struct keyed_packet *keyed)
{
    enum { PROTO_ICMP = 1 };
    bool is_folded = keyed->key.kind == FLOW_ARP ||
                     (keyed->key.kind == FLOW_IP4 && keyed->key.protocol == PROTO_ICMP);
    return is_folded && keyed->is_second;
}

/* What happened to the batch's earlier packets may have made the guess wrong. */
static uint32_t find_flow(const struct meter *m, const struct keyed_packet *keyed, uint32_t guess)
{
    if (likely(guess && meter_node(m, guess)->number &&
               flow_has_key(&m->flows, guess, &keyed->key)))
        return guess;
    return flow_table_find(&m->table, keyed->tag, &keyed->key);
}

static int new_flow(struct meter *m, const struct keyed_packet *keyed, uint32_t *ret,
                    struct error *err)
{
    int result = meter_flow_new(m, &keyed->key, keyed->is_second, ret, err);
    if (result)
        return result;
    if (is_reply(keyed))
        meter_flow(m, *ret)->node.bits |= FLOW_REPLY_FIRST;
    return meter_flow_number(m, *ret, err);
}

static inline int take_packet(struct meter *m, const struct keyed_packet *keyed, uint32_t guess,
                              struct error *err)
{
    const struct packet *p = &keyed->packet;
    const bool second = keyed->is_second;
    int result = 0;
    m->busy = 0;
    if (unlikely(m->wants_to_pack))
        result = meter_pack(m, err);
    if (unlikely(result))
        return result;
    m->counts.packets++;
    m->counts.bytes += p->bytes;
    if (p->frag == FRAG_LATER)
        return meter_fragment_later(m, p, err);
    uint32_t ref = find_flow(m, keyed, guess);
    const bool is_new = !ref;
    if (is_new)
        result = new_flow(m, keyed, &ref, err);
    else if (flow_is_half(ref))
        result = meter_unfold(m, &ref, err);
    if (!result)
        result = meter_account(m, ref, flow_side(meter_flow(m, ref), second), p, err);
    if (!result && p->frag == FRAG_FIRST)
        result = meter_fragment_first(m, ref, flow_side(meter_flow(m, ref), second), p, err);
    if (is_new && !result && m->options->half_flows && p->frag == FRAG_NONE)
        result = meter_fold(m, ref, p, err);
    return result;
}

/* --- all in the caller's thread --------------------------------------------------------------- */

static int take_error(struct shards *s, const struct packet *packet, struct error *err)
{
    struct keyed_packet about;
    if (!shards_find_error(s, packet, &about))
        return 0;
    return meter_map_error(s->meters[about.shard], &about, err);
}

static int take_batch(struct shards *s, const struct keyed_packet *packets, unsigned count,
                      struct error *err)
{
    uint32_t guesses[FRAME_BATCH];
    struct shard_item items[FRAME_BATCH];
    int result = 0;
    for (unsigned i = 0; i < count; i++)
        items[i].packet = &packets[i];
    look_ahead(s, items, count, guesses);
    for (unsigned i = 0; i < count && !result; i++) {
        const struct keyed_packet *packet = &packets[i];
        nsec_t now = packet->packet.time;
        result = take_packet(s->meters[packet->shard], packet, guesses[i], err);
        if (unlikely(flow_may_be_error(&packet->packet)) && !result)
            result = take_error(s, &packet->packet, err);
        if (unlikely(ticks_are_due(&s->ticks, now)) && !result) {
            ticks_next(&s->ticks, now);
            result = shards_tick(s, &s->all, now, err);
        }
    }
    return result;
}

int shards_packets(struct shards *s, const struct keyed_packet *packets, unsigned count,
                   struct error *err)
{
    int result = 0;
    s->all.unpublished += count;
    while (count && !result) {
        unsigned batch = count < FRAME_BATCH ? count : FRAME_BATCH;
        result = take_batch(s, packets, batch, err);
        packets += batch;
        count -= batch;
    }
    if (s->all.unpublished >= PUBLISH_PACKETS)
        publish(s, &s->all);
    return result;
}

int shards_advance(struct shards *s, nsec_t now, struct error *err)
{
    if (!s->ticks.has_begun || !ticks_are_due(&s->ticks, now))
        return 0;
    ticks_next(&s->ticks, now);
    return shards_tick(s, &s->all, now, err);
}

int shards_flush(struct shards *s, struct error *err)
{
    s->ticks.has_begun = false;
    return shards_end(s, &s->all, err);
}

/* --- a part of all, in a thread of its own ---------------------------------------------------- */

int shards_items(struct shards *s, struct shard_part *part, const struct shard_item *items,
                 unsigned count, struct error *err)
{
    uint32_t guesses[FRAME_BATCH];
    int result = 0;
    look_ahead(s, items, count, guesses);
    for (unsigned i = 0; i < count && !result; i++) {
        const struct keyed_packet *packet = items[i].packet;
        struct meter *m = s->meters[packet->shard];
        if (part->outlet->stream)
            stream_begin(part->outlet->stream, items[i].event);
        result = packet->is_error_about ? meter_map_error(m, packet, err)
                                        : take_packet(m, packet, guesses[i], err);
    }
    part->unpublished += count;
    if (part->unpublished >= PUBLISH_PACKETS)
        publish(s, part);
    return result;
}
