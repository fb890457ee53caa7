/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

#include "base/mem.h"

void text_add(struct text *text, const char *more)
{
    size_t size = strlen(more);
    text->bytes = mem_grow(text->bytes, &text->capacity, text->size + size + 1, 1);
    memcpy(text->bytes + text->size, more, size + 1);
    text->size += size;
}
