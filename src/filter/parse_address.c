/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/quantity.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"

/* Addresses behind a head: hosts, by address or name, networks, and Ethernet addresses. */

enum { HOST_ADDRESSES_MOST = 16 };

static bool parse_address(const char *text, struct test *test)
{
    memset(test->addr, 0, sizeof(test->addr));
    if (inet_pton(AF_INET, text, test->addr) == 1) {
        test->family = FAMILY_IP4;
        test->prefix = 32;
    } else if (inet_pton(AF_INET6, text, test->addr) == 1) {
        test->family = FAMILY_IP6;
        test->prefix = 128;
    } else {
        return false;
    }
    return true;
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
    if (strchr(p->token.text, '/'))
        return parser_fail(p, p->token.at, "'%s' is not a host (a network needs 'net')",
                           p->token.text);
    if (!parse_address(p->token.text, &test))
        return parse_host_name(p, ret);
    *ret = parser_finish_word(p, &test);
    return 0;
}

/* --- networks --------------------------------------------------------------------------------- */

/* Behind the address: "/16". The mask can stand behind it, instead. */
static bool parse_prefix_length(const char *text, struct test *test)
{
    uint64_t bits;
    if (quantity_count(text, test->prefix, &bits, NULL))
        return false;
    test->prefix = (uint8_t)bits;
    return true;
}

/* A dotted mask of ones and then zeros. */
static bool parse_mask(const char *text, struct test *test)
{
    uint8_t bytes[4];
    if (test->family != FAMILY_IP4 || inet_pton(AF_INET, text, bytes) != 1)
        return false;
    uint32_t rest = ~load_be32(bytes);
    test->prefix = (uint8_t)(32 - __builtin_popcount(rest));
    return !(rest & (rest + 1));
}

int parse_net(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_address, .has_sides = true};
    char text[sizeof(p->token.text)], value[sizeof(text) + 8];
    memcpy(text, p->token.text, sizeof(text));
    char *slash = strchr(text, '/');
    if (slash)
        *slash++ = '\0';
    if (!parse_address(text, &test) || (slash && !parse_prefix_length(slash, &test)))
        return parser_fail(p, p->token.at, "'%s' is not a network", p->token.text);
    parser_advance(p);
    if (p->token.kind == TOKEN_WORD && !strcmp(p->token.text, "mask")) {
        parser_advance(p);
        if (slash || !parse_mask(p->token.text, &test))
            return parser_fail(p, p->token.at, "'%s' is not a mask", p->token.text);
        parser_advance(p);
    }
    snprintf(value, sizeof(value), "%s/%u", text, test.prefix);
    *ret = parser_finish(p, &test, value);
    return 0;
}

/* --- Ethernet --------------------------------------------------------------------------------- */

int parse_mac(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_mac, .has_sides = true};
    unsigned byte[6];
    int size = 0;
    if (sscanf(p->token.text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
               &byte[4], &byte[5], &size) != 6 ||
        p->token.text[size])
        return parser_fail(p, p->token.at, "'%s' is not an Ethernet address", p->token.text);
    for (unsigned i = 0; i < 6; i++)
        test.addr[i] = (uint8_t)byte[i];
    *ret = parser_finish_word(p, &test);
    return 0;
}
