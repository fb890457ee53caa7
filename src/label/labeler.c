/* SPDX-License-Identifier: Apache-2.0 */
#include "label/labeler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "label/address_labels.h"
#include "label/flow_labels.h"
#include "record/merge.h"
#include "record/services.h"

/* A block of the format has room for no more. */
enum { LABEL_MOST = 1015 };

struct labeler {
    struct address_labels *addresses; /* NULL: no file was read, as below */
    struct service_names *ports;
    struct flow_labels *flows;
    struct record_arena *arena; /* of the record in hand */
    char text[LABEL_MOST + 1];  /* what is added to it */
    size_t size;
};

struct labeler *labeler_new(void)
{
    return mem_zalloc(sizeof(struct labeler));
}

void labeler_free(struct labeler *labeler)
{
    if (!labeler)
        return;
    address_labels_free(labeler->addresses);
    service_names_free(labeler->ports);
    flow_labels_free(labeler->flows);
    record_arena_free(labeler->arena);
    free(labeler);
}

int labeler_read_addresses(struct labeler *labeler, const char *path, struct error *err)
{
    return address_labels_read(&labeler->addresses, path, err);
}

int labeler_read_ports(struct labeler *labeler, const char *path, struct error *err)
{
    return service_names_load(&labeler->ports, path, err);
}

int labeler_read_flows(struct labeler *labeler, const char *path, const struct filter_names *names,
                       struct error *err)
{
    return flow_labels_read(&labeler->flows, path, names, err);
}

/* One that there is no room for is left out. */
static void add(struct labeler *labeler, const char *what, const char *label)
{
    if (!label)
        return;
    size_t room = sizeof(labeler->text) - labeler->size;
    int size = snprintf(labeler->text + labeler->size, room, "%s%s=%s", labeler->size ? ":" : "",
                        what, label);
    if (size > 0 && (size_t)size < room)
        labeler->size += (size_t)size;
}

static void add_addresses(struct labeler *labeler, const struct record *r)
{
    const unsigned size = record_address_size(r);
    if (!size || r->key.family == FAMILY_ARP)
        return;
    add(labeler, "saddr", address_labels_find(labeler->addresses, r->key.addr[SRC], size));
    add(labeler, "daddr", address_labels_find(labeler->addresses, r->key.addr[DST], size));
}

static void add_ports(struct labeler *labeler, const struct record *r)
{
    enum { TCP = 6, UDP = 17 };
    const uint8_t protocol = r->key.protocol;
    bool has_ports = record_address_size(r) && r->key.class == KEY_5TUPLE &&
                     !(r->key.flags & KEY_FRAGMENT) && r->key.family != FAMILY_ARP;
    if (!has_ports || (protocol != TCP && protocol != UDP))
        return;
    const char *name = protocol == TCP ? "tcp" : "udp";
    add(labeler, "sport", service_name(labeler->ports, name, r->key.port[SRC]));
    add(labeler, "dport", service_name(labeler->ports, name, r->key.port[DST]));
}

static void add_flows(struct labeler *labeler, const struct record *r)
{
    const char *label;
    for (size_t at = 0; (label = flow_labels_next(labeler->flows, r, &at)) != NULL;)
        add(labeler, "flow", label);
}

void labeler_apply(struct labeler *labeler, struct record *r)
{
    labeler->size = 0;
    if (!record_is_flow(r))
        return;
    if (labeler->addresses)
        add_addresses(labeler, r);
    if (labeler->ports)
        add_ports(labeler, r);
    if (labeler->flows)
        add_flows(labeler, r);
    if (!labeler->size)
        return;
    record_arena_free(labeler->arena);
    labeler->arena = record_arena_new();
    record_add_label(r, (struct view){(const uint8_t *)labeler->text, labeler->size},
                     labeler->arena);
    if (r->label.size > LABEL_MOST)
        r->label.size = LABEL_MOST;
}
