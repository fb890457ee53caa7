/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"

/*
 * check(cond): an invariant of ours that must hold. A failure is a bug, never bad input; it stops
 * the process with file, line and condition, in every build. Use it where it is cheap.
 */
#define check(cond)                                                                                \
    do {                                                                                           \
        if (unlikely(!(cond)))                                                                     \
            check_failed(__FILE__, __LINE__, #cond);                                               \
    } while (0)

NORETURN void check_failed(const char *file, int line, const char *condition);
