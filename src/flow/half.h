/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/pool.h"
#include "flow/flow.h"
#include "packet/packet.h"

/*
 * Half flows. A scan makes flows of one packet that nobody answers. All that is known of such a
 * flow fits into one cache line, where a whole flow with its state takes four: IPv4, and TCP, UDP
 * or an ICMP echo request without anything unusual. When another packet comes, or an error about
 * it, the flow becomes whole as if it had always been.
 *
 * Flows of both sizes stand in the same table and the same queues. A reference says which it is.
 */
enum half_form { HALF_TCP, HALF_UDP, HALF_ECHO };

struct half_flow {
    struct flow_node node;
    nsec_t time;        /* of the packet */
    uint8_t addr[2][4]; /* as in the key, and so are the ports */
    uint16_t port[2];
    uint32_t id; /* of the key; of TCP, the acknowledgement number */
    uint32_t seq;
    uint16_t bytes, app_bytes, ip_id, window;
    uint16_t form : 2;     /* enum half_form */
    uint16_t shift : 4;    /* of the window, in TCP's options */
    uint16_t options : 10; /* of TCP */
    uint8_t ttl, tos;
};

_Static_assert(sizeof(struct half_flow) == 64, "one cache line a half flow");

/* The flows of a meter. References to halves have their highest bit set. */
struct flow_pools {
    struct pool whole, half;
};

static inline bool flow_is_half(uint32_t ref)
{
    return ref >> 31;
}

/* From a reference into the pool to that of the flow, and back. */
static inline uint32_t half_ref(uint32_t ref)
{
    return ref ^ UINT32_C(0x80000000);
}

/* As pool_at, with sizes that the compiler knows. */
static inline struct flow *whole_at(const struct flow_pools *pools, uint32_t ref)
{
    return (struct flow *)(void *)pools->whole.memory + ref;
}

static inline struct half_flow *half_at(const struct flow_pools *pools, uint32_t ref)
{
    return (struct half_flow *)(void *)pools->half.memory + half_ref(ref);
}

static inline struct flow_node *node_at(const struct flow_pools *pools, uint32_t ref)
{
    if (flow_is_half(ref))
        return &half_at(pools, ref)->node;
    return &whole_at(pools, ref)->node;
}

void half_key(const struct half_flow *half, struct flow_key *ret);
uint8_t half_protocol(const struct half_flow *half);

/* Fits a flow, whose only packet this is, into a half; false if it does not fit. */
bool half_make(struct half_flow *ret, const struct flow *flow, const struct packet *packet);

/* True if whole flows like this one have a protocol state. */
bool half_has_state(const struct half_flow *half);

/* The whole flow, but for its node's place in a queue, its timeout and `state`; `*state`, if any.
 */
void half_expand(const struct half_flow *half, struct flow *ret, union flow_state *state);

/* True if the flow, of either size, has this key. */
static inline bool flow_has_key(const struct flow_pools *pools, uint32_t ref,
                                const struct flow_key *key)
{
    struct flow_key half;
    if (!flow_is_half(ref))
        return flow_key_equal(&whole_at(pools, ref)->key, key);
    half_key(half_at(pools, ref), &half);
    return flow_key_equal(&half, key);
}

static inline uint32_t flow_tag(const struct flow_pools *pools, uint32_t ref)
{
    struct flow_key half;
    if (!flow_is_half(ref))
        return flow_key_tag(&whole_at(pools, ref)->key);
    half_key(half_at(pools, ref), &half);
    return flow_key_tag(&half);
}
