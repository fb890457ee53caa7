/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/field.h"

/*
 * Order: by which fields records are sorted. A record's sort key is bytes that compare with memcmp
 * as the record does, whatever the kinds of its fields, each of them upwards or downwards.
 *
 * The directions are those of Argus: what tells when, where and how long goes up (times, durations,
 * addresses, ports, sequence numbers, times to live); what is counted goes down, so that the
 * largest come first.
 */
struct sort_field {
    const struct field *field;
    uint8_t prefix; /* of addresses: bits that count */
    bool descends;
};

struct sort_order {
    struct sort_field *fields;
    size_t count, capacity;
    bool is_reversed; /* each direction is the other one */
    /* A number that goes before all fields, and always up; NULL: there is none. */
    int64_t (*first)(void *arg, const struct record *r);
    void *first_arg;
};

void sort_order_release(struct sort_order *order);

/* Adds "field", or "saddr/16", behind those that are there. */
int sort_order_add(struct sort_order *order, const char *word, struct error *err) MUST_USE;

/* A buffer that grows; zeros at first. */
struct sort_key {
    uint8_t *bytes;
    size_t size, capacity;
};

/* Makes the key of a record in the buffer. */
void sort_order_key(const struct sort_order *order, const struct record *r, struct sort_key *ret);
