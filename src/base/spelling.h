/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * How far one word is from another, in typing errors (insertions, deletions, replacements and
 * exchanges of neighbours), for "did you mean". Words of more than 63 characters are far from
 * everything: the answer is then UINT_MAX.
 */
unsigned spelling_distance(const char *a, const char *b);

/* True if `given` is close enough to `known` for a suggestion: one error in three letters. */
bool spelling_is_near(const char *given, const char *known);

/* Puts `known` in the place of *best (NULL: none yet) if it is near, and nearer than that one. */
void spelling_consider(const char *given, const char *known, const char **best);
