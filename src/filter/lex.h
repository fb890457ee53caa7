/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Words of a filter expression. */
enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_STRING, /* between double quotes */
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMPARE,
    TOKEN_BAD, /* too long, or a quote that does not close */
};

enum compare { COMPARE_EQ, COMPARE_NE, COMPARE_GT, COMPARE_GE, COMPARE_LT, COMPARE_LE };

struct token {
    enum token_kind kind;
    enum compare compare;
    size_t at;    /* where it begins in the text */
    bool is_name; /* no word of the language: a backslash was before it */
    char text[256];
};

/* Reads the token at *at and moves *at behind it. */
void lex_next(const char *text, size_t *at, struct token *ret);
