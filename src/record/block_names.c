/* SPDX-License-Identifier: Apache-2.0 */
#include "record/block_names.h"

#include <string.h>

#include "base/attr.h"
#include "record/record.h"

static const struct {
    const char *name;
    uint32_t block;
} names[] = {
    {"trans", BLOCK_TRANSPORT}, {"flow", BLOCK_FLOW},         {"time", BLOCK_TIME},
    {"metric", BLOCK_METRIC},   {"agr", BLOCK_AGR},           {"net", BLOCK_NET},
    {"vlan", BLOCK_VLAN},       {"mpls", BLOCK_MPLS},         {"jitter", BLOCK_JITTER},
    {"ipattr", BLOCK_IPATTR},   {"psize", BLOCK_PSIZE},       {"suser", BLOCK_SUSER},
    {"duser", BLOCK_DUSER},     {"mac", BLOCK_MAC},           {"icmp", BLOCK_ICMP},
    {"encaps", BLOCK_ENCAPS},   {"behavior", BLOCK_BEHAVIOR}, {"cor", BLOCK_COR},
    {"cocode", BLOCK_COCODE},   {"label", BLOCK_LABEL},       {"asn", BLOCK_ASN},
};

uint32_t block_find(const char *name, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (strlen(names[i].name) == size && !memcmp(names[i].name, name, size))
            return names[i].block;
    return 0;
}

int blocks_parse(const char *list, uint32_t *blocks, struct error *err)
{
    uint32_t plain = 0;
    for (const char *at = list; *at;) {
        char sign = *at == '+' || *at == '-' ? *at++ : '\0';
        size_t size = strcspn(at, ",");
        uint32_t block = block_find(at, size);
        if (!block)
            return error_set(err, "'%.*s' is no block of a record", (int)size, at);
        if (sign == '-')
            *blocks &= ~block;
        else if (sign == '+')
            *blocks |= block;
        else
            plain |= block;
        at += size + (at[size] == ',');
    }
    if (plain)
        *blocks = plain;
    return 0;
}
