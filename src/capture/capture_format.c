/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture_format.h"

#include <stdarg.h>
#include <stdio.h>

uint16_t capture_link_type(uint16_t stored)
{
    enum { LINKTYPE_ATM_RFC1483 = 100, LINKTYPE_RAW = 101 };
    switch (stored) {
    case 11:
        return LINKTYPE_ATM_RFC1483;
    case 12: /* most systems */
    case 14: /* OpenBSD */
        return LINKTYPE_RAW;
    default:
        return stored;
    }
}

int capture_damage(const struct input *in, uint64_t offset, struct error *err, const char *format,
                   ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(err, "%s: offset %llu: %s", input_name(in), (unsigned long long)offset, text);
}

int capture_cut(const struct input *in, const char *what, size_t size, size_t whole,
                struct error *err)
{
    return capture_damage(in, input_offset(in), err, "ends in the middle of %s (%zu of %zu bytes)",
                          what, size, whole);
}
