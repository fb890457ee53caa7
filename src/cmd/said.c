/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/said.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void add(struct said *said, int event, char *name, char *value)
{
    said->list = mem_grow(said->list, &said->capacity, said->count + 1, sizeof(*said->list));
    said->list[said->count++] = (struct said_value){event, name, value};
}

static const struct option_spec *find(const struct option_table *table, int event)
{
    for (const struct option_group *const *group = table->groups; *group; group++)
        for (const struct option_spec *spec = (*group)->specs; !option_is_end(spec); spec++)
            if (spec->id == event)
                return spec;
    return NULL;
}

/* As users know it. */
static char *name_of(const struct option_table *table, int event)
{
    const struct option_spec *spec = find(table, event);
    if (!spec) /* lone words */
        return mem_strdup("the filter");
    return spec->name ? mem_printf("--%s", spec->name) : mem_printf("-%c", spec->letter);
}

void said_option(struct said *said, const struct option_table *table, int event,
                 const struct option_arg *arg)
{
    add(said, event, name_of(table, event),
        mem_printf("%s %s", arg->word ? arg->word : "", arg->second ? arg->second : ""));
}

void said_variable(struct said *said, const char *name, const char *value)
{
    add(said, 0, mem_strdup(name), mem_strdup(value));
}

void said_release(struct said *said)
{
    for (size_t i = 0; i < said->count; i++) {
        free(said->list[i].name);
        free(said->list[i].value);
    }
    free(said->list);
    *said = (struct said){0};
}

/* The next value of this name from *at on, or NULL. */
static const struct said_value *next_of(const struct said *said, size_t *at, const char *name)
{
    while (*at < said->count) {
        const struct said_value *value = &said->list[(*at)++];
        if (!strcmp(value->name, name))
            return value;
    }
    return NULL;
}

static bool is_same(const struct said *one, const struct said *other, const char *name)
{
    const struct said_value *a, *b;
    size_t a_at = 0, b_at = 0;
    do {
        a = next_of(one, &a_at, name);
        b = next_of(other, &b_at, name);
    } while (a && b && !strcmp(a->value, b->value));
    return !a && !b;
}

static bool is_live(const int *live, int event)
{
    while (*live && *live != event)
        live++;
    return *live != 0;
}

/* Adds the names in `said` that are none of `known`, and differ between it and `other`. */
static void list_changes(const struct said *said, const struct said *other,
                         const struct said *known, const int *live, char **ret)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct said_value *value = &said->list[i];
        size_t at = 0, first = 0;
        if (is_live(live, value->event) || (known && next_of(known, &at, value->name)) ||
            next_of(said, &first, value->name) != value || is_same(said, other, value->name))
            continue;
        char *before = *ret;
        *ret = before ? mem_printf("%s, %s", before, value->name) : mem_strdup(value->name);
        free(before);
    }
}

char *said_changes(const struct said *before, const struct said *now, const int *live)
{
    char *names = NULL;
    list_changes(before, now, NULL, live, &names);
    list_changes(now, before, before, live, &names);
    return names;
}
