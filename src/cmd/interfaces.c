/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/interfaces.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "capture/live.h"

static unsigned add_station(struct interfaces *x)
{
    x->stations =
        mem_grow(x->stations, &x->station_capacity, x->station_count + 1, sizeof(*x->stations));
    x->stations[x->station_count] = (struct station_spec){0};
    return (unsigned)x->station_count++;
}

static void add_device(struct interfaces *x, const char *name, unsigned station)
{
    x->list = mem_grow(x->list, &x->capacity, x->count + 1, sizeof(*x->list));
    x->list[x->count++] = (struct interface_spec){mem_strdup(name), station};
}

/* All interfaces that are up, in one station or each in its own. */
static int add_all(struct interfaces *x, unsigned station, bool apart, struct error *err)
{
    char **names;
    unsigned count;
    if (live_list_devices(&names, &count, err))
        return -1;
    for (unsigned i = 0; i < count; i++) {
        add_device(x, names[i], apart && i ? add_station(x) : station);
        free(names[i]);
    }
    free(names);
    return 0;
}

static int set_id(struct interfaces *x, unsigned station, const char *text, struct error *err)
{
    struct station_spec *spec = &x->stations[station];
    spec->has_id = true;
    return source_id_parse(&spec->id, text, false, err);
}

/* Cuts "name/id" in two; the id, or NULL. */
static char *cut_id(char *text)
{
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    return slash;
}

/* "eth0,eth1/7": one station. Brackets and names of groups inside make no difference. */
static int add_group(struct interfaces *x, char *text, unsigned station, struct error *err)
{
    const char *id = cut_id(text);
    for (char *rest = text, *item; (item = strsep(&rest, ",[]")) != NULL;) {
        char *colon = strchr(item, ':');
        const char *name = colon ? colon + 1 : item;
        if (colon && strncmp(item, "bond:", 5) && strncmp(item, "dup:", 4))
            return error_set(err, "'%s' is no interface", item);
        if (!strcmp(name, "all")) {
            if (add_all(x, station, false, err))
                return -1;
        } else if (*name) {
            add_device(x, name, station);
        }
    }
    return id ? set_id(x, station, id, err) : 0;
}

/* "eth0/1,eth1/2": each a station. */
static int add_apart(struct interfaces *x, char *text, struct error *err)
{
    for (char *rest = text, *item; (item = strsep(&rest, ",")) != NULL;) {
        const char *id = cut_id(item);
        unsigned station = add_station(x);
        size_t before = x->count;
        if (strcmp(item, "all"))
            add_device(x, item, station);
        else if (add_all(x, station, true, err))
            return -1;
        for (size_t i = before; id && i < x->count; i++)
            if (set_id(x, x->list[i].station, id, err))
                return -1;
    }
    return 0;
}

int interfaces_add(struct interfaces *x, const char *word, bool joins, struct error *err)
{
    char *text = mem_strdup(word);
    size_t before = x->count;
    int result;
    if (!strncmp(text, "ind:", 4))
        result = add_apart(x, text + 4, err);
    else
        result = add_group(
            x, text, joins && x->station_count ? (unsigned)x->station_count - 1 : add_station(x),
            err);
    free(text);
    if (!result)
        for (size_t i = before; i < x->count && !result; i++)
            if (!*x->list[i].device)
                result = error_set(err, "'%s' has an interface without a name", word);
    if (!result && x->count == before)
        result = error_set(err, "'%s' names no interface", word);
    return result;
}

void interfaces_release(struct interfaces *x)
{
    for (size_t i = 0; i < x->count; i++)
        free(x->list[i].device);
    free(x->list);
    free(x->stations);
    *x = (struct interfaces){0};
}
