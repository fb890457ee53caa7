/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"
#include "filter/words.h"

/*
 * Recursive descent over a small grammar, one level for each parenthesis or `not`:
 *
 *     expr = term { (and | or) term }                  equal precedence, left to right
 *     term = not term | ( expr ) | head value | [side] flag | state | value
 *
 * A value without a head takes the head of the term before it (`port 80 or 25`), and a flag word
 * without a side takes the side of the term before it.
 */
enum { DEPTH_MOST = 200, NODES_MOST = 20000 };

void parser_advance(struct parser *p)
{
    lex_next(p->text, &p->at, &p->token);
}

bool parser_is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && !strcmp(p->token.text, word);
}

/* --- nodes ------------------------------------------------------------------------------------ */

static uint32_t add_node(struct parser *p, struct node node)
{
    struct filter *filter = p->filter;
    filter->nodes =
        mem_grow(filter->nodes, &filter->capacity, filter->count + 1, sizeof(*filter->nodes));
    filter->nodes[filter->count] = node;
    return (uint32_t)filter->count++;
}

uint32_t parser_add_test(struct parser *p, const struct test *test, char *text)
{
    return add_node(p, (struct node){.kind = NODE_TEST, .test = *test, .text = text});
}

uint32_t parser_add_or(struct parser *p, uint32_t left, uint32_t right)
{
    return add_node(p, (struct node){.kind = NODE_OR, .left = left, .right = right});
}

uint32_t parser_add_and(struct parser *p, uint32_t left, uint32_t right)
{
    return add_node(p, (struct node){.kind = NODE_AND, .left = left, .right = right});
}

uint32_t parser_add_not(struct parser *p, uint32_t of, char *text)
{
    return add_node(p, (struct node){.kind = NODE_NOT, .left = of, .text = text});
}

static uint32_t add_state(struct parser *p, const struct state_word *word)
{
    struct test test = {
        .holds = word->holds,
        .has_sides = word->either_side,
        .number = word->number,
        .number2 = word->number2,
    };
    return parser_add_test(p, &test, mem_strdup(word->name));
}

uint32_t parser_add_protocol(struct parser *p, const struct state_word *protocol, uint32_t value)
{
    uint32_t left = add_state(p, protocol);
    const char *text = p->filter->nodes[value].text;
    struct node node = {.kind = NODE_AND, .left = left, .right = value};
    if (text)
        node.text = mem_printf("%s %s", protocol->name, text);
    return add_node(p, node);
}

/* --- sides and heads -------------------------------------------------------------------------- */

static const char *side_text(enum side_mode mode)
{
    static const char *const texts[] = {"", "src ", "dst ", "src and dst "};
    return texts[mode];
}

/* src, dst, src or dst, src and dst. True if there was one. */
static bool take_side(struct parser *p, enum side_mode *ret)
{
    *ret = SIDE_EITHER;
    if (!parser_is_word(p, "src") && !parser_is_word(p, "dst"))
        return false;
    bool src = parser_is_word(p, "src");
    *ret = src ? SIDE_SRC : SIDE_DST;
    parser_advance(p);
    struct parser ahead = *p;
    if (ahead.token.kind != TOKEN_AND && ahead.token.kind != TOKEN_OR)
        return true;
    enum side_mode both = ahead.token.kind == TOKEN_AND ? SIDE_EACH : SIDE_EITHER;
    parser_advance(&ahead);
    if (!parser_is_word(&ahead, src ? "dst" : "src"))
        return true;
    parser_advance(&ahead);
    *p = ahead;
    *ret = both;
    return true;
}

/* A metric by its own word or by the name of a field; of each side if that is meant. */
static bool metric_head(const char *word, bool sided, struct head *ret)
{
    const struct metric_word *metric = metric_word_find(word);
    const char *name = metric ? metric->field : word;
    ret->field[SRC] = ret->field[DST] = field_find(name);
    if (sided || !ret->field[SRC] || (metric && metric->each_side))
        (void)field_find_sides(name, ret->field);
    if (!ret->field[SRC])
        return false;
    ret->kind = HEAD_METRIC;
    return true;
}

/* The head word at hand, if it is one. */
static bool take_head(struct parser *p, enum side_mode mode, bool sided, struct head *ret)
{
    *ret = (struct head){.mode = mode};
    if (p->token.kind != TOKEN_WORD)
        return false;
    const struct head_word *word = head_word_find(p->token.text);
    if (word)
        ret->kind = word->kind;
    else if (!metric_head(p->token.text, sided, ret))
        return false;
    snprintf(ret->text, sizeof(ret->text), "%s%.40s", side_text(mode), p->token.text);
    parser_advance(p);
    return true;
}

/* --- values of a head ------------------------------------------------------------------------- */

static int parse_expr(struct parser *p, uint32_t *ret);
static int parse_term(struct parser *p, uint32_t *ret);

/* A value of the head, inherited or just read, and the protocol in front of it. */
static int parse_head_value(struct parser *p, uint32_t *ret)
{
    const struct state_word *protocol = p->head.protocol;
    uint32_t value;
    if (parse_value(p, &value))
        return -1;
    *ret = protocol ? parser_add_protocol(p, protocol, value) : value;
    return 0;
}

static int parse_headed(struct parser *p, const struct head *head, uint32_t *ret)
{
    p->head = *head;
    p->mode = head->mode;
    if (p->token.kind == TOKEN_OPEN || p->token.kind == TOKEN_NOT)
        return parse_term(p, ret); /* values in parentheses: they inherit the head */
    return parse_head_value(p, ret);
}

/* Other links than Ethernet have always been other words for it. */
static bool at_ether(const struct parser *p)
{
    return parser_is_word(p, "ether") || parser_is_word(p, "link") || parser_is_word(p, "fddi") ||
           parser_is_word(p, "ppp") || parser_is_word(p, "slip");
}

/* ether broadcast, ether multicast: the word is at hand. */
static uint32_t add_ether_group(struct parser *p, enum side_mode mode)
{
    bool is_broadcast = parser_is_word(p, "broadcast");
    struct test test = {
        .holds = is_broadcast ? test_mac : test_mac_multicast, .has_sides = true, .mode = mode};
    memset(test.addr, 0xff, 6);
    char *text = mem_printf("ether %s%s", side_text(mode), p->token.text);
    p->head.kind = HEAD_NONE;
    parser_advance(p);
    return parser_add_test(p, &test, text);
}

/* ether host MAC, ether src MAC, ether proto N, ether broadcast. */
static int parse_ether(struct parser *p, uint32_t *ret)
{
    struct head head = {.kind = HEAD_ETHER_HOST};
    parser_advance(p);
    bool sided = take_side(p, &head.mode);
    if (parser_is_word(p, "broadcast") || parser_is_word(p, "multicast")) {
        *ret = add_ether_group(p, head.mode);
        return 0;
    }
    if (parser_is_word(p, "proto")) {
        parser_advance(p);
        head.kind = HEAD_ETHER_PROTO;
        snprintf(head.text, sizeof(head.text), "ether proto");
    } else if (parser_is_word(p, "host") || sided) {
        if (parser_is_word(p, "host"))
            parser_advance(p);
        snprintf(head.text, sizeof(head.text), "ether %shost", side_text(head.mode));
    } else {
        return parser_fail(p, p->token.at,
                           "'host', 'src', 'dst', 'proto', 'broadcast' or 'multicast' must follow");
    }
    return parse_headed(p, &head, ret);
}

/* --- flag and state words --------------------------------------------------------------------- */

/* Its text always says a side, so that it inherits none where it is read again. */
static uint32_t add_flag(struct parser *p, const struct flag_word *word, enum side_mode mode)
{
    const char *side = mode == SIDE_EITHER ? "src or dst " : side_text(mode);
    struct test test = {
        .holds = word->holds,
        .has_sides = true,
        .mode = mode,
        .number = word->number,
        .number2 = word->number2,
    };
    p->mode = mode;
    p->head.kind = HEAD_NONE;
    parser_advance(p);
    return parser_add_test(p, &test, mem_printf("%s%s", side, word->name));
}

/* `ip broadcast`: to or from all ones. */
static uint32_t add_ip_broadcast(struct parser *p)
{
    struct test test = {
        .holds = test_address, .has_sides = true, .family = FAMILY_IP4, .prefix = 32};
    memset(test.addr, 0xff, 4);
    return parser_add_test(p, &test, mem_strdup("ip broadcast"));
}

/* `udp multicast`: addresses of IP, whatever the protocol in front of it. */
static bool take_ip_group(struct parser *p, const struct state_word *word, uint32_t *ret)
{
    bool is_broadcast = parser_is_word(p, "broadcast");
    if (!is_broadcast && !parser_is_word(p, "multicast"))
        return false;
    p->head.kind = HEAD_NONE;
    parser_advance(p);
    *ret = is_broadcast ? add_ip_broadcast(p) : add_state(p, state_word_find("multicast"));
    if (word->holds != test_ip || word->number)
        *ret = parser_add_and(p, *ret, add_state(p, word));
    return true;
}

/* `icmp type echo`, `icmp6 code 0`. */
static bool take_icmp_head(struct parser *p, const struct state_word *word, struct head *ret)
{
    enum { ICMP = 1, ICMP6 = 58 };
    bool is_icmp = word->holds == test_protocol && (word->number == ICMP || word->number == ICMP6);
    bool is_type = parser_is_word(p, "type");
    if (!is_icmp || (!is_type && !parser_is_word(p, "code")))
        return false;
    *ret = (struct head){.kind = is_type ? HEAD_ICMP_TYPE : HEAD_ICMP_CODE};
    snprintf(ret->text, sizeof(ret->text), "%s", is_type ? "type" : "code");
    parser_advance(p);
    return true;
}

/* What may follow a protocol: `tcp port 80`, `tcp src syn`, `ip host A`, `ip broadcast`. */
static int parse_behind_protocol(struct parser *p, const struct state_word *word, uint32_t *ret)
{
    struct head head;
    enum side_mode mode;
    bool sided = take_side(p, &mode);
    if (!sided && take_ip_group(p, word, ret))
        return 0;
    const struct flag_word *flag = sided ? flag_word_find(p->token.text) : NULL;
    if (flag) {
        *ret = parser_add_protocol(p, word, add_flag(p, flag, mode));
        return 0;
    }
    if ((!sided && take_icmp_head(p, word, &head)) || take_head(p, mode, sided, &head)) {
        head.protocol = word;
        return parse_headed(p, &head, ret);
    }
    if (sided)
        return parser_fail(p, p->token.at, "a word that has sides must follow");
    *ret = add_state(p, word);
    return 0;
}

static int parse_state(struct parser *p, const struct state_word *word, uint32_t *ret)
{
    p->mode = SIDE_EITHER;
    p->head.kind = HEAD_NONE;
    parser_advance(p);
    if (word->holds == test_protocol || word->holds == test_ip || word->holds == test_family)
        return parse_behind_protocol(p, word, ret);
    *ret = add_state(p, word);
    return 0;
}

/* --- terms and expressions -------------------------------------------------------------------- */

/* Two of them are none. */
static int parse_not(struct parser *p, uint32_t *ret)
{
    struct filter *filter = p->filter;
    uint32_t of;
    parser_advance(p);
    if (parse_term(p, &of))
        return -1;
    check(of == filter->count - 1); /* nodes are added behind their children */
    if (filter->nodes[of].kind == NODE_NOT && !filter->nodes[of].text) {
        *ret = filter->nodes[of].left;
        filter->count--;
    } else {
        *ret = parser_add_not(p, of, NULL);
    }
    return 0;
}

static int parse_parentheses(struct parser *p, uint32_t *ret)
{
    size_t opened = p->token.at;
    /* What stands in front is inherited into the parentheses, and nothing out of them. */
    const struct head head = p->head;
    const enum side_mode mode = p->mode;
    parser_advance(p);
    if (parse_expr(p, ret))
        return -1;
    if (p->token.kind != TOKEN_CLOSE)
        return parser_fail(p, opened, "this parenthesis is not closed");
    parser_advance(p);
    p->head = head;
    p->mode = mode;
    return 0;
}

static int unknown_word(struct parser *p)
{
    const char *hint = word_hint(p->token.text), *near = word_suggest(p->token.text);
    if (hint)
        return parser_fail(p, p->token.at, "there is no word '%s': %s", p->token.text, hint);
    if (near)
        return parser_fail(p, p->token.at, "there is no word '%s' (did you mean '%s'?)",
                           p->token.text, near);
    return parser_fail(p, p->token.at, "'%s' is no word of the filter language", p->token.text);
}

static int parse_word(struct parser *p, uint32_t *ret)
{
    struct head head;
    enum side_mode mode;
    if (p->token.is_name && p->head.kind)
        return parse_head_value(p, ret);
    if (at_ether(p))
        return parse_ether(p, ret);
    if (parser_is_word(p, "gateway"))
        return parse_gateway(p, ret);
    bool sided = take_side(p, &mode);
    const struct flag_word *flag =
        p->token.kind == TOKEN_WORD ? flag_word_find(p->token.text) : NULL;
    if (flag) {
        *ret = add_flag(p, flag, sided ? mode : p->mode);
        return 0;
    }
    const struct state_word *state = sided ? NULL : state_word_find(p->token.text);
    if (state)
        return parse_state(p, state, ret);
    if (take_head(p, mode, sided, &head))
        return parse_headed(p, &head, ret);
    if (sided)
        return parser_fail(p, p->token.at, "a word that has sides must follow, not '%s'",
                           p->token.text);
    if (p->head.kind)
        return parse_head_value(p, ret);
    return unknown_word(p);
}

static int parse_term(struct parser *p, uint32_t *ret)
{
    int result;
    if (++p->depth > DEPTH_MOST)
        return parser_fail(p, p->token.at, "nested more than %d deep", DEPTH_MOST);
    switch (p->token.kind) {
    case TOKEN_NOT:
        result = parse_not(p, ret);
        break;
    case TOKEN_OPEN:
        result = parse_parentheses(p, ret);
        break;
    case TOKEN_WORD:
        result = parse_word(p, ret);
        break;
    case TOKEN_COMPARE:
    case TOKEN_STRING:
        if (p->head.kind) {
            result = parse_head_value(p, ret);
            break;
        }
        return parser_fail(p, p->token.at, "'%s' has nothing before it", p->token.text);
    case TOKEN_BAD:
        return parser_fail(p, p->token.at, "this word is too long, or its quote does not close");
    default:
        return parser_fail(p, p->token.at,
                           p->token.kind == TOKEN_END ? "the expression ends too early"
                                                      : "a term is missing here");
    }
    p->depth--;
    return result;
}

static int parse_expr(struct parser *p, uint32_t *ret)
{
    const enum token_kind none = TOKEN_END;
    enum token_kind before = none;
    if (parse_term(p, ret))
        return -1;
    while (p->token.kind == TOKEN_AND || p->token.kind == TOKEN_OR) {
        struct node node = {.kind = p->token.kind == TOKEN_AND ? NODE_AND : NODE_OR, .left = *ret};
        if (before != none && before != p->token.kind && !p->mixed_at)
            p->mixed_at = p->token.at;
        before = p->token.kind;
        parser_advance(p);
        if (parse_term(p, &node.right))
            return -1;
        *ret = add_node(p, node);
        if (p->filter->count > NODES_MOST)
            return parser_fail(p, p->token.at, "more than %d terms", NODES_MOST / 2);
    }
    return 0;
}

static int parse_all(struct parser *p)
{
    parser_advance(p);
    /* Where the filter is evaluated does not matter here. */
    if (parser_is_word(p, "local") || parser_is_word(p, "remote"))
        parser_advance(p);
    if (p->token.kind == TOKEN_END)
        return 0;
    uint32_t root;
    if (parse_expr(p, &root))
        return -1;
    check(root == p->filter->count - 1);
    if (p->token.kind != TOKEN_END)
        return parser_fail(p, p->token.at, "'%s' is not expected here", p->token.text);
    return 0;
}

int filter_parse(struct filter *filter, const char *text, const struct filter_names *names,
                 size_t *ret_at, struct error *err)
{
    struct parser p = {.filter = filter, .text = text, .names = names, .err = err};
    if (parse_all(&p)) {
        *ret_at = p.failed_at;
        return -1;
    }
    if (p.mixed_at)
        filter->warning = mem_printf("'and' and 'or' bind equally, from left to right; "
                                     "parentheses are missing at column %zu",
                                     p.mixed_at + 1);
    return 0;
}
