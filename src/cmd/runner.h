/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Runner: runs a program for each file, as `program -r file`, a few at once, in the order in which
 * files come, and never twice at once for one file. Each place has a thread that starts a process
 * and waits for it, so nobody else does.
 *
 * Programs have /dev/null for input, a process group of their own, and signals as they are by
 * default: what stops us from the terminal does not stop them. One that fails is reported when it
 * ends.
 */
struct runner;

enum { RUNNER_MOST = 64, RUNNER_WAITING_MOST = 100000 };

/* An error if there is no such program, in the path or where it says. */
int runner_new(struct runner **ret, const char *program, unsigned places,
               struct error *err) MUST_USE;

/*
 * With RUNNER_WAITING_MOST files before it, waits until there are fewer. `again`: the file may be
 * among those that wait already; then once is enough.
 */
void runner_add(struct runner *runner, const char *path, bool again);

/* Waits until all have been run, and frees everything: how many failed. NULL is fine. */
uint64_t runner_finish(struct runner *runner);
