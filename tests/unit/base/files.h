/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Files and pipes with given bytes, for tests. The current directory must be one of our own. */

/* For cmocka: a fresh directory as the current one, and its removal. */
int files_enter(void **state);
int files_leave(void **state);

void files_write(const char *name, struct view bytes);

/*
 * A path that can be opened once and gives the bytes as a pipe does, `step` at a time. files_wait
 * must be called when the reader has closed it.
 */
struct files_pipe {
    char path[32];
    unsigned long thread;
    int ends[2];
    struct view bytes;
    size_t step;
};

void files_pipe(struct files_pipe *pipe, struct view bytes, size_t step);
void files_wait(struct files_pipe *pipe);
