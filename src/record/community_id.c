/* SPDX-License-Identifier: Apache-2.0 */
#include "record/community_id.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/attr.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMP6 = 58, PROTO_SCTP = 132 };

/* Ends as they are hashed. ICMP has its type, and the type of the answer, in place of ports. */
struct tuple {
    const uint8_t *addr[2];
    size_t addr_size;
    uint16_t port[2];
    uint8_t protocol;
    bool has_ports, is_one_way;
};

/* Types of messages that belong together. A message without a partner is a flow of its own. */
static bool icmp_partner(uint8_t type, bool ip6, uint8_t *ret)
{
    static const uint8_t pairs4[][2] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
    static const uint8_t pairs6[][2] = {{128, 129}, {133, 134}, {135, 136},
                                        {130, 131}, {139, 140}, {144, 145}};
    const uint8_t(*pairs)[2] = ip6 ? pairs6 : pairs4;
    size_t count = ip6 ? ARRAY_SIZE(pairs6) : ARRAY_SIZE(pairs4);
    for (size_t i = 0; i < count; i++)
        for (unsigned side = 0; side < 2; side++)
            if (pairs[i][side] == type) {
                *ret = pairs[i][!side];
                return true;
            }
    return false;
}

static void take_icmp(struct tuple *t, const struct record_key *key, bool ip6)
{
    uint8_t partner;
    t->has_ports = true;
    t->port[SRC] = key->u.icmp.type;
    t->is_one_way = !icmp_partner(key->u.icmp.type, ip6, &partner);
    t->port[DST] = t->is_one_way ? key->u.icmp.code : partner;
}

static bool take_tuple(struct tuple *t, const struct record *r)
{
    const struct record_key *key = &r->key;
    bool ip6 = key->family == FAMILY_IP6;
    if (!record_is_flow(r) || !record_has(r, BLOCK_FLOW) || key->class != KEY_5TUPLE ||
        (key->family != FAMILY_IP4 && !ip6) || key->protocol == PROTO_SCTP)
        return false;
    *t = (struct tuple){
        .addr = {key->addr[SRC], key->addr[DST]},
        .addr_size = ip6 ? 16 : 4,
        .protocol = key->protocol,
    };
    if (key->flags & KEY_FRAGMENT)
        return true;
    if (key->protocol == PROTO_TCP || key->protocol == PROTO_UDP) {
        t->has_ports = true;
        t->port[SRC] = key->port[SRC];
        t->port[DST] = key->port[DST];
    } else if (key->protocol == (ip6 ? PROTO_ICMP6 : PROTO_ICMP)) {
        take_icmp(t, key, ip6);
    }
    return true;
}

/* The end with the lower address, then port, stands first. */
static bool is_in_order(const struct tuple *t)
{
    int order = memcmp(t->addr[SRC], t->addr[DST], t->addr_size);
    return t->is_one_way || order < 0 || (!order && t->port[SRC] <= t->port[DST]);
}

void community_id(const struct record *r, uint16_t seed, struct value *ret)
{
    struct tuple t;
    uint8_t bytes[2 + 2 * 16 + 2 + 4], digest[SHA_DIGEST_LENGTH], *to = bytes;
    ret->kind = VALUE_NONE;
    if (!take_tuple(&t, r))
        return;
    unsigned first = is_in_order(&t) ? SRC : DST;
    store_be16(to, seed);
    memcpy(to + 2, t.addr[first], t.addr_size);
    memcpy(to + 2 + t.addr_size, t.addr[!first], t.addr_size);
    to += 2 + 2 * t.addr_size;
    *to++ = t.protocol;
    *to++ = 0;
    if (t.has_ports) {
        store_be16(to, t.port[first]);
        store_be16(to + 2, t.port[!first]);
        to += 4;
    }
    SHA1(bytes, (size_t)(to - bytes), digest);
    ret->kind = VALUE_TEXT;
    memcpy(ret->text, "1:", 2);
    EVP_EncodeBlock((unsigned char *)ret->text + 2, digest, sizeof(digest));
}
