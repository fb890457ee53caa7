/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/probe_sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quantity.h"

/* Takes the last word behind a colon off the text; NULL if there is none. */
static char *cut_last(char *text)
{
    char *colon = strrchr(text, ':');
    if (!colon)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

/* `text` is cut into pieces. */
static int parse(struct probe_source *ret, char *text, struct error *err)
{
    char *name = strchr(text, ':'), *last = name ? cut_last(name + 1) : NULL;
    if (!last)
        return error_set(err, "prog:PROGRAM:INTERVAL or file:PATH:INTERVAL is expected");
    *name++ = '\0';
    ret->is_program = !strcmp(text, "prog");
    if (!ret->is_program && strcmp(text, "file") != 0)
        return error_set(err, "'%s' is none of prog, file", text);
    ret->is_compressed = !strcmp(last, "compress") || !strcmp(last, "compress2");
    if (ret->is_compressed && !(last = cut_last(name)))
        return error_set(err, "there is no interval");
    if (name[strspn(name, " ")] == '\0')
        return error_set(err, "there is no name of a %s", ret->is_program ? "program" : "file");
    if (quantity_duration(last, &ret->every, err))
        return -1;
    ret->name = mem_strdup(name);
    return 0;
}

int probe_sources_add(struct probe_sources *sources, const char *text, struct error *err)
{
    struct probe_source source = {0};
    char *copy = mem_strdup(text);
    int result = parse(&source, copy, err);
    if (result)
        error_prefix(err, "'%s'", text);
    free(copy);
    if (result)
        return result;
    sources->list =
        mem_grow(sources->list, &sources->capacity, sources->count + 1, sizeof(*sources->list));
    sources->list[sources->count++] = source;
    return 0;
}

void probe_sources_release(struct probe_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free(sources->list[i].name);
    free(sources->list);
    *sources = (struct probe_sources){0};
}
