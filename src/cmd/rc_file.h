/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Files of variables, NAME=value a line: rarc(5), argus.conf(5). Blanks in front and lines that
 * begin with # or ! do not matter; a value may stand in double quotes, and what follows on the
 * closing one does not count. An empty value says nothing.
 */
struct rc_variable {
    const char *name, *value;
    bool is_quoted; /* the value stood in double quotes, which are gone */
    bool is_open;   /* the second quote is missing, and the value goes to the end of the line */
};

/* True if the value says yes. */
bool rc_is_yes(const char *value);

typedef int (*rc_take)(void *arg, const struct rc_variable *variable, struct error *err);

/*
 * Calls `take` for each variable; its -1, and a line that is none, is an error with file and line.
 */
int rc_file_read(const char *path, rc_take take, void *arg, struct error *err) MUST_USE;
