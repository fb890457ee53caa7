/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Paths: the input files of a program, as they were named or found in directories. Zeros are an
 * empty list. */
struct path {
    char *name;
    bool found;           /* in a directory, not named by the user */
    uint64_t first, last; /* the bytes of it that are meant; all: 0 and UINT64_MAX */
};

struct paths {
    struct path *list;
    size_t count, capacity;
};

void paths_release(struct paths *paths);

void paths_add(struct paths *paths, const char *name); /* copied */

/* "NAME::FIRST[:LAST]" means a part of the file; what is no range, or a file of this name, all. */
void paths_add_part(struct paths *paths, const char *name);

/*
 * Adds all regular files in and below the directory `root`, then sorts all paths, bytewise.
 * Symbolic links are followed; names that begin with a dot are left out; a directory that is
 * reached in several ways (as by a link to its parent) is read once. `root` may be a file.
 */
int paths_collect(struct paths *paths, const char *root, struct error *err) MUST_USE;
