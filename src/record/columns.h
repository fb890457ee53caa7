/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "record/field.h"
#include "record/number_format.h"

/* What the printer does by itself for some fields. */
enum column_role {
    ROLE_VALUE,   /* nothing */
    ROLE_COUNTER, /* -H abbreviates it */
    ROLE_RANK,
    ROLE_RELATIVE_TIME,
    ROLE_IDLE,
    ROLE_FLAGS,
    ROLE_ADDRESS, /* with the port of its side behind it, if that is the next column */
    ROLE_PORT,
    ROLE_STATE,
    ROLE_MAC,
    ROLE_PAYLOAD,
    ROLE_AS,
    ROLE_MPLS,
    ROLE_CODE_POINT,
    ROLE_VENDOR,
    ROLE_RANGE, /* of -t */
    ROLE_COMMUNITY_ID,
};

/* The columns that a printer prints: fields with a width and, for numbers, a format. */
struct column {
    const struct field *field;
    enum column_role role;
    unsigned width; /* 0: the field's own */
    struct number_format format;
    char attribute[48]; /* its name in XML, which the form puts there */
    uint8_t labels;     /* of ROLE_MPLS: a bit for each chosen entry of the stack; 0: its top */
};

struct columns {
    struct column *list;
    size_t count, capacity;
    bool chosen; /* by the user: the default list is gone */
};

void columns_init(struct columns *columns); /* with the default list */
void columns_release(struct columns *columns);
int columns_select(struct columns *columns, const char *words, struct error *err) MUST_USE;
