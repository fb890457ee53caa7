/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, const char *format, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return -1;
}

int error_errno(struct error *err, const char *format, ...)
{
    int saved = errno;
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof(err->text))
        snprintf(err->text + length, sizeof(err->text) - (size_t)length, ": %s", strerror(saved));
    return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
    if (!err)
        return -1;
    struct error old = *err;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof(err->text))
        snprintf(err->text + length, sizeof(err->text) - (size_t)length, ": %.*s",
                 (int)sizeof(err->text) - length, old.text);
    return -1;
}
