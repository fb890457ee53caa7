/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "aggregate/model.h"
#include "base/attr.h"
#include "base/error.h"
#include "filter/filter.h"
#include "record/field.h"

/*
 * Rules: which records are merged how. A record belongs to the first rule whose filter matches it,
 * and with `continues` to the next one that does, too. They are read from a file,
 * racluster.conf(5), and end with one for what is left.
 */
struct rule {
    unsigned line;         /* of the file; 0: it is in none */
    struct filter *filter; /* NULL: every record matches */
    struct filter *flush;  /* NULL: none */
    char *label;           /* that its records get; NULL: none */
    struct cluster_model model;
    bool passes;    /* records are not merged, but go out at once */
    bool continues; /* records go on to the rules behind it */
};

enum rule_choice { RULE_UNSAID, RULE_NO, RULE_YES };

/* Models that rules share. */
struct rule_key {
    char *text;
    struct key_model *model;
};

enum { RULES_MOST = 65000 };

struct rules {
    struct rule *list;
    size_t count, capacity;
    struct rule_key *keys;
    size_t key_count, key_capacity;
    char *name;                       /* RACLUSTER_MODEL_NAME; NULL: none */
    const struct field *metric;       /* that statistics are about; NULL: the duration */
    enum rule_choice correct, report; /* directions, and how many records were merged */
};

struct rule_options {
    const struct filter_names *names; /* for filters; may be NULL */
    bool is_both_ends;                /* each record counts for its source and for its target */
    bool is_bare; /* the first rule, too, keeps nothing outside its key (see key.h) */
};

/*
 * Reads a file of rules into what was all zeros. An error names the file, the line and the column,
 * and shows the line. rules_release in any case.
 */
int rules_read(struct rules *rules, const char *path, const struct rule_options *options,
               struct error *err) MUST_USE;

/* Adds the last rule: all that is left, by this key, which lives as long as the rules. */
void rules_end(struct rules *rules, const struct key_model *key);
void rules_release(struct rules *rules);
