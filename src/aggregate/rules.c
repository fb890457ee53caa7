/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregate/rule_reader.h"
#include "base/caret.h"
#include "base/input.h"
#include "base/lines.h"
#include "base/mem.h"

/* --- trouble ---------------------------------------------------------------------------------- */

int rule_fail(struct rule_reader *reader, size_t at, const char *format, ...)
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

int rule_fail_value(struct rule_reader *reader, size_t at, const struct error *why)
{
    return rule_fail(reader, rule_word_place(&reader->line, &reader->word, at), "%s: %s",
                     reader->word.name, why->text);
}

/* --- files ------------------------------------------------------------------------------------ */

static int read_words_of_line(struct rule_reader *reader)
{
    struct error why;
    size_t at;
    int result = rule_line_next(&reader->line, &reader->word, &at, &why);
    if (result == RULE_LINE_END)
        return 0;
    if (result < 0)
        return rule_fail(reader, at, "%s", why.text);
    const char prefix[] = "RACLUSTER_";
    bool is_variable = !strncmp(reader->word.name, prefix, sizeof(prefix) - 1);
    return is_variable ? rule_read_variable(reader) : rule_read(reader);
}

static int read_line(struct rule_reader *reader, struct view bytes)
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
    struct rule_reader reader = {.rules = rules, .options = options, .path = path, .err = err};
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

void rules_add(struct rules *rules, const struct rule *rule)
{
    rules->list = mem_grow(rules->list, &rules->capacity, rules->count + 1, sizeof(*rules->list));
    rules->list[rules->count++] = *rule;
}

void rule_release(struct rule *rule)
{
    filter_free(rule->filter);
    filter_free(rule->flush);
    free(rule->label);
}

void rules_end(struct rules *rules, const struct key_model *key)
{
    rules_add(rules, &(struct rule){.model.key = key, .passes = key->is_none});
}

void rules_release(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        rule_release(&rules->list[i]);
    for (size_t i = 0; i < rules->key_count; i++) {
        free(rules->keys[i].text);
        free(rules->keys[i].model);
    }
    free(rules->list);
    free(rules->keys);
    free(rules->name);
    *rules = (struct rules){0};
}
