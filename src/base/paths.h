/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Paths: the input files of a program, as they were named or found in directories. Zeros are an
 * empty list. */
struct path {
    char *name;
    bool found; /* in a directory, not named by the user */
};

struct paths {
    struct path *list;
    size_t count, capacity;
};

void paths_release(struct paths *paths);

void paths_add(struct paths *paths, const char *name); /* copied */

/*
 * Adds all regular files in and below the directory `root`, then sorts all paths, bytewise.
 * Symbolic links are followed; names that begin with a dot are left out; a directory that is
 * reached in several ways (as by a link to its parent) is read once. `root` may be a file.
 */
int paths_collect(struct paths *paths, const char *root, struct error *err) MUST_USE;
