/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Interval index: the numbers from 0 to 2^128 - 1 cut into intervals, each with a value, and the
 * interval that a number lies in. IPv4 addresses are the upper 32 bits of such a number, and take
 * less room.
 *
 * Intervals stand sorted by their first number. Above them lies a trie whose nodes skip the bits
 * that all of their intervals share, and branch by as many bits at once as they have intervals for:
 * S. Nilsson, G. Karlsson, "IP-address lookup using LC-tries", IEEE JSAC 17(6), 1999. Wherever
 * prefixes are crowded together, a search looks at two or three nodes, and at one line of numbers.
 */
typedef unsigned __int128 uint128;

struct narrow_interval {
    uint32_t first; /* number, its upper 32 bits */
    uint32_t value;
};

struct wide_interval {
    uint64_t high, low; /* first number */
    uint32_t value;
};

struct interval_node {
    uint128 shared;      /* the bits that all intervals of the node begin with */
    uint32_t first, end; /* its intervals */
    uint32_t slot;       /* its first slot; it has 2^width of them, and one more */
    uint8_t skip, width; /* how many bits are shared; how many it branches by */
};

struct interval_slot {
    uint32_t first; /* interval that begins in it, or behind it */
    uint32_t node;  /* that has its intervals; 0: they are few */
};

struct interval_index {
    bool is_narrow;                 /* only the upper 32 bits are used */
    struct narrow_interval *narrow; /* one of the two */
    struct wide_interval *wide;
    size_t count, capacity;
    struct interval_node *nodes;
    size_t node_count, node_capacity;
    struct interval_slot *slots;
    size_t slot_count, slot_capacity;
};

void interval_index_release(struct interval_index *index);

/*
 * Begins an interval, which reaches to the next one, above the one before or in its place. The
 * first begins at 0.
 */
void interval_index_append(struct interval_index *index, uint128 first, uint32_t value);

/* Behind the last interval: makes it ready for finding. */
void interval_index_build(struct interval_index *index);

uint32_t interval_index_find(const struct interval_index *index, uint128 number);
