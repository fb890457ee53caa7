/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/row_sort.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

enum { WORD = 8, DIGITS = 256, FEW = 24 };

/* Rows of which the bytes in front of `from` are equal. */
struct group {
    const struct rows *rows;
    struct row_ref *refs, *space;
    size_t count, from;
};

static int compare(const struct group *group, const struct row_ref *a, const struct row_ref *b)
{
    const struct rows *rows = group->rows;
    return memcmp(rows_at(rows, a) + group->from, rows_at(rows, b) + group->from,
                  rows->size - group->from);
}

static bool is_sorted(const struct group *group)
{
    for (size_t i = 1; i < group->count; i++)
        if (compare(group, &group->refs[i - 1], &group->refs[i]) > 0)
            return false;
    return true;
}

/* By insertion. */
static void sort_few(const struct group *group)
{
    struct row_ref *refs = group->refs;
    for (size_t i = 1; i < group->count; i++) {
        const struct row_ref ref = refs[i];
        size_t at = i;
        for (; at && compare(group, &refs[at - 1], &ref) > 0; at--)
            refs[at] = refs[at - 1];
        refs[at] = ref;
    }
}

/* Where the rows begin to differ. */
static size_t shared_end(const struct group *group)
{
    const uint8_t *first = rows_at(group->rows, group->refs);
    size_t end = group->rows->size;
    for (size_t i = 1; i < group->count; i++) {
        const uint8_t *row = rows_at(group->rows, &group->refs[i]);
        size_t at = group->from;
        while (at < end && row[at] == first[at])
            at++;
        end = at;
    }
    return end;
}

static void load_words(const struct group *group)
{
    const size_t rest = group->rows->size - group->from;
    for (size_t i = 0; i < group->count; i++) {
        uint8_t word[WORD] = {0};
        memcpy(word, rows_at(group->rows, &group->refs[i]) + group->from,
               rest < WORD ? rest : WORD);
        group->refs[i].word = load_be64(word);
    }
}

/* Moves all references by one digit of their words; false if all have the same. */
static bool sort_by_digit(const struct row_ref *from, struct row_ref *to, size_t count,
                          const uint32_t *counts, unsigned shift)
{
    size_t places[DIGITS], place = 0;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (counts[digit] == count)
            return false;
        places[digit] = place;
        place += counts[digit];
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].word >> shift & (DIGITS - 1)]++] = from[i];
    return true;
}

static void sort_by_words(const struct group *group)
{
    uint32_t counts[WORD][DIGITS] = {0};
    struct row_ref *from = group->refs, *to = group->space;
    for (size_t i = 0; i < group->count; i++)
        for (unsigned digit = 0; digit < WORD; digit++)
            counts[digit][from[i].word >> 8 * digit & (DIGITS - 1)]++;
    for (unsigned digit = 0; digit < WORD; digit++) {
        if (!sort_by_digit(from, to, group->count, counts[digit], 8 * digit))
            continue;
        struct row_ref *old = from;
        from = to;
        to = old;
    }
    if (from != group->refs)
        memcpy(group->refs, from, group->count * sizeof(*from));
}

static void sort_group(struct group group);

/* Goes on with those that have equal words. */
static void sort_behind(const struct group *group)
{
    for (size_t begin = 0, end; begin < group->count; begin = end) {
        end = begin + 1;
        while (end < group->count && group->refs[end].word == group->refs[begin].word)
            end++;
        if (end > begin + 1)
            sort_group((struct group){group->rows, group->refs + begin, group->space, end - begin,
                                      group->from + WORD});
    }
}

/* As deep as a row has words. */
static void sort_group(struct group group)
{
    if (group.from >= group.rows->size)
        return;
    if (group.count <= FEW) {
        sort_few(&group);
        return;
    }
    if (is_sorted(&group))
        return;
    group.from = shared_end(&group);
    load_words(&group);
    sort_by_words(&group);
    sort_behind(&group);
}

void row_sort(const struct rows *rows, size_t count, struct row_ref *refs, struct row_ref *space)
{
    for (size_t i = 0; i < count; i++)
        refs[i] = (struct row_ref){.row = (uint32_t)i};
    sort_group((struct group){rows, refs, space, count, 0});
}
