/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * New file: a file that appears under its name when it is whole, in place of the one that was there
 * before. While it is written it has no name, so that a process that is killed leaves nothing
 * behind. Only where an old file is replaced, it has a hidden name beside it for an instant at the
 * end, NAME with a dot in front and letters behind: a file without a name cannot be put in place of
 * another. File systems that have no files without names (O_TMPFILE) have the hidden one all along.
 */
struct new_file {
    char *path;     /* the name that it is to have */
    char *beside;   /* the name that it has until then; NULL: none */
    int descriptor; /* to write to; owned */
    bool is_device; /* what has the name is no regular file, and stays */
};

/*
 * Makes the file in the folder of `path`, which must be there. It has the mode and, as far as that
 * is allowed, the owner of the file that it is to replace, or else the usual ones. A symbolic link
 * is followed: the file that it leads to is replaced. Devices and pipes are not replaced: they are
 * written to as they are.
 */
int new_file_create(struct new_file *ret, const char *path, struct error *err) MUST_USE;

/* Gives it another name in its folder, for files whose name is known only in the end. */
void new_file_set_name(struct new_file *file, const char *name);

/*
 * Sees to it that the bytes are on the disk, gives the file its name, and closes it. What was there
 * under this name is replaced in one step: whoever looks sees the old file or the new one.
 */
int new_file_commit(struct new_file *file, struct error *err) MUST_USE;

/* Forgets the file. After new_file_commit, or of zeros, this does nothing. */
void new_file_abandon(struct new_file *file);
