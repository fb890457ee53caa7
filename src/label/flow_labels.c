/* SPDX-License-Identifier: Apache-2.0 */
#include "label/flow_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/rule_line.h"

struct rule {
    struct filter *filter; /* NULL: not given */
    char *label;           /* NULL: not given */
    bool continues;
};

struct flow_labels {
    struct rule *list;
    size_t count, capacity;
};

static void release(struct rule *rule)
{
    filter_free(rule->filter);
    free(rule->label);
}

/* --- files ------------------------------------------------------------------------------------ */

static int read_filter(struct rule *rule, const struct rule_line *line,
                       const struct rule_word *word, const struct filter_names *names,
                       size_t *ret_at, struct error *err)
{
    size_t at;
    if (!filter_compile_part(&rule->filter, word->value, names, &at, err))
        return 0;
    *ret_at = rule_word_place(line, word, at);
    return -1;
}

static int read_word(struct rule *rule, const struct rule_line *line, const struct rule_word *word,
                     const struct filter_names *names, size_t *ret_at, struct error *err)
{
    *ret_at = word->name_at;
    if (!strcmp(word->name, "cont") && !word->value) {
        rule->continues = true;
        return 0;
    }
    if (!strcmp(word->name, "filter") && word->value && !rule->filter)
        return read_filter(rule, line, word, names, ret_at, err);
    if (!strcmp(word->name, "label") && word->value && *word->value && !rule->label) {
        rule->label = mem_strdup(word->value);
        return 0;
    }
    return error_set(err, "filter=\"...\", label=\"...\" or cont is expected, each once, not '%s'",
                     word->name);
}

/* A rule, or nothing in a line that has none; *ret is to be released in any case. */
static int read_rule(struct rule *ret, const char *text, const struct filter_names *names,
                     size_t *ret_at, struct error *err)
{
    struct rule_line line;
    struct rule_word word;
    unsigned words = 0;
    int result;
    rule_line_init(&line, text);
    while (!(result = rule_line_next(&line, &word, ret_at, err))) {
        words++;
        if ((result = read_word(ret, &line, &word, names, ret_at, err)) != 0)
            break;
    }
    rule_line_release(&line);
    if (result == RULE_LINE_END && words && (!ret->filter || !ret->label)) {
        *ret_at = 0;
        return error_set(err, "a rule needs filter= and label=");
    }
    return result < 0 ? -1 : 0;
}

struct reading {
    struct flow_labels *labels;
    const struct filter_names *names;
};

static int read_line(void *arg, const char *text, unsigned number, size_t *ret_at,
                     struct error *err)
{
    const struct reading *reading = arg;
    struct flow_labels *labels = reading->labels;
    struct rule rule = {0};
    (void)number;
    int result = read_rule(&rule, text, reading->names, ret_at, err);
    if (!result && labels->count == FLOW_LABELS_MOST) {
        *ret_at = 0;
        result = error_set(err, "more than %d rules", FLOW_LABELS_MOST);
    }
    if (result || !rule.label) {
        release(&rule);
        return result;
    }
    labels->list =
        mem_grow(labels->list, &labels->capacity, labels->count + 1, sizeof(*labels->list));
    labels->list[labels->count++] = rule;
    return 0;
}

int flow_labels_read(struct flow_labels **ret, const char *path, const struct filter_names *names,
                     struct error *err)
{
    struct flow_labels *labels = mem_zalloc(sizeof(*labels));
    struct reading reading = {labels, names};
    int result = lines_read(path, read_line, &reading, err);
    if (result)
        flow_labels_free(labels);
    else
        *ret = labels;
    return result;
}

void flow_labels_free(struct flow_labels *labels)
{
    if (!labels)
        return;
    for (size_t i = 0; i < labels->count; i++)
        release(&labels->list[i]);
    free(labels->list);
    free(labels);
}

/* --- records ---------------------------------------------------------------------------------- */

const char *flow_labels_next(const struct flow_labels *labels, const struct record *r, size_t *at)
{
    while (*at < labels->count) {
        const struct rule *rule = &labels->list[(*at)++];
        if (!filter_match(rule->filter, r))
            continue;
        if (!rule->continues)
            *at = labels->count;
        return rule->label;
    }
    return NULL;
}
