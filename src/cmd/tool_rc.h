/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/tool_settings.h"

/* The variables of rarc(5), each of which is an option by another name. */

/* Reads a file; for -F. */
int tool_rc_read(struct tool_settings *settings, const char *path, struct error *err) MUST_USE;

/*
 * Reads the system's file and the user's, those that there are, unless some argument has -X in it.
 * See rarc(5) for where they are.
 */
int tool_rc_read_default(struct tool_settings *settings, int argc, char **argv,
                         struct error *err) MUST_USE;
