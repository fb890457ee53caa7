/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "filter/filter.h"
#include "filter/tree.h"
#include "filter/words.h"
#include "record/services.h"

/* What a bare value means: the words before it, which later values without any inherit. */
struct head {
    enum head_kind kind;
    enum side_mode mode;
    const struct state_word *protocol; /* in front of it, or NULL */
    const struct field *field[2];
    char text[64]; /* its words, for show */
};

struct parser {
    struct filter *filter;
    const char *text;
    const struct filter_names *names;
    struct token token; /* the next one */
    size_t at;          /* behind it */
    struct head head;
    enum side_mode mode; /* of the term before, for flag words */
    unsigned depth;
    size_t mixed_at; /* of the first `and` beside `or`, or the other way round; 0: there is none */
    struct error *err;
    size_t failed_at; /* where what err says is wrong */
};

bool parser_is_word(const struct parser *p, const char *word);
void parser_advance(struct parser *p);

/* Says what is wrong, and remembers where; -1. */
int parser_fail(struct parser *p, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);

/* Adds a node, which owns the text (see struct node). */
uint32_t parser_add_test(struct parser *p, const struct test *test, char *text);
uint32_t parser_add_not(struct parser *p, uint32_t of, char *text);
uint32_t parser_add_or(struct parser *p, uint32_t left, uint32_t right);
uint32_t parser_add_and(struct parser *p, uint32_t left, uint32_t right);

/* Narrows a test to a protocol; both together are one term: `tcp port 80`. */
uint32_t parser_add_protocol(struct parser *p, const struct state_word *protocol, uint32_t value);

/* Adds the test that the head and `value` make, or the word at hand, which is then behind us. */
uint32_t parser_finish(struct parser *p, struct test *test, const char *value);
uint32_t parser_finish_word(struct parser *p, struct test *test);

/* Takes a comparison if there is one; a value alone is to be equal. "ne" is "eq", negated. */
enum compare parser_take_compare(struct parser *p, bool *negated);
/* As parser_finish_word, of a test with a comparison. */
uint32_t parser_finish_compare(struct parser *p, struct test *test, const char *number,
                               bool negated);

/* A number without sign, not above `most`; 0... is octal, 0x... hexadecimal. */
bool parse_uint(const char *text, uint32_t most, uint32_t *ret);

/* parse_value.c: the test that the head and the token(s) at hand make. */
int parse_value(struct parser *p, uint32_t *ret_node);

/* parse_protocol.c: ports, protocols, and what they carry. */
int parse_port(struct parser *p, uint32_t *ret);
int parse_protocol(struct parser *p, uint32_t *ret);
int parse_icmp(struct parser *p, uint32_t *ret);
int parse_encapsulation(struct parser *p, uint32_t *ret);

/* parse_set.c: a set of addresses, if one is at hand. */
bool parser_at_set(const struct parser *p);
int parse_set(struct parser *p, uint32_t *ret);

/* parse_address.c: those of heads that want an address. */
int parse_host(struct parser *p, uint32_t *ret);
int parse_net(struct parser *p, uint32_t *ret);
int parse_mac(struct parser *p, uint32_t *ret);
int parse_gateway(struct parser *p, uint32_t *ret); /* from the word on */
