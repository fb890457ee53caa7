/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/tests.h"

/* What tests of several files ask of a record. */

enum {
    PROTO_ICMP = 1,
    PROTO_IGMP = 2,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ESP = 50,
    PROTO_ICMP6 = 58,
};

static inline bool has_key(const struct record *r)
{
    return record_is_flow(r) && record_has(r, BLOCK_FLOW);
}

static inline bool is_ip(const struct record *r, uint8_t family)
{
    if (!has_key(r))
        return false;
    if (family)
        return r->key.family == family;
    return r->key.family == FAMILY_IP4 || r->key.family == FAMILY_IP6;
}

static inline bool is_protocol(const struct record *r, uint8_t protocol)
{
    return is_ip(r, 0) && r->key.class == KEY_5TUPLE && r->key.protocol == protocol;
}

/* FAMILY_IP4 or FAMILY_IP6 if the flow has such addresses, those of ARP included; or another one.
 */
static inline uint8_t address_family(const struct record *r)
{
    if (!has_key(r))
        return 0;
    return r->key.family == FAMILY_ARP ? FAMILY_IP4 : r->key.family;
}

/* The port of the side, or -1. Those of fragments are not known; they print as 0. */
static inline int port_of(const struct record *r, unsigned side)
{
    if (!is_protocol(r, PROTO_TCP) && !is_protocol(r, PROTO_UDP))
        return -1;
    bool is_fragment = r->key.flags & KEY_FRAGMENT && r->key.family == FAMILY_IP4;
    return is_fragment ? 0 : r->key.port[side];
}

/* If the comparison holds of two things in this order: -1, 0, 1. */
static inline bool compare_holds(enum compare compare, int order)
{
    switch (compare) {
    case COMPARE_GT:
        return order > 0;
    case COMPARE_GE:
        return order >= 0;
    case COMPARE_LT:
        return order < 0;
    case COMPARE_LE:
        return order <= 0;
    default:
        return order == 0;
    }
}

static inline bool compare_number(enum compare compare, uint32_t value, uint32_t number)
{
    return compare_holds(compare, value < number ? -1 : value > number);
}
