/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * A line of a file of rules, word by word:
 *
 *     line  = { word } [ "#" anything ]
 *     word  = name [ "=" value ]              blanks may stand around "="
 *     value = '"' text '"' | "'" text "'" | text without blanks
 *
 * Between double quotes \" stands for a quote; a backslash before anything else stays.
 */
enum { RULE_NAME_MOST = 40 };

struct rule_word {
    char name[RULE_NAME_MOST + 1];
    size_t name_at;    /* where it stands in the line */
    size_t value_at;   /* of its first character, behind the quote */
    const char *value; /* NULL: there is none; valid as long as the line */
    char quote;        /* 0: it has none */
};

struct rule_line {
    const char *text;
    size_t at;
    char *values; /* of the words so far */
    size_t used;
};

/* `text` must live as long as the line. */
void rule_line_init(struct rule_line *line, const char *text);
void rule_line_release(struct rule_line *line);

/* The next word: 0, RULE_LINE_END or -1; then *ret_at is where the line is wrong. */
enum { RULE_LINE_END = 1 };
int rule_line_next(struct rule_line *line, struct rule_word *ret, size_t *ret_at,
                   struct error *err) MUST_USE;

/* Where a character of the value stands in the line. */
size_t rule_word_place(const struct rule_line *line, const struct rule_word *word, size_t at);
