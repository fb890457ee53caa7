/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/spelling.h"

void options_init(struct options *options, const struct option_table *table, int argc, char **argv)
{
    *options = (struct options){.table = table, .words = argv, .count = argc, .at = 1};
    options->lone = mem_alloc((size_t)argc * sizeof(*options->lone));
}

void options_release(struct options *options)
{
    free(options->lone);
    free(options->filter);
    *options = (struct options){0};
}

/* --- looking up ------------------------------------------------------------------------------- */

typedef bool spec_test(const struct option_spec *spec, const void *wanted);

static const struct option_spec *find(const struct option_table *table, spec_test *test,
                                      const void *wanted)
{
    for (const struct option_group *const *group = table->groups; *group; group++) {
        for (const struct option_spec *spec = (*group)->specs; !option_is_end(spec); spec++) {
            if (test(spec, wanted))
                return spec;
        }
    }
    return NULL;
}

static bool has_letter(const struct option_spec *spec, const void *wanted)
{
    return spec->letter && spec->letter == *(const char *)wanted;
}

static bool has_name(const struct option_spec *spec, const void *wanted)
{
    return spec->name && !strcmp(spec->name, wanted);
}

static bool has_name_near(const struct option_spec *spec, const void *wanted)
{
    return spec->name && spelling_is_near(wanted, spec->name);
}

static int unknown_name(const struct option_table *table, const char *name, struct error *err)
{
    const struct option_spec *near = find(table, has_name_near, name);
    if (near)
        return error_set(err, "unknown option --%s; did you mean --%s?", name, near->name);
    return error_set(err, "unknown option --%s (see --help)", name);
}

/* --- one option ------------------------------------------------------------------------------- */

static bool begins_option(const char *word)
{
    return word[0] == '-';
}

static const char *next_word(struct options *options)
{
    return options->at < options->count ? options->words[options->at++] : NULL;
}

/* True if the next word may belong to the option before it. */
static bool more_words(const struct options *options)
{
    return options->at < options->count && !begins_option(options->words[options->at]);
}

/*
 * The option `spec`, spelled as ret->given says. `attached` is the text behind the letter or the
 * "=", or NULL; behind a "=" stands the whole value, so a list or second word does not go on.
 */
static int take_option(struct options *options, const struct option_spec *spec,
                       const char *attached, bool whole, struct option_arg *ret, struct error *err)
{
    if (spec->kind == OPTION_UNSUPPORTED)
        return error_set(err, "%s is not supported by this version", ret->given);
    if (spec->kind == OPTION_FLAG)
        return spec->id;
    bool more = options->at < options->count && !begins_option(options->words[options->at]);
    if (spec->kind == OPTION_LIST_OR_FLAG && !attached && !more)
        return spec->id;

    bool optional = spec->kind == OPTION_LIST_OR_FLAG;
    if (!attached && optional && !more_words(options))
        return spec->id;
    ret->word = attached ? attached : next_word(options);
    if (!ret->word)
        return error_set(err, "%s needs a value: %s %s", ret->given, ret->given, spec->value);
    if (whole)
        return spec->id;
    if (spec->kind == OPTION_LIST || spec->kind == OPTION_LIST_OR_FLAG) {
        options->list = spec;
        options->list_words = 0;
        memcpy(options->list_given, ret->given, sizeof(ret->given));
    }
    if (spec->kind == OPTION_WORD_PLUS && more_words(options))
        ret->second = next_word(options);
    return spec->id;
}

static int take_letter(struct options *options, struct option_arg *ret, struct error *err)
{
    char letter = *options->cluster++;
    const char *rest = options->cluster;
    if (!*rest)
        options->cluster = NULL;
    snprintf(ret->given, sizeof(ret->given), "-%c", letter);

    const struct option_spec *spec = find(options->table, has_letter, &letter);
    if (!spec && letter == 'h')
        return OPTIONS_HELP;
    if (!spec)
        return error_set(err, "unknown option -%c (see --help)", letter);
    if (spec->kind != OPTION_FLAG)
        options->cluster = NULL;
    return take_option(options, spec, *rest ? rest : NULL, false, ret, err);
}

/* `text` is what stands behind the "--". */
static int take_name(struct options *options, const char *text, struct option_arg *ret,
                     struct error *err)
{
    static const struct {
        const char *name;
        int event;
    } common[] = {
        {"help", OPTIONS_HELP}, {"version", OPTIONS_VERSION}, {"help-mdoc", OPTIONS_MDOC}};
    for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
        if (!strcmp(text, common[i].name))
            return common[i].event;
    }

    char name[sizeof(ret->given) - 2];
    size_t size = strcspn(text, "=");
    if (size >= sizeof(name))
        return error_set(err, "unknown option --%s (see --help)", text);
    memcpy(name, text, size);
    name[size] = '\0';
    const char *attached = text[size] ? text + size + 1 : NULL;
    snprintf(ret->given, sizeof(ret->given), "--%s", name);

    const struct option_spec *spec = find(options->table, has_name, name);
    if (!spec)
        return unknown_name(options->table, name, err);
    if (spec->kind == OPTION_FLAG && attached)
        return error_set(err, "%s takes no value", ret->given);
    return take_option(options, spec, attached, attached != NULL, ret, err);
}

/* --- lone words ------------------------------------------------------------------------------- */

static char *join(char **words, int count)
{
    size_t size = 1;
    for (int i = 0; i < count; i++)
        size += strlen(words[i]) + 1;
    char *text = mem_alloc(size), *at = text;
    for (int i = 0; i < count; i++) {
        if (i > 0)
            *at++ = ' ';
        at = stpcpy(at, words[i]);
    }
    *at = '\0';
    return text;
}

static int next_lone(struct options *options, struct option_arg *ret)
{
    if (options->lone_at == options->lone_count)
        return OPTIONS_END;
    if (options->table->takes_operands) {
        ret->word = options->lone[options->lone_at++];
        return OPTIONS_OPERAND;
    }
    options->lone_at = options->lone_count;
    options->filter = join(options->lone, options->lone_count);
    ret->word = options->filter;
    return OPTIONS_FILTER;
}

int options_next(struct options *options, struct option_arg *ret, struct error *err)
{
    *ret = (struct option_arg){0};
    if (options->cluster)
        return take_letter(options, ret, err);
    while (options->at < options->count) {
        char *word = options->words[options->at++];
        bool lone = !begins_option(word);
        if (lone && options->list) {
            memcpy(ret->given, options->list_given, sizeof(ret->given));
            ret->word = word;
            ret->place = ++options->list_words;
            return options->list->id;
        }
        options->list = NULL;
        if (lone) {
            options->lone[options->lone_count++] = word;
        } else if (!strcmp(word, "-") || !strcmp(word, "--")) {
            while (options->at < options->count)
                options->lone[options->lone_count++] = options->words[options->at++];
        } else if (word[1] == '-') {
            return take_name(options, word + 2, ret, err);
        } else {
            options->cluster = word + 1;
            return take_letter(options, ret, err);
        }
    }
    return next_lone(options, ret);
}
