/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/output_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/datagrams.h"
#include "base/mem.h"

void output_list_add(struct output_list *list, const char *path, const char *filter)
{
    list->specs = mem_grow(list->specs, &list->capacity, list->count + 1, sizeof(*list->specs));
    list->specs[list->count++] = (struct output_spec){
        .path = mem_strdup(path),
        .filter = filter ? mem_strdup(filter) : NULL,
    };
}

void output_list_add_text(struct output_list *list, const char *text)
{
    char *path = mem_strdup(text), *filter = strpbrk(path, " \t");
    if (filter) {
        *filter++ = '\0';
        filter += strspn(filter, " \t\"");
        filter[strcspn(filter, "\"")] = '\0';
    }
    output_list_add(list, path, filter && *filter ? filter : NULL);
    free(path);
}

int output_list_add_stream(struct output_list *list, const char *text, struct error *err)
{
    if (!datagrams_are_named(text))
        return error_set(err, "argus-udp://host:port is expected, not '%s'", text);
    output_list_add_text(list, text);
    return 0;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

bool output_list_is_same(const struct output_list *a, const struct output_list *b)
{
    size_t i = 0;
    if (a->count != b->count)
        return false;
    while (i < a->count && is_same_text(a->specs[i].path, b->specs[i].path) &&
           is_same_text(a->specs[i].filter, b->specs[i].filter))
        i++;
    return i == a->count;
}

void output_list_release(struct output_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->specs[i].path);
        free(list->specs[i].filter);
    }
    free(list->specs);
    *list = (struct output_list){0};
}
