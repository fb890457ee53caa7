/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * From now on the kernel refuses this process, and all that it starts, the system calls that it
 * never makes (system_calls.def), sockets of other families than those of the network and of this
 * machine, and calls by the conventions of other processors. Unless `runs_programs` it cannot start
 * any. They fail with EPERM. A kernel that cannot do that is fine.
 *
 * It is a list of what is refused, not of what is allowed: the C library and the others may make
 * calls tomorrow that they do not make today.
 */
int system_calls_limit(bool runs_programs, struct error *err) MUST_USE;
