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
    VALUE_TEXT, /* in text, NUL-terminated */
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
    } u;
    uint8_t prefix; /* of addresses: mask length */
    char text[256];
};

enum field_align { ALIGN_RIGHT, ALIGN_LEFT, ALIGN_CENTRE };

struct field {
    const char *name;  /* as in -s and in filters */
    const char *title; /* column header */
    const char *json;  /* name in JSON output */
    const char *help;  /* one line for the manual, with its unit */
    uint8_t width;     /* of the column */
    enum field_align align;
    uint32_t blocks; /* enum record_block that the value is read from */
    /* Fills in the value; options that change how text looks are the printer's business. */
    void (*get)(const struct record *r, struct value *ret);
};

extern const struct field field_table[];
extern const size_t field_count;

const struct field *field_find(const char *name); /* exact; NULL if there is none */

/* Up to `most` names most like `name`, for the error message about an unknown field. */
unsigned field_suggest(const char *name, const struct field **ret, unsigned most);
