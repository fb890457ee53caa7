/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "filter/lex.h"
#include "filter/number.h"
#include "record/field.h"
#include "record/record.h"

/*
 * The compiled filter: nodes in one array, children before their parents, the root last. A test
 * looks at one thing of a record; `text` is its source form, complete by itself.
 */
enum side_mode { SIDE_EITHER, SIDE_SRC, SIDE_DST, SIDE_EACH };

struct test {
    /* True if the test holds; `side` is SRC or DST for tests of sides, else 0. */
    bool (*holds)(const struct test *test, const struct record *r, unsigned side);
    bool has_sides;
    enum side_mode mode;
    enum compare compare;
    uint32_t number;  /* mask, protocol, lower port ... */
    uint32_t number2; /* upper port ... */
    struct number value;
    const struct field *field[2]; /* of each side; the same for what has no sides */
    uint8_t addr[16];
    uint8_t family, prefix;
    regex_t *pattern;
    char *text;
};

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TEST };

struct node {
    enum node_kind kind;
    uint32_t left, right; /* of NOT: left */
    struct test test;
};

struct filter {
    struct node *nodes;
    size_t count, capacity;
    uint32_t root;
    bool is_empty;
};
