/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * The file that says which process a daemon is: FOLDER/NAME.N.pid, with N from 0, of which the
 * first is taken that no living process has. It is locked for as long as it is had, and nobody
 * else's file is ever taken away.
 */
struct pid_file {
    int descriptor; /* -1: there is none */
    char *path;
};

int pid_file_take(struct pid_file *ret, const char *folder, const char *name,
                  struct error *err) MUST_USE;

/* Removes it; where that is not allowed any more, or the path leads elsewhere, empties it. */
void pid_file_release(struct pid_file *file);
