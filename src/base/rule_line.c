/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rule_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void rule_line_init(struct rule_line *line, const char *text)
{
    /* A value with its zero byte is shorter than its word: it has a name and "=" in front. */
    *line = (struct rule_line){.text = text, .values = mem_alloc(strlen(text) + 1)};
}

void rule_line_release(struct rule_line *line)
{
    free(line->values);
    *line = (struct rule_line){0};
}

static void skip_blanks(struct rule_line *line)
{
    while (isspace((unsigned char)line->text[line->at]))
        line->at++;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static int take_name(struct rule_line *line, struct rule_word *ret, size_t *ret_at,
                     struct error *err)
{
    const char *name = line->text + line->at;
    size_t size = 0;
    while (is_name(name[size]))
        size++;
    *ret_at = ret->name_at = line->at;
    if (!size)
        return error_set(err, "a word is expected here, as filter=");
    if (size > RULE_NAME_MOST)
        return error_set(err, "'%.*s...' is no word of a rule", (int)RULE_NAME_MOST, name);
    memcpy(ret->name, name, size);
    ret->name[size] = '\0';
    line->at += size;
    return 0;
}

static bool is_escape(const char *at, char quote)
{
    return quote == '"' && at[0] == '\\' && at[1] == '"';
}

/* The quote is at hand. */
static int take_quoted(struct rule_line *line, struct rule_word *ret, size_t *ret_at,
                       struct error *err)
{
    const char *at = line->text + line->at + 1;
    char *to = line->values + line->used;
    ret->quote = line->text[line->at];
    ret->value_at = line->at + 1;
    ret->value = to;
    for (; *at && *at != ret->quote; at++) {
        at += is_escape(at, ret->quote);
        *to++ = *at;
    }
    if (!*at) {
        *ret_at = line->at;
        return error_set(err, "this quote does not close");
    }
    *to++ = '\0';
    line->used = (size_t)(to - line->values);
    line->at = (size_t)(at + 1 - line->text);
    return 0;
}

static void take_plain(struct rule_line *line, struct rule_word *ret)
{
    const char *at = line->text + line->at;
    char *to = line->values + line->used;
    ret->value_at = line->at;
    ret->value = to;
    while (*at && !isspace((unsigned char)*at))
        *to++ = *at++;
    *to++ = '\0';
    line->used = (size_t)(to - line->values);
    line->at = (size_t)(at - line->text);
}

static int take_value(struct rule_line *line, struct rule_word *ret, size_t *ret_at,
                      struct error *err)
{
    skip_blanks(line);
    char first = line->text[line->at];
    if (!first || first == '#') {
        *ret_at = line->at;
        return error_set(err, "a value is missing behind '%s='", ret->name);
    }
    if (first == '"' || first == '\'')
        return take_quoted(line, ret, ret_at, err);
    take_plain(line, ret);
    return 0;
}

int rule_line_next(struct rule_line *line, struct rule_word *ret, size_t *ret_at, struct error *err)
{
    skip_blanks(line);
    if (!line->text[line->at] || line->text[line->at] == '#')
        return RULE_LINE_END;
    *ret = (struct rule_word){0};
    if (take_name(line, ret, ret_at, err))
        return -1;
    skip_blanks(line);
    if (line->text[line->at] != '=')
        return 0;
    line->at++;
    return take_value(line, ret, ret_at, err);
}

size_t rule_word_place(const struct rule_line *line, const struct rule_word *word, size_t at)
{
    size_t place = word->value_at;
    for (; at; at--)
        place += is_escape(line->text + place, word->quote) ? 2 : 1;
    return place;
}
