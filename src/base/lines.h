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
