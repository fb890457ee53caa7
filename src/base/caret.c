/* SPDX-License-Identifier: Apache-2.0 */
#include "base/caret.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 72, SHOWN_BEFORE = 40 };

/* The text around the place, cut where it is longer; returns the place in it. */
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

int error_point(struct error *err, const char *text, size_t at)
{
    char shown[SHOWN + 8];
    if (!err)
        return -1;
    size_t place = show(text, at, shown), size = strlen(err->text);
    snprintf(err->text + size, sizeof(err->text) - size, "\n  %s\n  %*s^", shown, (int)place, "");
    return -1;
}
