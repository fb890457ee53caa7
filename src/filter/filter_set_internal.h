/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/hash.h"
#include "base/prefix_set.h"
#include "filter/filter_set.h"
#include "filter/terms.h"

/*
 * Tuple space search (Srinivasan, Suri, Varghese: Packet Classification Using Tuple Space Search,
 * SIGCOMM 1999). The alternatives of all filters are divided by what they ask for: each kind ("a
 * /24 of the source, and a port of the target") is a tuple, in which one look-up in a hash table
 * finds the filters that ask for just what the record has. So that only few tuples are looked at,
 * each value of a record (its addresses by their longest known prefix, its ports, its protocol)
 * leads to the set of tuples that have it; those that remain when these sets are cut are looked up.
 *
 * A tuple may ask for less than its alternatives do: the filters found are evaluated in any case.
 */
enum { TUPLES_MOST = 64 }; /* bits of a word */

struct tuple {
    uint8_t family[2], bits[2]; /* of prefixes; 0 bits: it does not ask for an address */
    bool has_port[2], has_protocol;
    uint32_t first; /* filter of it */
};

/* The filters that one hash leads to: part of the list of all. */
struct slot {
    uint64_t hash;
    uint32_t at, count; /* count 0: the slot is free */
};

struct filter_set {
    const struct filter **filters; /* NULL: matches everything */
    uint32_t count;
    struct tuple tuples[TUPLES_MOST]; /* by their first filter */
    unsigned tuple_count;
    uint64_t rest; /* the bit of the one that asks for nothing, if there is one */
    struct slot *slots;
    uint32_t slot_mask;
    uint32_t *list; /* filters of each slot, upwards */
    /* Tuples that have the value, those that do not ask included. */
    struct prefix_set *prefixes[2]; /* their numbers: places in prefix_tuples */
    uint64_t *prefix_tuples[2];
    uint64_t no_prefix[2]; /* for addresses that are in no prefix */
    uint64_t *port_tuples[2];
    uint64_t no_port[2];
    uint64_t protocol_tuples[UINT8_MAX + 1];
    uint64_t no_protocol;
};

/* What a record has, or what an alternative asks for. */
struct values {
    uint64_t addr[2][2];
    uint8_t family[2];
    uint16_t port[2];
    uint8_t protocol;
};

void filter_set_build(struct filter_set *set);

/* The part of these values that the tuple asks for. */
static inline uint64_t tuple_hash(const struct filter_set *set, unsigned number,
                                  const struct values *values)
{
    const struct tuple *tuple = &set->tuples[number];
    uint64_t words[5];
    unsigned count = 1;
    words[0] = number;
    for (unsigned side = 0; side < 2; side++) {
        unsigned bits = tuple->bits[side];
        if (tuple->has_port[side])
            words[0] |= (uint64_t)values->port[side] << (16 + 16 * side);
        if (bits)
            words[count++] = values->addr[side][0] & UINT64_MAX << (bits < 64 ? 64 - bits : 0);
        if (bits > 64)
            words[count++] = values->addr[side][1] & UINT64_MAX << (128 - bits);
    }
    if (tuple->has_protocol)
        words[0] |= (uint64_t)values->protocol << 48;
    return hash_words(0, words, count);
}
