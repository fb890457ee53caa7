/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/options.h"

/*
 * Answers --help, --version and --help-mdoc on standard output: ANSWERED, 0 if `event` is another
 * option, or -1 if the answer could not be written.
 */
enum { ANSWERED = 1 };
int answer(const struct option_table *table, int event, struct error *err) MUST_USE;
