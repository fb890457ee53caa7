/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A line of text in the caller's memory. What does not fit is left out: whole pieces of it, never
 * half a character or escape. There is always a zero byte behind what there is.
 */
struct line {
    char *at, *end; /* where the next byte goes; the last byte that there is room for */
};

/* `most` bytes, at least 1, of which the last one is for the zero byte. */
void line_init(struct line *line, char *bytes, size_t most);

/* As it is, all or nothing. */
void line_add(struct line *line, const char *text);
void line_add_number(struct line *line, uint64_t number);

/*
 * Text of anybody's, of at most so many bytes here. What is no character that can be printed
 * becomes \xNN, and a backslash two of them.
 */
void line_add_escaped(struct line *line, const char *text, size_t most);

/* The same as a string of JSON (RFC 8259), without its quotes; bytes that are no UTF-8 become
 * U+FFFD. */
void line_add_json(struct line *line, const char *text, size_t most);
