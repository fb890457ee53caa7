/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filter/parse_internal.h"

/* What is wrong, and a line of the expression with a caret under the place. */

enum { SHOWN = 72, SHOWN_BEFORE = 40 };

/* The expression around the place, cut where it is longer; returns the place in it. */
static size_t show(const char *text, size_t at, char ret[SHOWN + 8])
{
    const size_t size = strlen(text);
    size_t first = size > SHOWN && at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
    if (first + SHOWN > size)
        first = size > SHOWN ? size - SHOWN : 0;
    size_t part = size - first < SHOWN ? size - first : SHOWN, used = 0;
    if (first)
        used = (size_t)snprintf(ret, SHOWN + 8, "...");
    const size_t place = used + at - first;
    for (size_t i = 0; i < part; i++)
        ret[used++] = isprint((unsigned char)text[first + i]) ? text[first + i] : ' ';
    snprintf(ret + used, SHOWN + 8 - used, "%s", first + part < size ? "..." : "");
    return place;
}

int parser_fail(struct parser *p, size_t at, const char *format, ...)
{
    char what[320], shown[SHOWN + 8];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    size_t place = show(p->text, at, shown);
    return error_set(p->err, "filter: %s, at column %zu\n  %s\n  %*s^", what, at + 1, shown,
                     (int)place, "");
}
