/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/words.h"

#include <string.h>

#include "base/attr.h"

/* Words that stand behind a head: they name values. */

enum { NO_TYPE = 0xff };

static const struct {
    const char *name;
    uint8_t four, six; /* of ICMP and of ICMPv6 */
} icmp_types[] = {
    {"echo", 8, 128},
    {"echoreply", 0, 129},
    {"unreach", 3, 1},
    {"toobig", NO_TYPE, 2},
    {"quench", 4, NO_TYPE},
    {"redirect", 5, 137},
    {"routersolicit", 10, 133},
    {"routeradvert", 9, 134},
    {"neighborsolicit", NO_TYPE, 135},
    {"neighboradvert", NO_TYPE, 136},
    {"timexed", 11, 3},
    {"paramprob", 12, 4},
    {"tstamp", 13, NO_TYPE},
    {"tstampreply", 14, NO_TYPE},
    {"info", 15, NO_TYPE},
    {"inforeply", 16, NO_TYPE},
    {"mask", 17, NO_TYPE},
    {"maskreply", 18, NO_TYPE},
};

static const struct {
    const char *name;
    uint32_t bit;
} encapsulations[] = {
    {"mpls", 0},     {"eth", 1},     {"vlan", 2},  {"802q", 2},    {"llc", 3},   {"ppp", 4},
    {"pppoe", 4},    {"isl", 5},     {"gre", 6},   {"ah", 7},      {"ip", 8},    {"ipnip", 8},
    {"ipv6", 9},     {"ipnip6", 9},  {"hdlc", 10}, {"chdlc", 11},  {"atm", 12},  {"sll", 13},
    {"fddi", 14},    {"slip", 15},   {"arc", 16},  {"arcnet", 16}, {"wlan", 17}, {"prism", 18},
    {"avs", 19},     {"lrh", 20},    {"grh", 21},  {"teredo", 22}, {"udt", 23},  {"ipsec", 24},
    {"juniper", 25}, {"erspan", 26},
};

bool icmp_type_find(const char *name, bool is_icmp6, uint32_t *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(icmp_types); i++)
        if (!strcmp(icmp_types[i].name, name)) {
            *ret = is_icmp6 ? icmp_types[i].six : icmp_types[i].four;
            return *ret != NO_TYPE;
        }
    return false;
}

bool encapsulation_find(const char *name, uint32_t *ret_bit)
{
    for (size_t i = 0; i < ARRAY_SIZE(encapsulations); i++)
        if (!strcmp(encapsulations[i].name, name)) {
            *ret_bit = encapsulations[i].bit;
            return true;
        }
    return false;
}

const char *value_word_at(size_t index)
{
    if (index < ARRAY_SIZE(icmp_types))
        return icmp_types[index].name;
    index -= ARRAY_SIZE(icmp_types);
    return index < ARRAY_SIZE(encapsulations) ? encapsulations[index].name : NULL;
}
