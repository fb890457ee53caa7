/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"
#include "record/labels.h"

/* Values that name protocols: ports, protocols of IP and Ethernet, messages, encapsulations. */

enum { PORTS = UINT16_MAX + 1 };

/* --- ports ------------------------------------------------------------------------------------ */

/* A number or a name; the protocol that alone has the name, or NULL. */
static bool parse_one_port(const struct parser *p, const char *text, uint32_t *ret,
                           const char **ret_protocol)
{
    uint16_t port;
    *ret_protocol = NULL;
    if (parse_uint(text, UINT16_MAX, ret))
        return true;
    if (!service_port(p->names ? p->names->services : NULL, text, &port, ret_protocol))
        return false;
    *ret = port;
    return true;
}

/* "80", "http", "6000-6063"; names may have a '-', too. */
static bool parse_range(const struct parser *p, char *text, struct test *ret,
                        const char **ret_protocol)
{
    if (parse_one_port(p, text, &ret->number, ret_protocol)) {
        ret->number2 = ret->number;
        return true;
    }
    char *last = strchr(text, '-');
    if (!last)
        return false;
    *last++ = '\0';
    return parse_uint(text, UINT16_MAX, &ret->number) &&
           parse_uint(last, UINT16_MAX, &ret->number2) && ret->number <= ret->number2;
}

/* "80,443,8000-8080": at one price, however long. */
static int parse_port_list(struct parser *p, bool negated, struct test *test, uint32_t *ret)
{
    char text[sizeof(p->token.text)], *rest = text;
    const char *protocol;
    memcpy(text, p->token.text, sizeof(text));
    test->holds = test_port_set;
    test->ports = mem_zalloc(PORTS / 8);
    for (char *part = strsep(&rest, ","); part; part = strsep(&rest, ",")) {
        size_t at = p->token.at + (size_t)(part - text), size = strlen(part);
        if (!parse_range(p, part, test, &protocol)) {
            free(test->ports);
            return parser_fail(p, at, "'%.*s' is not a port", (int)size,
                               p->token.text + (part - text));
        }
        for (uint32_t port = test->number; port <= test->number2; port++)
            test->ports[port / 8] |= (uint8_t)(1 << port % 8);
    }
    *ret = parser_finish_compare(p, test, p->token.text, negated);
    return 0;
}

int parse_port(struct parser *p, uint32_t *ret)
{
    bool negated;
    const char *protocol;
    char text[sizeof(p->token.text)], number[24];
    struct test test = {
        .holds = test_port, .has_sides = true, .compare = parser_take_compare(p, &negated)};
    memcpy(text, p->token.text, sizeof(text));
    bool is_word = p->token.kind == TOKEN_WORD;
    if (is_word && test.compare == COMPARE_EQ && strchr(text, ','))
        return parse_port_list(p, negated, &test, ret);
    if (!is_word || !parse_range(p, text, &test, &protocol))
        return parser_fail(p, p->token.at, "'%s' is not a port", p->token.text);
    snprintf(number, sizeof(number), test.number == test.number2 ? "%u" : "%u-%u", test.number,
             test.number2);
    *ret = parser_finish_compare(p, &test, number, negated);
    /* A name of one protocol's alone means that protocol, unless it is said. */
    if (protocol && !negated && !p->head.protocol)
        *ret = parser_add_protocol(p, state_word_find(protocol), *ret);
    return 0;
}

/* --- protocols -------------------------------------------------------------------------------- */

int parse_protocol(struct parser *p, uint32_t *ret)
{
    bool is_ether = p->head.kind == HEAD_ETHER_PROTO;
    struct test test = {.holds = is_ether ? test_ethertype : test_protocol};
    uint8_t number;
    if (!parse_uint(p->token.text, is_ether ? UINT16_MAX : UINT8_MAX, &test.number)) {
        if (is_ether || !label_find_ip_protocol(p->token.text, &number))
            return parser_fail(p, p->token.at, "'%s' is not a protocol", p->token.text);
        test.number = number;
    }
    *ret = parser_finish_word(p, &test);
    return 0;
}

/* Type and code of ICMP. */
int parse_icmp(struct parser *p, uint32_t *ret)
{
    bool negated, is_type = p->head.kind == HEAD_ICMP_TYPE;
    bool is_icmp6 = p->head.protocol && p->head.protocol->number == 58;
    struct test test = {
        .holds = is_type ? test_icmp_type : test_icmp_code,
        .compare = parser_take_compare(p, &negated),
    };
    char number[16];
    if (p->token.kind != TOKEN_WORD ||
        (!parse_uint(p->token.text, UINT8_MAX, &test.number) &&
         !(is_type && icmp_type_find(p->token.text, is_icmp6, &test.number))))
        return parser_fail(p, p->token.at, "'%s' is not a %s of ICMP%s", p->token.text,
                           p->head.text, is_icmp6 ? "v6" : "");
    snprintf(number, sizeof(number), "%u", test.number);
    *ret = parser_finish_compare(p, &test, number, negated);
    return 0;
}

int parse_encapsulation(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_encapsulation, .has_sides = true};
    uint32_t bit;
    if (!encapsulation_find(p->token.text, &bit))
        return parser_fail(p, p->token.at, "'%s' is not an encapsulation", p->token.text);
    test.number = UINT32_C(1) << bit;
    *ret = parser_finish_word(p, &test);
    return 0;
}
