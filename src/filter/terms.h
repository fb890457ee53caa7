/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/filter.h"

/*
 * Terms: what a record must have for a filter to match, as far as it can be looked up: addresses
 * within a prefix, ports, a protocol. A filter has alternatives: each record that it matches has
 * what one of them says. So `host A and port 53` has four, one for each pair of sides.
 */
struct term {
    uint8_t addr[2][16];
    uint8_t family[2]; /* FAMILY_IP4 or FAMILY_IP6 */
    uint8_t bits[2];   /* of the prefix; 0: any address will do, or none */
    uint16_t port[2];
    uint8_t protocol;
    bool has_port[2], has_protocol;
};

struct terms {
    struct term *list;
    size_t count, capacity;
};

/* Asks for a prefix; bits of the address behind it do not matter. */
void term_set_prefix(struct term *term, unsigned side, uint8_t family, const uint8_t *addr,
                     unsigned bits);

/*
 * The alternatives of a filter; NULL is one that matches everything, and has one that asks for
 * nothing. If there are none the filter matches nothing.
 */
void terms_init(struct terms *ret, const struct filter *filter);
void terms_release(struct terms *terms);
