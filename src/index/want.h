/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "flow/identity.h"
#include "record/record.h"

/*
 * Wants: the flows whose packets are looked for, each within a time. A want stands for one record,
 * or for a flow that somebody named. All are kept in memory, about 200 bytes each.
 */
struct want {
    struct flow_key identity;
    nsec_t first, last;      /* both ends included, in whole microseconds as records have them */
    uint64_t packets, bytes; /* as the record counts them; 0: not known */
    uint64_t number;         /* of the record in the input, from 1; 0: a flow that was named */
    /*
     * A record that was merged of several flows leaves out what they do not share: this want is
     * for any packet that fits, and cannot be looked up by its identity.
     */
    bool is_wide;
    bool is_of_pair; /* nor can this one, though what fits has its identity; see identity.h */
    bool any_port[2];
    uint8_t prefix[2]; /* bits of the addresses */
    bool is_one_way;   /* only this source speaks: an address of IP (ARP, too) or Ethernet */
    uint8_t source[16];
    uint32_t next; /* with the same hash; 0: none. Used by wants only */
};

struct wants {
    struct want *list; /* from 1; the first is not used */
    uint32_t count;    /* of the list, the unused one included */
    size_t capacity;
    uint32_t *heads; /* of the chains of equal hashes */
    uint32_t mask;   /* count of heads - 1 */
    uint32_t *wide;
    size_t wide_count, wide_capacity;
};

void wants_init(struct wants *wants);
void wants_release(struct wants *wants);

/* False if the record has no key by which packets could be found. */
bool wants_add_record(struct wants *wants, const struct record *r, uint64_t number) MUST_USE;
void wants_add(struct wants *wants, const struct want *want);

/* All that were added so far: within these times. */
void wants_bound(struct wants *wants, nsec_t first, nsec_t last);

/* To be called when all are added, before the others. */
void wants_close(struct wants *wants);

/* The first want, or the one behind `after`, that a packet of this identity and time fits; 0: none.
 */
uint32_t wants_next(const struct wants *wants, const struct flow_key *identity, nsec_t time,
                    uint32_t after);

/* True if the packet comes from the side that is silent in the record. */
bool want_is_answered(const struct want *want, const struct packet *packet);

/* True if some want fits packets of this identity, at whatever time. */
bool wants_have(const struct wants *wants, const struct flow_key *identity);

static inline nsec_t want_microseconds(nsec_t time)
{
    nsec_t rest = time % 1000;
    return time - (rest < 0 ? rest + 1000 : rest);
}

/*
 * A packet's time as records have it: their seconds are 32 bits without sign, so that the year 1970
 * comes after 2106, and is there for what was before it.
 */
static inline nsec_t want_record_time(nsec_t time)
{
    nsec_t fraction = nsec_fraction(time);
    return want_microseconds((uint32_t)nsec_seconds(time) * NSEC_PER_SEC + fraction);
}
