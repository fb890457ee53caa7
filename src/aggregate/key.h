/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aggregate/key_part.h"
#include "base/error.h"
#include "record/field.h"
#include "record/record.h"

/*
 * What makes records belong together: a model is a list of items (address, port, any field), the
 * key of a record is its values of them as bytes.
 *
 * Keys compare as the values do: memcmp on two keys of one model orders by the first item, then
 * the second and so on, each in the direction that users know for it (addresses and ports upwards,
 * protocols and counters downwards). No key is the beginning of another one of the same model.
 */
enum {
    KEY_ITEMS_MAX = 40,
    KEY_IMPLIED_MAX = 3, /* details of both sides, and the protocol */
    KEY_BYTES_MAX = (KEY_ITEMS_MAX + KEY_IMPLIED_MAX) * KEY_PART_MAX,
};

struct key_item {
    key_part_put *put;         /* NULL: the value of `field` */
    const struct field *field; /* of the field table */
    uint8_t side;
    uint8_t prefix; /* mask length of an address; 0: not masked */
    uint8_t family; /* enum key_family that is masked; 0: any */
    bool descending;
};

struct key_model {
    struct key_item items[KEY_ITEMS_MAX + KEY_IMPLIED_MAX];
    unsigned count;
    unsigned sort_count; /* items that sorting looks at, the first ones; 0: nothing is sorted */
    bool is_default;     /* the flow */
    key_part_put *turn;  /* the lower end by this becomes the source first; NULL: neither */
    bool is_none;        /* no record belongs to another */
    bool is_both_ends;   /* every record counts for its source and, reversed, for its target */
    bool is_bare;        /* addresses, ports and protocols outside the key become zeros */
};

struct key {
    uint16_t size;      /* in bytes, a multiple of 8 */
    uint16_t sort_size; /* the part that sorting looks at */
    uint8_t bytes[KEY_BYTES_MAX] __attribute__((aligned(8)));
};

/* Source id, protocol, addresses and ports: what tells flows apart. */
void key_model_default(struct key_model *ret);

/*
 * Adds the items of one word of -m ("saddr/24", "matrix", "proto,dport") to a model, which was all
 * zeros before the first one. Errors name the word and what might have been meant.
 */
int key_model_add(struct key_model *model, const char *word, struct error *err) MUST_USE;

/* To be called when all words were added: adds what they imply. */
void key_model_finish(struct key_model *model);

/*
 * The same, of a model that may have got no words: then it is that of flows, or of hosts with their
 * ports if every record counts for both of its ends.
 */
void key_model_complete(struct key_model *model, bool is_both_ends);

/* True if a record and its reverse can be told to belong together: both addresses are in the key.
 */
bool key_model_has_both(const struct key_model *model);

/* Exchanges source and destination where the model wants the lower one first. */
void key_model_turn(const struct key_model *model, struct record *r);

/*
 * Makes the record what clusters of the model have of it: addresses masked, and of a bare model
 * nothing outside the key. A record that this changes is touched (record_touch). Doing it again
 * changes nothing.
 */
void key_model_apply(const struct key_model *model, struct record *r);

/* The addresses of the key are those of another record with the same key. */
void key_take(const struct key_model *model, struct record *to, const struct record *from);

/*
 * Exchanges source and destination for good: a record that was written and is read again keeps the
 * direction that it was given.
 */
void key_turn(struct record *r);

/* The record's key, or what it would be if the record were reversed. Addresses may be masked yet.
 */
void key_build(const struct key_model *model, const struct record *r, bool reversed,
               struct key *ret);

uint64_t key_hash(const struct key *key, uint64_t seed);

/* The same for all records with one key, and for those that have it when they are reversed. */
uint32_t key_place(const struct key_model *model, const struct record *r, uint64_t seed);
