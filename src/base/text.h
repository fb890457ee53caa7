/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/* A text that grows at its end. All zeros is an empty one; its bytes are then NULL. */
struct text {
    char *bytes; /* ends with a zero byte; owned, for free() */
    size_t size, capacity;
};

void text_add(struct text *text, const char *more);
