/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Files of variables, NAME=value a line: rarc(5) and its relatives. Blanks in front and lines that
 * begin with # do not matter; a value may stand in double quotes, and what follows on the closing
 * one does not count. An empty value says nothing.
 */

/* Calls `take` for each variable; its -1, and a line that is none, is an error with file and line.
 */
int rc_file_read(const char *path,
                 int (*take)(void *arg, const char *name, const char *value, struct error *err),
                 void *arg, struct error *err) MUST_USE;
