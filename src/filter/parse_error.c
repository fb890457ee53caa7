/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "filter/parse_internal.h"

int parser_fail(struct parser *p, size_t at, const char *format, ...)
{
    char what[320];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    p->failed_at = at;
    return error_set(p->err, "%s", what);
}
