/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"
#include "record/labels.h"

/* Values behind a head: ports, numbers, names; addresses are in parse_address.c. */

uint32_t parser_finish(struct parser *p, struct test *test, const char *value)
{
    test->mode = p->head.mode;
    return parser_add_test(p, test, mem_printf("%s %s", p->head.text, value));
}

uint32_t parser_finish_word(struct parser *p, struct test *test)
{
    uint32_t node = parser_finish(p, test, p->token.text);
    parser_advance(p);
    return node;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static bool parse_uint(const char *text, uint32_t most, uint32_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 0);
    *ret = (uint32_t)value;
    return *text >= '0' && *text <= '9' && !*end && !errno && value <= most;
}

static const char *compare_text(enum compare compare)
{
    static const char *const texts[] = {"eq", "ne", "gt", "gte", "lt", "lte"};
    return texts[compare];
}

/* Takes a comparison if there is one; a value alone is to be equal. "ne" is "eq", negated. */
static enum compare take_compare(struct parser *p, bool *negated)
{
    enum compare compare = COMPARE_EQ;
    if (p->token.kind == TOKEN_COMPARE) {
        compare = p->token.compare;
        parser_advance(p);
    }
    *negated = compare == COMPARE_NE;
    return *negated ? COMPARE_EQ : compare;
}

static uint32_t finish_compare(struct parser *p, struct test *test, const char *number,
                               bool negated)
{
    char value[sizeof(p->token.text) + 8];
    snprintf(value, sizeof(value), "%s %s", compare_text(test->compare), number);
    uint32_t node = parser_finish(p, test, value);
    if (negated)
        node = parser_add_not(p, node, mem_printf("%s ne %s", p->head.text, number));
    parser_advance(p);
    return node;
}

static int parse_metric(struct parser *p, uint32_t *ret)
{
    bool negated;
    struct test test = {
        .holds = test_number,
        .field = {p->head.field[SRC], p->head.field[DST]},
        .has_sides = p->head.field[SRC] != p->head.field[DST],
        .compare = take_compare(p, &negated),
    };
    if (p->head.mode != SIDE_EITHER && !test.has_sides)
        return parser_fail(p, p->token.at, "'%s' has no sides", test.field[SRC]->name);
    if (!number_fits(test.field[SRC]))
        return parser_fail(p, p->token.at, "'%s' is no number", test.field[SRC]->name);
    if (p->token.kind != TOKEN_WORD || !number_parse(&test.value, p->token.text, test.field[SRC]))
        return parser_fail(p, p->token.at, "'%s' is not a number for '%s'", p->token.text,
                           p->head.text);
    *ret = finish_compare(p, &test, p->token.text, negated);
    return 0;
}

/* --- ports and protocols ---------------------------------------------------------------------- */

static bool parse_one_port(const struct parser *p, const char *text, uint32_t *ret)
{
    uint16_t port;
    if (parse_uint(text, UINT16_MAX, ret))
        return true;
    if (!service_port(p->names ? p->names->services : NULL, text, &port))
        return false;
    *ret = port;
    return true;
}

/* "80", "http", "6000-6063"; names may have a '-', too. */
static bool parse_ports(const struct parser *p, struct test *ret)
{
    char text[sizeof(p->token.text)];
    if (parse_one_port(p, p->token.text, &ret->number)) {
        ret->number2 = ret->number;
        return true;
    }
    memcpy(text, p->token.text, sizeof(text));
    char *last = strchr(text, '-');
    if (!last)
        return false;
    *last++ = '\0';
    return parse_uint(text, UINT16_MAX, &ret->number) &&
           parse_uint(last, UINT16_MAX, &ret->number2) && ret->number <= ret->number2;
}

static int parse_port(struct parser *p, uint32_t *ret)
{
    bool negated;
    struct test test = {
        .holds = test_port, .has_sides = true, .compare = take_compare(p, &negated)};
    if (p->token.kind != TOKEN_WORD || !parse_ports(p, &test))
        return parser_fail(p, p->token.at, "'%s' is not a port", p->token.text);
    char number[24];
    snprintf(number, sizeof(number), test.number == test.number2 ? "%u" : "%u-%u", test.number,
             test.number2);
    *ret = finish_compare(p, &test, number, negated);
    return 0;
}

static int parse_protocol(struct parser *p, uint32_t *ret)
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

/* --- the rest --------------------------------------------------------------------------------- */

static int parse_source_id(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_source_id};
    if (p->head.kind == HEAD_SPI)
        test.holds = test_spi;
    if (!parse_uint(p->token.text, UINT32_MAX, &test.number)) {
        uint8_t bytes[4];
        if (p->head.kind == HEAD_SPI || inet_pton(AF_INET, p->token.text, bytes) != 1)
            return parser_fail(p, p->token.at, "'%s' is not a number", p->token.text);
        test.number = load_be32(bytes);
    }
    *ret = parser_finish_word(p, &test);
    return 0;
}

static int parse_encapsulation(struct parser *p, uint32_t *ret)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } names[] = {{"mpls", 0},     {"eth", 1},    {"vlan", 2},    {"802q", 2},  {"llc", 3},
                 {"ppp", 4},      {"isl", 5},    {"gre", 6},     {"ah", 7},    {"ip", 8},
                 {"ipv6", 9},     {"hdlc", 10},  {"chdlc", 11},  {"atm", 12},  {"sll", 13},
                 {"fddi", 14},    {"slip", 15},  {"arcnet", 16}, {"wlan", 17}, {"teredo", 22},
                 {"juniper", 25}, {"erspan", 26}};
    struct test test = {.holds = test_encapsulation, .has_sides = true};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(names[i].name, p->token.text))
            test.number = UINT32_C(1) << names[i].bit;
    if (!test.number)
        return parser_fail(p, p->token.at, "'%s' is not an encapsulation", p->token.text);
    *ret = parser_finish_word(p, &test);
    return 0;
}

static int parse_country(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_country, .has_sides = true};
    if (strlen(p->token.text) != 2)
        return parser_fail(p, p->token.at, "'%s' is not a country code of two letters",
                           p->token.text);
    memcpy(test.addr, p->token.text, 2);
    *ret = parser_finish_word(p, &test);
    return 0;
}

/* Repetitions of repetitions, and several counted ones, make a small pattern take all memory. */
static bool grows_without_bound(const char *pattern)
{
    unsigned counted = 0;
    for (const char *at = pattern; *at; at++) {
        counted += *at == '{';
        if (*at == '\\' && isdigit((unsigned char)at[1])) /* what was matched before */
            return true;
        if (strchr("*+?}", *at) && at[1] && strchr("*+?{", at[1]))
            return true;
    }
    return counted > 1;
}

static int parse_label(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_label};
    regex_t pattern;
    if (grows_without_bound(p->token.text))
        return parser_fail(p, p->token.at, "'%s' repeats repetitions", p->token.text);
    if (regcomp(&pattern, p->token.text, REG_EXTENDED | REG_NOSUB))
        return parser_fail(p, p->token.at, "'%s' is not a regular expression", p->token.text);
    test.pattern = mem_alloc(sizeof(pattern));
    *test.pattern = pattern;
    char value[sizeof(p->token.text) + 2];
    snprintf(value, sizeof(value), "\"%s\"", p->token.text);
    *ret = parser_finish(p, &test, value);
    parser_advance(p);
    return 0;
}

int parse_value(struct parser *p, uint32_t *ret)
{
    static int (*const parsers[])(struct parser *, uint32_t *) = {
        [HEAD_HOST] = parse_host,
        [HEAD_NET] = parse_net,
        [HEAD_PORT] = parse_port,
        [HEAD_PROTO] = parse_protocol,
        [HEAD_ETHER_HOST] = parse_mac,
        [HEAD_ETHER_PROTO] = parse_protocol,
        [HEAD_SOURCE_ID] = parse_source_id,
        [HEAD_INODE] = parse_host,
        [HEAD_ENCAPS] = parse_encapsulation,
        [HEAD_SPI] = parse_source_id,
        [HEAD_COUNTRY] = parse_country,
        [HEAD_LABEL] = parse_label,
        [HEAD_METRIC] = parse_metric,
    };
    bool number = p->head.kind == HEAD_METRIC || p->head.kind == HEAD_PORT;
    bool value = p->token.kind == TOKEN_WORD || (number && p->token.kind == TOKEN_COMPARE) ||
                 (p->head.kind == HEAD_LABEL && p->token.kind == TOKEN_STRING);
    if (!value)
        return parser_fail(p, p->token.at, "a value is missing behind '%s'", p->head.text);
    return parsers[p->head.kind](p, ret);
}
