/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "base/error.h"

/*
 * Messages to the user: one line on standard error, "program: text". For programs; a library
 * reports through its return value. Any progress display on the terminal is cleared first.
 */

/* At the very start. Standard descriptors that are closed are taken, so that no file becomes one.
 */
void message_init(const char *program);
const char *message_program(void);
void message(const char *format, ...) PRINTF_LIKE(1, 2);
void message_error(const struct error *err);

/* Called before each message; the progress display uses it to clear its line. */
void message_on_print(void (*hook)(void));
