/* SPDX-License-Identifier: Apache-2.0 */
#include "net/access_rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

static const char blanks[] = " \t\r";

enum { NAME_MOST = 255, SHOWN = 40 };

/* A line that is being read. */
struct reading {
    struct access_rule *rule;
    const struct filter_names *names;
    const char *line;
    size_t at; /* where it goes on */
    size_t *ret_at;
    struct error *err;
};

struct word {
    const char *text;
    size_t size, at;
    bool is_quoted;
};

static int fail(struct reading *x, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

static int fail(struct reading *x, size_t at, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *x->ret_at = at;
    return error_set(x->err, "%s", text);
}

/* 0, -1, or ACCESS_RULE_NONE at the end of the line. */
static int next_word(struct reading *x, struct word *ret)
{
    x->at += strspn(x->line + x->at, blanks);
    const char *start = x->line + x->at;
    if (!*start || *start == '#')
        return ACCESS_RULE_NONE;
    *ret = (struct word){.text = start, .at = x->at};
    ret->is_quoted = *start == '"' || *start == '\'';
    if (ret->is_quoted) {
        const char *end = strchr(start + 1, *start);
        if (!end)
            return fail(x, x->at, "the second quote is missing");
        *ret = (struct word){start + 1, (size_t)(end - start - 1), x->at + 1, true};
        x->at += ret->size + 2;
        if (x->line[x->at] && !strchr(blanks, x->line[x->at]))
            return fail(x, x->at, "a blank is missing behind the quote");
    } else {
        ret->size = strcspn(start, blanks);
        x->at += ret->size;
    }
    return 0;
}

static bool is_word(const struct word *word, const char *text)
{
    return !word->is_quoted && word->size == strlen(text) && !memcmp(word->text, text, word->size);
}

static int shown(const struct word *word)
{
    return word->size < SHOWN ? (int)word->size : SHOWN;
}

/* --- parts of a rule -------------------------------------------------------------------------- */

static int read_action(struct reading *x)
{
    struct word word;
    int result = next_word(x, &word);
    if (result)
        return result;
    x->rule->is_allowed = is_word(&word, "allow");
    if (!x->rule->is_allowed && !is_word(&word, "deny"))
        return fail(x, word.at, "'allow' or 'deny' is expected, not '%.*s'", shown(&word),
                    word.text);
    return 0;
}

/* "10.0.0.0/8,192.0.2.7" */
static int read_networks(struct reading *x, const struct word *word)
{
    struct access_rule *rule = x->rule;
    for (size_t at = 0; at <= word->size;) {
        const char *text = word->text + at;
        const char *comma = memchr(text, ',', word->size - at);
        size_t size = comma ? (size_t)(comma - text) : word->size - at;
        rule->networks = mem_grow(rule->networks, &rule->network_capacity, rule->network_count + 1,
                                  sizeof(*rule->networks));
        if (!prefix_parse(text, size, &rule->networks[rule->network_count]))
            return fail(x, word->at + at, "'%.*s' is no network", size < SHOWN ? (int)size : SHOWN,
                        text);
        rule->network_count++;
        at += size + 1;
    }
    return 0;
}

static int read_name(struct reading *x)
{
    struct word word;
    int result = next_word(x, &word);
    if (result)
        return result < 0 ? -1 : fail(x, x->at, "the name of a certificate is expected");
    if (!word.size || word.size > NAME_MOST || is_word(&word, "."))
        return fail(x, word.at, "this can be the name of no certificate");
    x->rule->name = mem_printf("%.*s", (int)word.size, word.text);
    return 0;
}

static int read_filter(struct reading *x)
{
    struct word word;
    struct error why;
    size_t at;
    int result = next_word(x, &word);
    if (result)
        return result < 0 ? -1 : fail(x, x->at, "a filter is expected, in quotes");
    char *text = mem_printf("%.*s", (int)word.size, word.text);
    result = filter_compile_part(&x->rule->filter, text, x->names, &at, &why);
    free(text);
    return result ? fail(x, word.at + at, "%s", why.text) : 0;
}

/* --- a rule ----------------------------------------------------------------------------------- */

/* What stands behind allow or deny: networks, a name, a filter, each at most once. */
static int read_part(struct reading *x, const struct word *word, bool is_first)
{
    struct access_rule *rule = x->rule;
    if (is_word(word, "cert") && !rule->name && !rule->filter)
        return read_name(x);
    if (is_word(word, "filter") && !rule->filter)
        return rule->is_allowed ? read_filter(x)
                                : fail(x, word->at, "who is denied has no use for a filter");
    if (!is_first)
        return fail(x, word->at, "'%.*s' is not expected here", shown(word), word->text);
    return is_word(word, "any") ? 0 : read_networks(x, word);
}

int access_rule_parse(struct access_rule *ret, const char *line, const struct filter_names *names,
                      size_t *ret_at, struct error *err)
{
    struct reading x = {.rule = ret, .names = names, .line = line, .ret_at = ret_at, .err = err};
    struct word word;
    *ret = (struct access_rule){0};
    int result = read_action(&x);
    if (result)
        return result;
    size_t parts = 0;
    while (!(result = next_word(&x, &word)))
        if (read_part(&x, &word, !parts++))
            return -1;
    if (result < 0)
        return -1;
    if (!parts)
        return fail(&x, x.at, "whom? networks, 'any' or 'cert' is expected");
    return 0;
}

void access_rule_release(struct access_rule *rule)
{
    free(rule->networks);
    free(rule->name);
    filter_free(rule->filter);
    *rule = (struct access_rule){0};
}

static bool is_within(const struct prefix *network, const struct address *address)
{
    const unsigned whole = network->bits / 8, rest = network->bits % 8;
    if (network->address.size != address->size ||
        memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    const uint8_t mask = (uint8_t)(0xff00 >> rest);
    return !rest || !((network->address.bytes[whole] ^ address->bytes[whole]) & mask);
}

bool access_rule_covers(const struct access_rule *rule, const struct address *address)
{
    for (size_t i = 0; i < rule->network_count; i++)
        if (is_within(&rule->networks[i], address))
            return true;
    return !rule->network_count;
}
