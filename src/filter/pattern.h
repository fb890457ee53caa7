/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <regex.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Compiles an extended regular expression, unless it is one that may take time or memory without
 * bound.
 */
int pattern_new(regex_t **ret, const char *text, struct error *err) MUST_USE;
void pattern_free(regex_t *pattern); /* NULL is fine */
