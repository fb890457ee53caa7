/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rasplit_modes.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/tool_settings.h"

enum { COUNT_DEFAULT = 10000 };

void split_modes_init(struct split_modes *ret)
{
    *ret = (struct split_modes){.kind = SPLIT_COUNT, .limit = COUNT_DEFAULT};
}

/* "5000", "10k", "2m", "1b"; `step` is what a k is. The b of Argus is a G. */
static int parse_limit(const char *word, uint64_t step, uint64_t *ret, struct error *err)
{
    static const char letters[] = "kmgb";
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*word))
        return error_set(err, "'%s' is no number", word);
    unsigned long long number = strtoull(word, &end, 10);
    const char *letter = *end ? strchr(letters, tolower((unsigned char)*end)) : NULL;
    if (*end && (!letter || end[1]))
        return error_set(err, "'%s' is no number; a k, m or g may stand behind it", word);
    uint64_t unit = 1;
    for (const char *at = letters; letter && at <= letter && at < letters + 3; at++)
        unit *= step;
    if (errno || number > UINT64_MAX / unit)
        return error_set(err, "'%s' is too large", word);
    *ret = number * unit;
    return *ret ? 0 : error_set(err, "at least 1 is needed");
}

static int take_value(struct split_modes *modes, const char *word, struct error *err)
{
    const char *mode = modes->incomplete;
    int result = 0;
    modes->incomplete = NULL;
    switch (modes->kind) {
    case SPLIT_TIME:
        result = bins_parse(&modes->bins, word, err);
        break;
    case SPLIT_COUNT:
        result = parse_limit(word, 1000, &modes->limit, err);
        break;
    case SPLIT_SIZE:
        result = parse_limit(word, 1024, &modes->limit, err);
        break;
    case SPLIT_FLOW:
        modes->expression = word;
        break;
    }
    return result ? error_prefix(err, "-M %s", mode) : 0;
}

int split_modes_take(struct split_modes *modes, const char *word, struct error *err)
{
    static const struct {
        const char *word;
        enum split_kind kind;
    } kinds[] = {
        {"time", SPLIT_TIME}, {"count", SPLIT_COUNT}, {"size", SPLIT_SIZE}, {"flow", SPLIT_FLOW}};
    if (modes->incomplete)
        return take_value(modes, word, err);
    if (!strcmp(word, "nomodify")) {
        modes->is_whole = true;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (strcmp(word, kinds[i].word) != 0)
            continue;
        if (modes->is_chosen && modes->kind != kinds[i].kind)
            return error_set(err, "-M %s: records are divided in another way already", word);
        modes->kind = kinds[i].kind;
        modes->is_chosen = true;
        modes->incomplete = word;
        return 0;
    }
    return TOOL_UNKNOWN;
}

int split_modes_complete(const struct split_modes *modes, struct error *err)
{
    if (modes->incomplete)
        return error_set(err, "-M %s: a value is missing", modes->incomplete);
    if (modes->is_whole && modes->kind != SPLIT_TIME)
        return error_set(err, "-M nomodify: only -M time cuts records");
    return 0;
}
