/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/address_class.h"

#include <stdbool.h>
#include <string.h>

#include "base/attr.h"

struct address_class {
    const char *name;
    struct {
        uint8_t size, bits; /* of the address, of the prefix */
        uint8_t bytes[16];
    } prefixes[8]; /* until one of size 0 */
};

#define IP4(a, b, c, d, bits)                                                                      \
    {                                                                                              \
        4, bits,                                                                                   \
        {                                                                                          \
            a, b, c, d                                                                             \
        }                                                                                          \
    }
#define IP6(bits, ...)                                                                             \
    {                                                                                              \
        16, bits,                                                                                  \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* The longest prefix decides. */
static const struct address_class classes[] = {
    {"IPv4 Unicast", {IP4(0, 0, 0, 0, 0)}},
    {"IPv4 Unicast This Network", {IP4(0, 0, 0, 0, 8)}},
    /* shared, protocol assignments, benchmarks, class E */
    {"IPv4 Unicast Reserved",
     {IP4(100, 64, 0, 0, 10), IP4(192, 0, 0, 0, 24), IP4(198, 18, 0, 0, 15), IP4(240, 0, 0, 0, 4)}},
    {"IPv4 Unicast LoopBack", {IP4(127, 0, 0, 0, 8)}},
    {"IPv4 Unicast LinkLocal", {IP4(169, 254, 0, 0, 16)}},
    {"IPv4 Unicast TestNet",
     {IP4(192, 0, 2, 0, 24), IP4(198, 51, 100, 0, 24), IP4(203, 0, 113, 0, 24)}},
    {"IPv4 Unicast Private",
     {IP4(10, 0, 0, 0, 8), IP4(172, 16, 0, 0, 12), IP4(192, 168, 0, 0, 16)}},
    {"IPv4 Multicast Local", {IP4(224, 0, 0, 0, 24)}},
    {"IPv4 Multicast Internet", {IP4(224, 0, 1, 0, 24)}},
    {"IPv4 Multicast AdHoc",
     {IP4(224, 0, 0, 0, 16), IP4(224, 3, 0, 0, 16), IP4(224, 4, 0, 0, 16),
      IP4(233, 252, 0, 0, 14)}},
    {"IPv4 Multicast Reserved", {IP4(224, 0, 0, 0, 4)}},
    {"IPv4 Multicast SdpSap", {IP4(224, 2, 0, 0, 16)}},
    {"IPv4 Multicast DIS", {IP4(224, 252, 0, 0, 14)}},
    {"IPv4 Multicast Src Spec", {IP4(232, 0, 0, 0, 8)}},
    {"IPv4 Multicast Glop", {IP4(233, 0, 0, 0, 8)}},
    {"IPv4 Multicast Admin", {IP4(239, 0, 0, 0, 8)}},
    {"IPv4 Multicast OrgLocal", {IP4(239, 192, 0, 0, 14)}},
    {"IPv4 Multicast SiteLocal", {IP4(239, 252, 0, 0, 14)}},
    {"IPv6 Unspecified", {IP6(128, 0)}},
    {"IPv6 Loopback", {IP6(128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)}},
    {"IPv6 LinkLocal", {IP6(10, 0xfe, 0x80)}},
    {"IPv6 SiteLocal", {IP6(10, 0xfe, 0xc0)}},
    {"IPv6 UniqueLocal", {IP6(7, 0xfc)}},
    {"IPv6 V4Compat", {IP6(96, 0)}},
    {"IPv6 V4Mapped", {IP6(96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)}},
    {"IPv6 Global", {IP6(0, 0)}},
    /* The scope is the second half of the second byte; the first half has flags. */
    {"IPv6 Multicast Node Local", {IP6(8, 0xff, 1)}},
    {"IPv6 Multicast Link Local", {IP6(8, 0xff, 2)}},
    {"IPv6 Multicast Site Local", {IP6(8, 0xff, 5)}},
    {"IPv6 Multicast Org  Local", {IP6(8, 0xff, 8)}},
    {"IPv6 Multicast Global", {IP6(8, 0xff, 0xe)}},
    {"IPv6 Multicast Other", {IP6(8, 0xff, 0)}},
};

size_t address_class_count(void)
{
    return ARRAY_SIZE(classes);
}

const char *address_class_name(size_t number)
{
    return classes[number].name;
}

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned bits)
{
    unsigned rest = bits % 8;
    return !memcmp(address, prefix, bits / 8) &&
           (!rest || !((address[bits / 8] ^ prefix[bits / 8]) >> (8 - rest)));
}

/* Multicast of IPv6 is told by its scope; a scope without a name of its own is "Other". */
static bool is_of_scope(const struct address_class *class, unsigned scope)
{
    return class->prefixes[0].bytes[0] == 0xff && class->prefixes[0].bytes[1] == scope;
}

static size_t class_of_scope(unsigned scope)
{
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
        if (is_of_scope(&classes[i], scope))
            return i;
    return ARRAY_SIZE(classes) - 1;
}

size_t address_class_of(const struct address *address)
{
    size_t best = 0;
    int best_bits = -1;
    if (address->size == ADDRESS_IP6 && address->bytes[0] == 0xff)
        return class_of_scope(address->bytes[1] & 0xf);
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
        for (size_t j = 0; j < ARRAY_SIZE(classes[i].prefixes) && classes[i].prefixes[j].size;
             j++) {
            int bits = classes[i].prefixes[j].bits;
            if (classes[i].prefixes[j].size == address->size && bits > best_bits &&
                has_prefix(address->bytes, classes[i].prefixes[j].bytes, (unsigned)bits)) {
                best = i;
                best_bits = bits;
            }
        }
    return best;
}
