/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spelling.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { WORD_MAX = 63 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * The optimal string alignment distance (Damerau 1964, by the dynamic programme of Wagner and
 * Fischer 1974), with three rows of the table at hand.
 */
unsigned spelling_distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > WORD_MAX || b_size > WORD_MAX)
        return UINT_MAX;
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= b_size; j++)
        last[j] = j;
    for (unsigned i = 1; i <= a_size; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            unsigned wrong = a[i - 1] != b[j - 1];
            row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + wrong);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_size];
}

bool spelling_is_near(const char *given, const char *known)
{
    return spelling_distance(given, known) <= (strlen(known) + 2) / 3;
}

void spelling_consider(const char *given, const char *known, const char **best)
{
    if (!spelling_is_near(given, known))
        return;
    if (!*best || spelling_distance(given, known) < spelling_distance(given, *best))
        *best = known;
}
