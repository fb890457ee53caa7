/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "base/error.h"
#include "base/event.h"

/*
 * Messages to the user: one line on standard error, "program: text", or what message_redirect was
 * given does with them. For programs; a library reports through its return value, or gives events
 * to whom it works for. Any progress display on the terminal is cleared first.
 */

/* At the very start. Standard descriptors that are closed are taken, so that no file becomes one.
 */
void message_init(const char *program);
const char *message_program(void);

void message_event(const struct event *event);

/* Events that are a sentence alone: named "message", and "failure". */
void message(const char *format, ...) PRINTF_LIKE(1, 2);
void message_error(const struct error *err);

/* From now on they go there, from any thread. NULL: to standard error again. */
void message_redirect(void (*show)(const struct event *event));

/* Called before each message; the progress display uses it to clear its line. */
void message_on_print(void (*hook)(void));
