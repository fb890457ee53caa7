/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/bytes.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"

/* Addresses behind a head: hosts, by address or name, networks, and Ethernet addresses. */

enum { HOST_ADDRESSES_MOST = 16 };

static void set_prefix(struct test *test, const struct prefix *prefix)
{
    memcpy(test->addr, prefix->address.bytes, sizeof(test->addr));
    test->family = prefix->address.size == ADDRESS_IP4 ? FAMILY_IP4 : FAMILY_IP6;
    test->prefix = prefix->bits;
}

/* --- hosts ------------------------------------------------------------------------------------ */

static struct test host_test(const struct parser *p)
{
    if (p->head.kind == HEAD_INODE)
        return (struct test){.holds = test_inode};
    return (struct test){.holds = test_address, .has_sides = true};
}

static uint32_t add_host(struct parser *p, const struct host_address *address)
{
    char text[INET6_ADDRSTRLEN];
    struct test test = host_test(p);
    bool is_ip4 = address->family == FAMILY_IP4;
    test.family = address->family;
    test.prefix = is_ip4 ? 32 : 128;
    memcpy(test.addr, address->bytes, sizeof(test.addr));
    inet_ntop(is_ip4 ? AF_INET : AF_INET6, test.addr, text, sizeof(text));
    return parser_finish(p, &test, text);
}

/* A host by its name is any of its addresses. */
static int parse_host_name(struct parser *p, uint32_t *ret)
{
    struct host_address found[HOST_ADDRESSES_MOST];
    unsigned count = 0;
    if (p->names && p->names->find_host)
        count = p->names->find_host(p->token.text, found, HOST_ADDRESSES_MOST);
    if (!count)
        return parser_fail(p, p->token.at, "'%s' is not an address, and no host has this name",
                           p->token.text);
    parser_advance(p);
    *ret = add_host(p, &found[0]);
    for (unsigned i = 1; i < count; i++)
        *ret = parser_add_or(p, *ret, add_host(p, &found[i]));
    return 0;
}

int parse_host(struct parser *p, uint32_t *ret)
{
    struct test test = host_test(p);
    struct prefix prefix;
    if (p->head.kind == HEAD_HOST && parser_at_set(p))
        return parse_set(p, ret);
    if (strchr(p->token.text, '/'))
        return parser_fail(p, p->token.at, "'%s' is not a host (a network needs 'net')",
                           p->token.text);
    if (!prefix_parse(p->token.text, strlen(p->token.text), &prefix))
        return parse_host_name(p, ret);
    set_prefix(&test, &prefix);
    *ret = parser_finish_word(p, &test);
    return 0;
}

/* --- networks --------------------------------------------------------------------------------- */

/* The mask behind the address: of ones and then zeros, or of IPv4 any. */
static int take_mask(struct parser *p, struct prefix *prefix, uint32_t *ret_mask)
{
    struct address mask;
    parser_advance(p);
    *ret_mask = 0;
    if (!address_parse(p->token.text, strlen(p->token.text), &mask) ||
        mask.size != prefix->address.size)
        return parser_fail(p, p->token.at, "'%s' is not a mask", p->token.text);
    if (!address_mask_bits(&mask, &prefix->bits)) {
        if (mask.size != ADDRESS_IP4)
            return parser_fail(p, p->token.at, "'%s' is not ones and then zeros", p->token.text);
        *ret_mask = load_be32(mask.bytes);
    }
    parser_advance(p);
    return 0;
}

static uint32_t finish_masked(struct parser *p, const struct prefix *prefix, uint32_t mask)
{
    char value[2 * INET_ADDRSTRLEN + 8], address[INET_ADDRSTRLEN], under[INET_ADDRSTRLEN];
    uint8_t bytes[4];
    struct test test = {
        .holds = test_masked_address,
        .has_sides = true,
        .number = mask,
        .number2 = load_be32(prefix->address.bytes) & mask,
    };
    store_be32(bytes, mask);
    inet_ntop(AF_INET, prefix->address.bytes, address, sizeof(address));
    inet_ntop(AF_INET, bytes, under, sizeof(under));
    snprintf(value, sizeof(value), "%s mask %s", address, under);
    return parser_finish(p, &test, value);
}

int parse_net(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_address, .has_sides = true};
    char text[INET6_ADDRSTRLEN], value[sizeof(text) + 8];
    struct prefix prefix;
    uint32_t mask = 0;
    if (parser_at_set(p))
        return parse_set(p, ret);
    bool has_length = strchr(p->token.text, '/');
    if (!prefix_parse(p->token.text, strlen(p->token.text), &prefix))
        return parser_fail(p, p->token.at, "'%s' is not a network", p->token.text);
    parser_advance(p);
    if (!has_length && parser_is_word(p, "mask") && take_mask(p, &prefix, &mask))
        return -1;
    if (mask) {
        *ret = finish_masked(p, &prefix, mask);
        return 0;
    }
    set_prefix(&test, &prefix);
    inet_ntop(test.family == FAMILY_IP4 ? AF_INET : AF_INET6, test.addr, text, sizeof(text));
    snprintf(value, sizeof(value), "%s/%u", text, test.prefix);
    *ret = parser_finish(p, &test, value);
    return 0;
}

/* --- Ethernet --------------------------------------------------------------------------------- */

static bool parse_mac_address(const struct parser *p, uint8_t ret[6])
{
    unsigned byte[6];
    int size = 0;
    if (sscanf(p->token.text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
               &byte[4], &byte[5], &size) != 6 ||
        p->token.text[size])
        return p->names && p->names->find_ether && p->names->find_ether(p->token.text, ret);
    for (unsigned i = 0; i < 6; i++)
        ret[i] = (uint8_t)byte[i];
    return true;
}

int parse_mac(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_mac, .has_sides = true};
    char text[24];
    if (!parse_mac_address(p, test.addr))
        return parser_fail(p, p->token.at, "'%s' is not an Ethernet address", p->token.text);
    snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", test.addr[0], test.addr[1],
             test.addr[2], test.addr[3], test.addr[4], test.addr[5]);
    *ret = parser_finish(p, &test, text);
    parser_advance(p);
    return 0;
}

/* What went through the host: its link address, but not its IP address. */
int parse_gateway(struct parser *p, uint32_t *ret)
{
    uint32_t link, host;
    p->head = (struct head){.kind = HEAD_ETHER_HOST, .text = "ether host"};
    parser_advance(p);
    const struct token name = p->token;
    const size_t behind = p->at;
    if (name.kind != TOKEN_WORD)
        return parser_fail(p, name.at, "the name of a host must follow 'gateway'");
    if (parse_mac(p, &link))
        return -1;
    p->head = (struct head){.kind = HEAD_HOST, .text = "host"};
    p->token = name;
    p->at = behind;
    if (parse_host_name(p, &host))
        return -1;
    *ret = parser_add_and(p, link, parser_add_not(p, host, NULL));
    p->head.kind = HEAD_NONE;
    return 0;
}
