/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/prefix_set.h"
#include "filter/lex.h"
#include "filter/number.h"
#include "record/field.h"
#include "record/record.h"

/*
 * The compiled filter: nodes in one array, children before their parents, the root last. A test
 * looks at one thing of a record.
 *
 * Evaluation goes from test to test and needs neither recursion nor a stack: each test knows which
 * one comes next if it holds, and if it does not (filter_link), as the jumps of short-circuit
 * evaluation are laid out in compilers (Aho, Sethi, Ullman: Compilers, section 8.4,
 * "flow-of-control translation").
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
    const struct prefix_set *set; /* one of the filter's */
    uint8_t *ports;               /* a bit for each of the 65536 */
};

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TEST };

struct node {
    enum node_kind kind;
    uint32_t left, right; /* of NOT: left */
    uint32_t first;       /* test that is looked at first */
    uint32_t next[2];     /* where to go if it does not hold, and if it does */
    struct test test;
    char *text; /* its source form, complete by itself; NULL: that of its children, joined */
};

/* In `next`: no test, but the answer. */
enum { ANSWER_NO = 0x7ffffffe, ANSWER_YES = 0x7fffffff };

/* The addresses of a file, read once however often it is named. */
struct address_set {
    char *path;
    struct prefix_set *set;
};

struct filter {
    struct node *nodes;
    size_t count, capacity; /* count 0: everything matches */
    struct address_set *sets;
    size_t set_count, set_capacity;
    char *warning; /* NULL: none */
};
