/* SPDX-License-Identifier: Apache-2.0 */
#include "record/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct service {
    char *name;
    uint16_t port;
    bool udp;
};

struct service_names {
    struct service *list; /* in the order of the file: the first name of a port is its name */
    size_t count, capacity;
    const char *by_port[2][65536];
};

static void add(struct service_names *names, const char *name, unsigned port, const char *protocol)
{
    bool udp = !strcmp(protocol, "udp");
    if (port > UINT16_MAX || (!udp && strcmp(protocol, "tcp")))
        return;
    names->list = mem_grow(names->list, &names->capacity, names->count + 1, sizeof(*names->list));
    struct service *service = &names->list[names->count++];
    *service = (struct service){mem_strdup(name), (uint16_t)port, udp};
    if (!names->by_port[udp][port])
        names->by_port[udp][port] = service->name;
}

/* name port/protocol alias ... # comment */
static void add_line(struct service_names *names, char *line)
{
    char name[64], protocol[16];
    unsigned port;
    int size = 0;
    line[strcspn(line, "#")] = '\0';
    if (sscanf(line, "%63s %5u/%15s%n", name, &port, protocol, &size) != 3)
        return;
    add(names, name, port, protocol);
    for (line += size; sscanf(line, "%63s%n", name, &size) == 1; line += size)
        add(names, name, port, protocol);
}

int service_names_load(struct service_names **ret, const char *path, struct error *err)
{
    char line[512];
    FILE *file = fopen(path, "re");
    if (!file)
        return error_errno(err, "%s", path);
    struct service_names *names = mem_zalloc(sizeof(*names));
    while (fgets(line, sizeof(line), file))
        add_line(names, line);
    fclose(file);
    *ret = names;
    return 0;
}

void service_names_free(struct service_names *names)
{
    if (!names)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i].name);
    free(names->list);
    free(names);
}

const char *service_name(const struct service_names *names, const char *protocol, uint16_t port)
{
    return names ? names->by_port[!strcmp(protocol, "udp")][port] : NULL;
}

bool service_port(const struct service_names *names, const char *name, uint16_t *ret_port,
                  const char **ret_protocol)
{
    const struct service *found[2] = {NULL, NULL};
    for (size_t i = 0; names && i < names->count; i++) {
        const struct service *service = &names->list[i];
        if (!found[service->udp] && !strcmp(service->name, name))
            found[service->udp] = service;
    }
    if (!found[0] && !found[1])
        return false;
    *ret_port = found[0] ? found[0]->port : found[1]->port;
    *ret_protocol = !found[1] ? "tcp" : !found[0] ? "udp" : NULL;
    return true;
}
