/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "aggregate/rule_reader.h"
#include "base/attr.h"
#include "base/mem.h"
#include "base/quantity.h"
#include "base/spelling.h"

/* --- the words of a rule ---------------------------------------------------------------------- */

/* A rule while it is read. */
struct draft {
    struct rule rule;
    struct filter *grep;
    struct rule_word model; /* value NULL: none is given */
    unsigned given;         /* a bit for each word of the table */
};

static int compile(struct rule_reader *reader, struct filter **ret)
{
    struct error why;
    size_t at;
    if (filter_compile_part(ret, reader->word.value, reader->options->names, &at, &why))
        return rule_fail_value(reader, at, &why);
    return 0;
}

static int take_filter(struct rule_reader *reader, struct draft *draft)
{
    return compile(reader, &draft->rule.filter);
}

static int take_flush(struct rule_reader *reader, struct draft *draft)
{
    return compile(reader, &draft->rule.flush);
}

static int take_grep(struct rule_reader *reader, struct draft *draft)
{
    struct error why;
    if (filter_compile_label(&draft->grep, reader->word.value, &why))
        return rule_fail_value(reader, 0, &why);
    return 0;
}

static int take_model(struct rule_reader *reader, struct draft *draft)
{
    draft->model = reader->word;
    return 0;
}

/* One that is written whole into a record. */
static int take_label(struct rule_reader *reader, struct draft *draft)
{
    enum { LABEL_MOST = 1000 };
    if (strlen(reader->word.value) > LABEL_MOST)
        return rule_fail(reader, reader->word.value_at, "label: longer than %d characters",
                         LABEL_MOST);
    if (*reader->word.value)
        draft->rule.label = mem_strdup(reader->word.value);
    return 0;
}

static int take_duration(struct rule_reader *reader, const char *text, nsec_t *ret)
{
    struct error why;
    return quantity_duration(text, ret, &why) ? rule_fail_value(reader, 0, &why) : 0;
}

/* A status interval; one below 0 means that nothing is merged. */
static int take_status(struct rule_reader *reader, struct draft *draft)
{
    const char *text = reader->word.value;
    nsec_t *status = &draft->rule.model.status_ns;
    draft->rule.passes = *text == '-' && !quantity_duration(text + 1, status, NULL);
    return draft->rule.passes ? 0 : take_duration(reader, text, status);
}

static int take_idle(struct rule_reader *reader, struct draft *draft)
{
    return take_duration(reader, reader->word.value, &draft->rule.model.idle_ns);
}

static int take_cont(struct rule_reader *reader, struct draft *draft)
{
    (void)reader;
    draft->rule.continues = true;
    return 0;
}

static const struct rule_item {
    const char *name;
    int (*take)(struct rule_reader *reader, struct draft *draft);
    bool is_alone; /* has no value */
} items[] = {
    {"filter", take_filter, false}, {"grep", take_grep, false},     {"model", take_model, false},
    {"label", take_label, false},   {"status", take_status, false}, {"idle", take_idle, false},
    {"flush", take_flush, false},   {"cont", take_cont, true},
};

static int unknown_item(struct rule_reader *reader)
{
    const char *name = reader->word.name;
    for (size_t i = 0; i < ARRAY_SIZE(items); i++)
        if (spelling_is_near(name, items[i].name))
            return rule_fail(reader, reader->word.name_at,
                             "'%s' is no word of a rule (did you mean '%s'?)", name, items[i].name);
    return rule_fail(reader, reader->word.name_at, "'%s' is no word of a rule%s", name,
                     reader->word.value ? "" : "; a value of several words wants quotes");
}

static int take_item(struct rule_reader *reader, struct draft *draft)
{
    const struct rule_word *word = &reader->word;
    size_t i = 0;
    while (i < ARRAY_SIZE(items) && strcmp(word->name, items[i].name) != 0)
        i++;
    if (i == ARRAY_SIZE(items))
        return unknown_item(reader);
    if (draft->given & 1u << i)
        return rule_fail(reader, word->name_at, "'%s' is given twice", word->name);
    draft->given |= 1u << i;
    if (items[i].is_alone && word->value)
        return rule_fail(reader, word->name_at, "'%s' takes no value", word->name);
    if (!items[i].is_alone && !word->value)
        return rule_fail(reader, word->name_at, "'=' and a value must follow '%s'", word->name);
    return items[i].take(reader, draft);
}

/* --- models ----------------------------------------------------------------------------------- */

/* The words of a model are separated by blanks or commas. */
static int add_words(struct rule_reader *reader, const char *text, struct key_model *ret)
{
    struct error why;
    for (const char *at = text; *at;) {
        char word[256];
        size_t size = strcspn(at, " \t,");
        if (size >= sizeof(word)) {
            error_set(&why, "a word of more than %zu characters", sizeof(word) - 1);
            return rule_fail_value(reader, (size_t)(at - text), &why);
        }
        memcpy(word, at, size);
        word[size] = '\0';
        if (size && key_model_add(ret, word, &why))
            return rule_fail_value(reader, (size_t)(at - text), &why);
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
static int take_key(struct rule_reader *reader, struct draft *draft)
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

static int check_rule(struct rule_reader *reader, const struct rule *rule)
{
    if (reader->rules->count == RULES_MOST)
        return rule_fail(reader, 0, "more than %d rules", RULES_MOST);
    if (rule->passes && rule->flush)
        return rule_fail(reader, 0, "this rule merges nothing, and 'flush' means nothing in it");
    return 0;
}

/* The rest of the line, the first word of which is at hand. */
static int read_words(struct rule_reader *reader, struct draft *draft)
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
        return rule_fail(reader, at, "%s", why.text);
    if (take_key(reader, draft))
        return -1;
    draft->rule.passes |= draft->rule.model.key->is_none;
    return check_rule(reader, &draft->rule);
}

int rule_read(struct rule_reader *reader)
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
    if (rule->passes) /* what is not merged has no timers */
        rule->model.status_ns = rule->model.idle_ns = 0;
    if (!result)
        rules_add(reader->rules, rule);
    else
        rule_release(rule);
    filter_free(draft.grep);
    return result;
}
