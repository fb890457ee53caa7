/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "aggregate/rules.h"
#include "base/attr.h"
#include "base/error.h"
#include "base/rule_line.h"

/* What reads a file of rules: for the parts of it. */
struct rule_reader {
    struct rules *rules;
    const struct rule_options *options;
    const char *path;
    unsigned number; /* of the line */
    struct rule_line line;
    struct rule_word word; /* at hand */
    bool preserves;        /* the next rule keeps what is outside its key */
    struct error *err;
};

/* The line is wrong at this place: -1, and an error with file, line, column, and a caret. */
int rule_fail(struct rule_reader *reader, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

/* The value of the word at hand is wrong at this character. */
int rule_fail_value(struct rule_reader *reader, size_t at, const struct error *why);

/* The rest of the line, the first word of which is at hand: a rule; a variable. */
int rule_read(struct rule_reader *reader) MUST_USE;
int rule_read_variable(struct rule_reader *reader) MUST_USE;

/* The rule is added, and what it points to is the rules'. */
void rules_add(struct rules *rules, const struct rule *rule);
void rule_release(struct rule *rule);
