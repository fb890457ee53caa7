/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "aggregate/rule_reader.h"
#include "base/attr.h"
#include "base/mem.h"
#include "base/spelling.h"
#include "filter/number.h"

static int take_choice(struct rule_reader *reader, enum rule_choice *ret)
{
    const bool yes = !strcmp(reader->word.value, "yes");
    *ret = yes ? RULE_YES : RULE_NO;
    if (yes || !strcmp(reader->word.value, "no"))
        return 0;
    return rule_fail(reader, reader->word.value_at, "'%s' is none of yes, no", reader->word.value);
}

static int set_name(struct rule_reader *reader)
{
    free(reader->rules->name);
    reader->rules->name = mem_strdup(reader->word.value);
    return 0;
}

static int set_preserve(struct rule_reader *reader)
{
    enum rule_choice choice;
    int result = take_choice(reader, &choice);
    reader->preserves = choice == RULE_YES;
    return result;
}

static int set_report(struct rule_reader *reader)
{
    return take_choice(reader, &reader->rules->report);
}

static int set_correct(struct rule_reader *reader)
{
    return take_choice(reader, &reader->rules->correct);
}

static int set_metric(struct rule_reader *reader)
{
    const char *name = reader->word.value;
    const struct field *near, *field = reader->rules->metric = field_find(name);
    if (field && !number_fits(field))
        return rule_fail(reader, reader->word.value_at, "'%s' is no number", name);
    if (field)
        return 0;
    if (field_suggest(name, &near, 1))
        return rule_fail(reader, reader->word.value_at,
                         "there is no field '%s' (did you mean '%s'?)", name, near->name);
    return rule_fail(reader, reader->word.value_at, "there is no field '%s'", name);
}

static int refuse(struct rule_reader *reader)
{
    return rule_fail(reader, reader->word.name_at, "%s is not supported by this version",
                     reader->word.name);
}

static const struct {
    const char *name;
    int (*set)(struct rule_reader *reader);
} variables[] = {
    {"RACLUSTER_MODEL_NAME", set_name},         {"RACLUSTER_PRESERVE_FIELDS", set_preserve},
    {"RACLUSTER_AUTO_CORRECTION", set_correct}, {"RACLUSTER_REPORT_AGGREGATION", set_report},
    {"RACLUSTER_AGG_METRIC", set_metric},       {"RACLUSTER_HISTOGRAM", refuse},
};

static int find_variable(struct rule_reader *reader, size_t *ret)
{
    const char *name = reader->word.name;
    for (*ret = 0; *ret < ARRAY_SIZE(variables); ++*ret)
        if (!strcmp(name, variables[*ret].name))
            return 0;
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        if (spelling_is_near(name, variables[i].name))
            return rule_fail(reader, reader->word.name_at,
                             "there is no variable %s (did you mean %s?)", name, variables[i].name);
    return rule_fail(reader, reader->word.name_at, "there is no variable %s", name);
}

/* NAME=value, and nothing behind it; an empty value says nothing. */
int rule_read_variable(struct rule_reader *reader)
{
    struct rule_word behind;
    struct error why;
    size_t at, i;
    if (find_variable(reader, &i))
        return -1;
    if (!reader->word.value)
        return rule_fail(reader, reader->word.name_at, "'=' and a value must follow %s",
                         reader->word.name);
    int result = rule_line_next(&reader->line, &behind, &at, &why);
    if (result < 0)
        return rule_fail(reader, at, "%s", why.text);
    if (!result)
        return rule_fail(reader, behind.name_at, "nothing may follow the value of %s",
                         reader->word.name);
    return *reader->word.value ? variables[i].set(reader) : 0;
}
