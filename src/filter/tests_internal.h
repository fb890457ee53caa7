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
