/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "filter/parse_internal.h"
#include "filter/pattern.h"
#include "filter/tests.h"

/* Values behind a head: numbers, names; for others see parse_internal.h. */

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

bool parse_uint(const char *text, uint32_t most, uint32_t *ret)
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

enum compare parser_take_compare(struct parser *p, bool *negated)
{
    enum compare compare = COMPARE_EQ;
    if (p->token.kind == TOKEN_COMPARE) {
        compare = p->token.compare;
        parser_advance(p);
    }
    *negated = compare == COMPARE_NE;
    return *negated ? COMPARE_EQ : compare;
}

uint32_t parser_finish_compare(struct parser *p, struct test *test, const char *number,
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
        .compare = parser_take_compare(p, &negated),
    };
    if (p->head.mode != SIDE_EITHER && !test.has_sides)
        return parser_fail(p, p->token.at, "'%s' has no sides", test.field[SRC]->name);
    if (!number_fits(test.field[SRC]))
        return parser_fail(p, p->token.at, "'%s' is no number", test.field[SRC]->name);
    if (p->token.kind != TOKEN_WORD || !number_parse(&test.value, p->token.text, test.field[SRC]))
        return parser_fail(p, p->token.at, "'%s' is not a number for '%s'", p->token.text,
                           p->head.text);
    *ret = parser_finish_compare(p, &test, p->token.text, negated);
    return 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

static int parse_source_id(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_source_id};
    if (!parse_uint(p->token.text, UINT32_MAX, &test.number)) {
        uint8_t bytes[4];
        if (inet_pton(AF_INET, p->token.text, bytes) != 1)
            return parser_fail(p, p->token.at, "'%s' is not a number or an address", p->token.text);
        test.number = load_be32(bytes);
    }
    *ret = parser_finish_word(p, &test);
    return 0;
}

static int parse_spi(struct parser *p, uint32_t *ret)
{
    bool negated;
    struct test test = {.holds = test_spi, .compare = parser_take_compare(p, &negated)};
    if (p->token.kind != TOKEN_WORD || !parse_uint(p->token.text, UINT32_MAX, &test.number))
        return parser_fail(p, p->token.at, "'%s' is not a number", p->token.text);
    *ret = parser_finish_compare(p, &test, p->token.text, negated);
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

static int parse_label(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_label};
    struct error why;
    if (pattern_new(&test.pattern, p->token.text, &why))
        return parser_fail(p, p->token.at, "%s", why.text);
    char value[sizeof(p->token.text) + 2];
    snprintf(value, sizeof(value), "\"%s\"", p->token.text);
    *ret = parser_finish(p, &test, value);
    parser_advance(p);
    return 0;
}

static bool takes_compare(enum head_kind kind)
{
    return kind == HEAD_METRIC || kind == HEAD_PORT || kind == HEAD_SPI || kind == HEAD_ICMP_TYPE ||
           kind == HEAD_ICMP_CODE;
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
        [HEAD_SPI] = parse_spi,
        [HEAD_COUNTRY] = parse_country,
        [HEAD_LABEL] = parse_label,
        [HEAD_ICMP_TYPE] = parse_icmp,
        [HEAD_ICMP_CODE] = parse_icmp,
        [HEAD_METRIC] = parse_metric,
    };
    bool value =
        p->token.kind == TOKEN_WORD ||
        (p->token.kind == TOKEN_COMPARE && takes_compare(p->head.kind)) ||
        (p->token.kind == TOKEN_STRING && (p->head.kind == HEAD_LABEL || parser_at_set(p)));
    if (!value)
        return parser_fail(p, p->token.at, "a value is missing behind '%s'", p->head.text);
    return parsers[p->head.kind](p, ret);
}
