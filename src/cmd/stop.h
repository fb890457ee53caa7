/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * An orderly end: the first SIGINT or SIGTERM makes a descriptor readable, for those who wait with
 * poll. A second one does what it always does. One that is ignored stays so.
 */
int stop_catch(int *ret_descriptor, struct error *err) MUST_USE;

int stop_is_wanted(void); /* the signal that asks for an end, or 0 */

/* Ends the program as that signal would have; comes back if there was none. */
void stop_end(void);
