/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* An error if there is no such program: where the name says, or, if it has no /, in the path. */
int spawn_check(const char *program, struct error *err) MUST_USE;

/*
 * Starts a program with /dev/null for input, a process group of its own, and signals as they are by
 * default: what stops us from the terminal does not stop it. `output`: a descriptor for its
 * standard output; -1: ours. 0, or the number of the error.
 */
int spawn_program(pid_t *ret, char *const words[], int output);
