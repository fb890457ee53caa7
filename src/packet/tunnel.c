/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/tunnel.h"

#include <string.h>

#include "packet/packet.h"

static const struct tunnel_name {
    const char *name;
    uint32_t tunnel;
} tunnel_names[] = {
    {"none", 0},           {"all", TUNNEL_ALL},       {"gre", TUNNEL_GRE},
    {"ipip", TUNNEL_IPIP}, {"vxlan", TUNNEL_VXLAN},   {"geneve", TUNNEL_GENEVE},
    {"gtp", TUNNEL_GTP},   {"teredo", TUNNEL_TEREDO},
};

static const struct tunnel_name *tunnel_find(const char *name, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(tunnel_names); i++)
        if (strlen(tunnel_names[i].name) == size && !memcmp(tunnel_names[i].name, name, size))
            return &tunnel_names[i];
    return NULL;
}

int tunnels_parse(const char *list, uint32_t *ret, struct error *err)
{
    uint32_t tunnels = 0;
    for (const char *at = list;; at++) {
        size_t size = strcspn(at, ",");
        const struct tunnel_name *found = tunnel_find(at, size);
        if (!found)
            return error_set(err,
                             "'%.*s' is no kind of tunnel; there are none, all, gre, ipip, vxlan, "
                             "geneve, gtp and teredo",
                             (int)(size < 40 ? size : 40), at);
        tunnels |= found->tunnel;
        at += size;
        if (!*at)
            break;
    }
    *ret = tunnels;
    return 0;
}
