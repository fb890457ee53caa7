/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/rule_line.h"
#include "base/attr.h"
#include "base/caret.h"
#include "base/input.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/quantity.h"
#include "base/spelling.h"
#include "filter/number.h"

struct reader {
    struct rules *rules;
    const struct rule_options *options;
    const char *path;
    unsigned number; /* of the line */
    struct rule_line line;
    struct rule_word word; /* at hand */
    bool preserves;        /* the next rule keeps what is outside its key */
    struct error *err;
};

/* --- trouble ---------------------------------------------------------------------------------- */

static int fail(struct reader *reader, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

static int fail(struct reader *reader, size_t at, const char *format, ...)
{
    char what[640];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    error_set(reader->err, "%s: line %u, column %zu: %s", reader->path, reader->number, at + 1,
              what);
    return error_point(reader->err, reader->line.text, at);
}

/* The value of the word at hand is wrong at this character. */
static int fail_value(struct reader *reader, size_t at, const struct error *why)
{
    return fail(reader, rule_word_place(&reader->line, &reader->word, at), "%s: %s",
                reader->word.name, why->text);
}

/* --- the words of a rule ---------------------------------------------------------------------- */

/* A rule while it is read. */
struct draft {
    struct rule rule;
    struct filter *grep;
    struct rule_word model; /* value NULL: none is given */
    unsigned given;         /* a bit for each word of the table */
};

static int compile(struct reader *reader, struct filter **ret)
{
    struct error why;
    size_t at;
    if (filter_compile_part(ret, reader->word.value, reader->options->names, &at, &why))
        return fail_value(reader, at, &why);
    return 0;
}

static int take_filter(struct reader *reader, struct draft *draft)
{
    return compile(reader, &draft->rule.filter);
}

static int take_flush(struct reader *reader, struct draft *draft)
{
    return compile(reader, &draft->rule.flush);
}

static int take_grep(struct reader *reader, struct draft *draft)
{
    struct error why;
    if (filter_compile_label(&draft->grep, reader->word.value, &why))
        return fail_value(reader, 0, &why);
    return 0;
}

static int take_model(struct reader *reader, struct draft *draft)
{
    draft->model = reader->word;
    return 0;
}

/* One that is written whole into a record. */
static int take_label(struct reader *reader, struct draft *draft)
{
    enum { LABEL_MOST = 1000 };
    if (strlen(reader->word.value) > LABEL_MOST)
        return fail(reader, reader->word.value_at, "label: longer than %d characters", LABEL_MOST);
    if (*reader->word.value)
        draft->rule.label = mem_strdup(reader->word.value);
    return 0;
}

static int take_duration(struct reader *reader, const char *text, nsec_t *ret)
{
    struct error why;
    return quantity_duration(text, ret, &why) ? fail_value(reader, 0, &why) : 0;
}

/* A status interval; one below 0 means that nothing is merged. */
static int take_status(struct reader *reader, struct draft *draft)
{
    const char *text = reader->word.value;
    draft->rule.passes = *text == '-';
    return take_duration(reader, text + draft->rule.passes, &draft->rule.model.status_ns);
}

static int take_idle(struct reader *reader, struct draft *draft)
{
    return take_duration(reader, reader->word.value, &draft->rule.model.idle_ns);
}

static int take_cont(struct reader *reader, struct draft *draft)
{
    (void)reader;
    draft->rule.continues = true;
    return 0;
}

static const struct rule_item {
    const char *name;
    int (*take)(struct reader *reader, struct draft *draft);
    bool is_alone; /* has no value */
} items[] = {
    {"filter", take_filter, false}, {"grep", take_grep, false},     {"model", take_model, false},
    {"label", take_label, false},   {"status", take_status, false}, {"idle", take_idle, false},
    {"flush", take_flush, false},   {"cont", take_cont, true},
};

static int unknown_item(struct reader *reader)
{
    const char *name = reader->word.name;
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        if (spelling_is_near(name, items[i].name))
            return fail(reader, reader->word.name_at,
                        "'%s' is no word of a rule (did you mean '%s'?)", name, items[i].name);
    return fail(reader, reader->word.name_at, "'%s' is no word of a rule%s", name,
                reader->word.value ? "" : "; a value of several words wants quotes");
}

static int take_item(struct reader *reader, struct draft *draft)
{
    const struct rule_word *word = &reader->word;
    size_t i = 0;
    while (i < ARRAY_SIZE(items) && strcmp(word->name, items[i].name) != 0)
        i++;
    if (i == ARRAY_SIZE(items))
        return unknown_item(reader);
    if (draft->given & 1u << i)
        return fail(reader, word->name_at, "'%s' is given twice", word->name);
    draft->given |= 1u << i;
    if (items[i].is_alone && word->value)
        return fail(reader, word->name_at, "'%s' takes no value", word->name);
    if (!items[i].is_alone && !word->value)
        return fail(reader, word->name_at, "'=' and a value must follow '%s'", word->name);
    return items[i].take(reader, draft);
}

/* --- models ----------------------------------------------------------------------------------- */

/* The words of a model are separated by blanks or commas. */
static int add_words(struct reader *reader, const char *text, struct key_model *ret)
{
    struct error why;
    for (const char *at = text; *at;) {
        char word[256];
        size_t size = strcspn(at, " \t");
        if (size >= sizeof(word)) {
            error_set(&why, "a word of more than %zu characters", sizeof(word) - 1);
            return fail_value(reader, (size_t)(at - text), &why);
        }
        memcpy(word, at, size);
        word[size] = '\0';
        if (size && key_model_add(ret, word, &why))
            return fail_value(reader, (size_t)(at - text), &why);
        at += size + (at[size] != '\0');
    }
    return 0;
}

/* One that a rule before had, or NULL. Rules with one model mostly stand together. */
static const struct key_model *find_key(const struct rules *rules, const char *text, bool is_bare)
{
    enum { LOOKED_AT = 64 };
    const size_t count = rules->key_count, first = count > LOOKED_AT ? count - LOOKED_AT : 0;
    for (size_t i = count; i > first; i--) {
        const struct rule_key *key = &rules->keys[i - 1];
        if (key->model->is_bare == is_bare && !strcmp(key->text, text))
            return key->model;
    }
    return NULL;
}

static const struct key_model *add_key(struct rules *rules, const char *text,
                                       const struct key_model *model)
{
    struct rule_key key = {mem_strdup(text), mem_alloc(sizeof(*model))};
    *key.model = *model;
    rules->keys =
        mem_grow(rules->keys, &rules->key_capacity, rules->key_count + 1, sizeof(*rules->keys));
    rules->keys[rules->key_count++] = key;
    return key.model;
}

/* The first rule keeps what is outside its key, those behind it only where that is said. */
static int take_key(struct reader *reader, struct draft *draft)
{
    struct rules *rules = reader->rules;
    struct key_model model = {0};
    const char *text = draft->model.value ? draft->model.value : "";
    const bool is_bare = rules->count ? !reader->preserves : reader->options->is_bare;
    reader->preserves = false;
    draft->rule.model.key = find_key(rules, text, is_bare);
    if (draft->rule.model.key)
        return 0;
    reader->word = draft->model;
    if (add_words(reader, text, &model))
        return -1;
    key_model_complete(&model, reader->options->is_both_ends);
    model.is_bare = is_bare;
    model.sort_count = 0; /* clusters come out as they were changed last */
    draft->rule.model.key = add_key(rules, text, &model);
    return 0;
}

/* --- rules ------------------------------------------------------------------------------------ */

static void add_rule(struct rules *rules, const struct rule *rule)
{
    rules->list = mem_grow(rules->list, &rules->capacity, rules->count + 1, sizeof(*rules->list));
    rules->list[rules->count++] = *rule;
}

static void release_rule(struct rule *rule)
{
    filter_free(rule->filter);
    filter_free(rule->flush);
    free(rule->label);
}

static int check_rule(struct reader *reader, const struct rule *rule)
{
    if (reader->rules->count == RULES_MOST)
        return fail(reader, 0, "more than %d rules", RULES_MOST);
    if (rule->passes && rule->flush)
        return fail(reader, 0,
                    "with a status below 0 nothing is merged, and 'flush' means nothing");
    return 0;
}

/* The rest of the line, the first word of which is at hand. */
static int read_words(struct reader *reader, struct draft *draft)
{
    struct error why;
    size_t at;
    int result = 0;
    while (!result) {
        if (take_item(reader, draft))
            return -1;
        result = rule_line_next(&reader->line, &reader->word, &at, &why);
    }
    if (result < 0)
        return fail(reader, at, "%s", why.text);
    return take_key(reader, draft) || check_rule(reader, &draft->rule) ? -1 : 0;
}

static int read_rule(struct reader *reader)
{
    struct draft draft = {0};
    int result = read_words(reader, &draft);
    struct rule *rule = &draft.rule;
    if (!result && draft.grep) {
        if (rule->filter)
            filter_join(rule->filter, draft.grep);
        else
            rule->filter = draft.grep;
        draft.grep = NULL;
    }
    rule->line = reader->number;
    rule->model.flush = rule->flush;
    rule->passes |= rule->model.key && rule->model.key->is_none;
    if (!result)
        add_rule(reader->rules, rule);
    else
        release_rule(rule);
    filter_free(draft.grep);
    return result;
}

/* --- variables -------------------------------------------------------------------------------- */

static int take_choice(struct reader *reader, enum rule_choice *ret)
{
    const bool yes = !strcmp(reader->word.value, "yes");
    *ret = yes ? RULE_YES : RULE_NO;
    if (yes || !strcmp(reader->word.value, "no"))
        return 0;
    return fail(reader, reader->word.value_at, "'%s' is none of yes, no", reader->word.value);
}

static int set_name(struct reader *reader)
{
    free(reader->rules->name);
    reader->rules->name = mem_strdup(reader->word.value);
    return 0;
}

static int set_preserve(struct reader *reader)
{
    enum rule_choice choice;
    int result = take_choice(reader, &choice);
    reader->preserves = choice == RULE_YES;
    return result;
}

static int set_report(struct reader *reader)
{
    return take_choice(reader, &reader->rules->report);
}

static int set_correct(struct reader *reader)
{
    return take_choice(reader, &reader->rules->correct);
}

static int set_metric(struct reader *reader)
{
    const char *name = reader->word.value;
    const struct field *near, *field = reader->rules->metric = field_find(name);
    if (field && !number_fits(field))
        return fail(reader, reader->word.value_at, "'%s' is no number", name);
    if (field)
        return 0;
    if (field_suggest(name, &near, 1))
        return fail(reader, reader->word.value_at, "there is no field '%s' (did you mean '%s'?)",
                    name, near->name);
    return fail(reader, reader->word.value_at, "there is no field '%s'", name);
}

static int refuse(struct reader *reader)
{
    return fail(reader, reader->word.name_at, "%s is not supported by this version",
                reader->word.name);
}

static const struct {
    const char *name;
    int (*set)(struct reader *reader);
} variables[] = {
    {"RACLUSTER_MODEL_NAME", set_name},         {"RACLUSTER_PRESERVE_FIELDS", set_preserve},
    {"RACLUSTER_AUTO_CORRECTION", set_correct}, {"RACLUSTER_REPORT_AGGREGATION", set_report},
    {"RACLUSTER_AGG_METRIC", set_metric},       {"RACLUSTER_HISTOGRAM", refuse},
};

static int find_variable(struct reader *reader, size_t *ret)
{
    const char *name = reader->word.name;
    for (*ret = 0; *ret < ARRAY_SIZE(variables); ++*ret)
        if (!strcmp(name, variables[*ret].name))
            return 0;
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        if (spelling_is_near(name, variables[i].name))
            return fail(reader, reader->word.name_at, "there is no variable %s (did you mean %s?)",
                        name, variables[i].name);
    return fail(reader, reader->word.name_at, "there is no variable %s", name);
}

/* NAME=value, and nothing behind it; an empty value says nothing. */
static int read_variable(struct reader *reader)
{
    struct rule_word behind;
    struct error why;
    size_t at, i;
    if (find_variable(reader, &i))
        return -1;
    if (!reader->word.value)
        return fail(reader, reader->word.name_at, "'=' and a value must follow %s",
                    reader->word.name);
    int result = rule_line_next(&reader->line, &behind, &at, &why);
    if (result < 0)
        return fail(reader, at, "%s", why.text);
    if (!result)
        return fail(reader, behind.name_at, "nothing may follow the value of %s",
                    reader->word.name);
    return *reader->word.value ? variables[i].set(reader) : 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static int read_words_of_line(struct reader *reader)
{
    struct error why;
    size_t at;
    int result = rule_line_next(&reader->line, &reader->word, &at, &why);
    if (result == RULE_LINE_END)
        return 0;
    if (result < 0)
        return fail(reader, at, "%s", why.text);
    const char prefix[] = "RACLUSTER_";
    bool is_variable = !strncmp(reader->word.name, prefix, sizeof(prefix) - 1);
    return is_variable ? read_variable(reader) : read_rule(reader);
}

static int read_line(struct reader *reader, struct view bytes)
{
    if (memchr(bytes.data, 0, bytes.size))
        return error_set(reader->err, "%s: line %u: a zero byte; is this a text?", reader->path,
                         reader->number);
    char *text = mem_printf("%.*s", (int)bytes.size, (const char *)bytes.data);
    rule_line_init(&reader->line, text);
    int result = read_words_of_line(reader);
    rule_line_release(&reader->line);
    free(text);
    return result;
}

int rules_read(struct rules *rules, const char *path, const struct rule_options *options,
               struct error *err)
{
    struct reader reader = {.rules = rules, .options = options, .path = path, .err = err};
    struct input *in;
    struct view line;
    int result;
    if (input_open(&in, path, err))
        return -1;
    while (!(result = lines_next(in, &line, err))) {
        reader.number++;
        result = read_line(&reader, line);
        if (result)
            break;
    }
    input_close(in);
    return result == LINES_END ? 0 : result;
}

void rules_end(struct rules *rules, const struct key_model *key)
{
    add_rule(rules, &(struct rule){.model.key = key, .passes = key->is_none});
}

void rules_release(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        release_rule(&rules->list[i]);
    for (size_t i = 0; i < rules->key_count; i++) {
        free(rules->keys[i].text);
        free(rules->keys[i].model);
    }
    free(rules->list);
    free(rules->keys);
    free(rules->name);
    *rules = (struct rules){0};
}
