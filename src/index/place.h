/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/paths.h"
#include "index/format.h"

/*
 * Place: where the captures of an index are now. Without folders that is where they were when they
 * were indexed; with folders, any file in or below one of them that is the same capture, whatever
 * its name.
 */
struct place {
    struct paths files; /* in and below the folders */
    bool has_folders;
};

void place_init(struct place *place);
void place_release(struct place *place);
int place_add_folder(struct place *place, const char *folder, struct error *err) MUST_USE;

/*
 * The path of the capture that was indexed at `path`; the caller frees it. NULL and a sentence if
 * it is not there, or has changed since.
 */
char *place_find(const struct place *place, const char *path, const struct capture_id *id,
                 struct error *err) MUST_USE;
