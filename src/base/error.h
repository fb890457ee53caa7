/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"

/*
 * The one error type: a sentence for the user.
 *
 * A function that can fail because of input, system or resources returns 0 for success and -1 for
 * failure, takes `struct error *err` as its last parameter and fills it with one sentence without
 * a full stop: the file, the byte offset or line where it makes sense, and what was wrong or
 * expected. Positive return values are conditions of that function (end of input, ...), named in
 * its header. Only programs (src/cmd) print errors, once.
 *
 * `err` may be NULL when the caller does not want the text.
 */
struct error {
    char text[1024];
};

/* Sets the text; always returns -1, so that `return error_set(err, ...)` reads well. */
int error_set(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* As error_set, and appends ": " and the message of errno. */
int error_errno(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "text: " before what err already says; always returns -1. */
int error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
