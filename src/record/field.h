/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

/*
 * THE FIELD TABLE: one row for every field of a record, in field.def. Columns, numeric filters,
 * sort keys, JSON names and the manual's field reference come from it; adding a field is adding a
 * row and, if no getter serves, a getter.
 */
enum value_kind {
    VALUE_NONE, /* the record lacks the block: prints empty */
    VALUE_UINT,
    VALUE_INT,
    VALUE_REAL,
    VALUE_TIME, /* nsec_t in u.time */
    VALUE_SPAN, /* duration, nsec_t in u.time */
    VALUE_IP4,
    VALUE_IP6,
    VALUE_MAC,
    VALUE_PORT,  /* u.uint; name is "tcp" or "udp", which names it; with hex_digits, its own name */
    VALUE_PROTO, /* a number with a name: u.uint, name; NULL: it has none */
    VALUE_TEXT,  /* in text, NUL-terminated */
    VALUE_BYTES, /* payload in bytes; text is its prefix */
};

struct value {
    enum value_kind kind;
    union {
        uint64_t uint;
        int64_t integer;
        double real;
        nsec_t time;
        uint8_t addr[16];
        uint8_t mac[6];
        struct view bytes;
    } u;
    uint8_t prefix;     /* of addresses: mask length */
    uint8_t hex_digits; /* of VALUE_UINT, and of VALUE_PORT with names: it prints as 0x..., or 0 */
    const char *name;
    char text[64];
};

enum field_align { ALIGN_RIGHT, ALIGN_LEFT };

/* Sides that a field may be of: SRC, DST, or */
enum { BOTH = 2 };

struct field {
    const char *name;  /* as in -s and in filters */
    const char *title; /* column header */
    const char
        *json; /* name in JSON output; NULL: it says nothing, and is in no reference either */
    const char *help; /* one line for the manual, with its unit; NULL: see json */
    uint8_t width;    /* of the column */
    enum field_align align;
    bool centred;         /* the title */
    enum value_kind kind; /* of its values; VALUE_IP4: any address. VALUE_NONE: no record has one */
    uint8_t arg;          /* for the getter: the side, or what it says */
    uint32_t blocks;      /* enum record_block that the value is read from */
    void (*get)(const struct record *r, unsigned arg, struct value *ret);
};

extern const struct field field_table[];
extern const size_t field_count;

const struct field *field_find(const char *name); /* exact; NULL if there is none */

/* The fields of the sides of what has sides: "spkts" and "dpkts" for "pkts". False if it has none.
 */
bool field_find_sides(const char *name, const struct field *ret[2]);

/* What kind of value it has, in a word: "integer", "real", "seconds", "time", "text" ... */
const char *field_type(const struct field *field);

/* The value; VALUE_NONE if a block is missing. */
void field_get(const struct field *field, const struct record *r, struct value *ret);

/* The value as a number: false if it has none. Times and durations are in seconds. */
bool field_number(const struct field *field, const struct record *r, double *ret);

/* Up to `most` fields whose names are most like `name`, for the error about an unknown field. */
unsigned field_suggest(const char *name, const struct field **ret, unsigned most);
