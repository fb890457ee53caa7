/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/tree.h"

/* The vocabulary: words that are a test by themselves, and words that want a value. */

enum head_kind {
    HEAD_NONE,
    HEAD_HOST,
    HEAD_NET,
    HEAD_PORT,
    HEAD_PROTO,
    HEAD_ETHER_HOST,
    HEAD_ETHER_PROTO,
    HEAD_SOURCE_ID,
    HEAD_INODE,
    HEAD_ENCAPS,
    HEAD_SPI,
    HEAD_COUNTRY,
    HEAD_LABEL,
    HEAD_ICMP_TYPE,
    HEAD_ICMP_CODE,
    HEAD_METRIC,
};

struct head_word { /* stands in front of a value */
    const char *name;
    enum head_kind kind;
};

struct flag_word { /* takes a side, and inherits one */
    const char *name;
    bool (*holds)(const struct test *test, const struct record *r, unsigned side);
    uint32_t number, number2;
};

struct state_word { /* has no side */
    const char *name;
    bool (*holds)(const struct test *test, const struct record *r, unsigned side);
    uint32_t number, number2;
    bool either_side; /* looks at each side */
};

struct metric_word { /* compares a number of the field table */
    const char *name;
    const char *field;
    bool each_side; /* is looked at by itself, even when no side is named */
};

const struct head_word *head_word_find(const char *name);
const struct flag_word *flag_word_find(const char *name);
const struct state_word *state_word_find(const char *name);
const struct metric_word *metric_word_find(const char *name);

/* words_value.c: names of values. The type of ICMP, or of ICMPv6; the bit of an encapsulation. */
bool icmp_type_find(const char *name, bool is_icmp6, uint32_t *ret);
bool encapsulation_find(const char *name, uint32_t *ret_bit);
const char *value_word_at(size_t index);

/* All of them, one after the other; NULL behind the last. */
const char *word_at(size_t index);

/* What to say about a word that is none here but means something elsewhere; NULL: nothing. */
const char *word_hint(const char *name);

/* The word, or field, that is most like the one given; NULL if none is near. */
const char *word_suggest(const char *name);
