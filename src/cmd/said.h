/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/options.h"

/*
 * Said: what a command line and files of variables said, so that a program that reads them again
 * can tell what is different now.
 */
struct said_value {
    int event;   /* of an option; 0: of a variable that is like none */
    char *name;  /* "--spool", "-w", or the variable's */
    char *value; /* all words */
};

struct said {
    struct said_value *list;
    size_t count, capacity;
};

void said_option(struct said *said, const struct option_table *table, int event,
                 const struct option_arg *arg);
void said_variable(struct said *said, const char *name, const char *value);
void said_release(struct said *said);

/*
 * The names of what was said otherwise before, "--spool, -w", without the options in `live`, which
 * 0 ends; NULL: there are none. The caller frees it.
 */
char *said_changes(const struct said *before, const struct said *now, const int *live) MUST_USE;
