/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Repetitions of repetitions, and several counted ones, make a small pattern take all memory. */
static bool grows_without_bound(const char *pattern)
{
    unsigned counted = 0;
    for (const char *at = pattern; *at; at++) {
        counted += *at == '{';
        if (*at == '\\' && isdigit((unsigned char)at[1])) /* what was matched before */
            return true;
        if (strchr("*+?}", *at) && at[1] && strchr("*+?{", at[1]))
            return true;
    }
    return counted > 1;
}

int pattern_new(regex_t **ret, const char *text, struct error *err)
{
    regex_t pattern;
    if (grows_without_bound(text))
        return error_set(err, "'%s' repeats repetitions", text);
    if (regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB))
        return error_set(err, "'%s' is not a regular expression", text);
    *ret = mem_alloc(sizeof(pattern));
    **ret = pattern;
    return 0;
}

void pattern_free(regex_t *pattern)
{
    if (pattern)
        regfree(pattern);
    free(pattern);
}
