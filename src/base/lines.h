/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"

enum { LINES_END = 1, LINE_MOST = 1 << 16 };

/*
 * The next line of a text, without its end ("\n" or "\r\n"); the last one need not have an end.
 * The bytes stay valid until the next call. LINES_END behind the last line; a line of more than
 * LINE_MOST bytes, and what cannot be read, is an error.
 */
int lines_next(struct input *in, struct view *ret, struct error *err) MUST_USE;

/*
 * Takes one line of a text of rules, and what it wants to know of its number, from 1. Not 0: *err
 * says what is wrong with it, and *ret_at where.
 */
typedef int lines_take(void *arg, const char *text, unsigned number, size_t *ret_at,
                       struct error *err);

/*
 * Gives take() all lines of a file, until it fails: the error says then which line and column that
 * was, and shows it (base/caret.h).
 */
int lines_read(const char *path, lines_take *take, void *arg, struct error *err) MUST_USE;
