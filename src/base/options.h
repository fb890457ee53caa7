/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/*
 * Options: the one parser of command lines. A program states its options as data; the same tables
 * give the parsing, --help and the OPTIONS section of the manual page.
 *
 * Forms, from left to right, in the order in which a program gets them:
 *
 *     -n -nnu -c, -c ,          letters, several in one word, a value attached or following
 *     -w file [filter]          a value, and a second word if it does not begin with "-"
 *     -r a b c                  a list: all words up to the next one that begins with "-"
 *     --memory 1G --memory=1G   long names, never abbreviated
 *     - words, -- words         the end of the options: the rest is the filter
 *
 * The word after an option that needs a value is always taken as that value, whatever it begins
 * with: `-r -` is standard input, `-L -1` a number. Words that belong to no option are the filter
 * too (or operands, as the table says), wherever they stand.
 *
 *     options_init(&options, &table, argc, argv);
 *     while ((event = options_next(&options, &arg, &err))) {
 *         switch (event) {
 *         case OPTIONS_ERROR: ... err says why; end with the program's status for wrong usage
 *         case MY_READ: ...   arg.word; once for each word of a list
 *         }
 *     }
 *     options_release(&options);
 */
enum option_kind {
    OPTION_FLAG,         /* no value */
    OPTION_WORD,         /* one word */
    OPTION_WORD_PLUS,    /* one word, and the next one if it does not begin with "-" */
    OPTION_LIST,         /* one word or more: an event for each */
    OPTION_LIST_OR_FLAG, /* a list that may be empty: then one event, arg.word NULL */
    OPTION_UNSUPPORTED,  /* known from Argus, not here: giving it is an error, never ignored */
};

struct option_spec {
    int id;           /* what options_next returns, above 0; several rows may share one */
    char letter;      /* 0: none */
    const char *name; /* long name, NULL: none */
    enum option_kind kind;
    const char *value; /* what the value is called: "file", "file ..." */
    const char *help;  /* a sentence or two; of an unsupported one, what it would do */
};

/* Options that stand together in --help and in the manual page. Ends with a row of zeros. */
struct option_group {
    const char *title;
    const struct option_spec *specs;
};

static inline bool option_is_end(const struct option_spec *spec)
{
    return !spec->id && !spec->letter && !spec->name;
}

struct option_example {
    const char *command;
    const char *explanation;
};

struct option_table {
    const char *summary;                      /* one sentence: what the program does */
    const char *const *usage;                 /* synopsis without the name, one a line; NULL ends */
    const struct option_group *const *groups; /* NULL ends */
    const struct option_example *examples;    /* a row of zeros ends */
    bool takes_operands;                      /* lone words are operands, not a filter */
};

/* Events besides the ids of the table. --help and --version need no rows. */
enum {
    OPTIONS_END = 0,
    OPTIONS_ERROR = -1,
    OPTIONS_HELP = -2,    /* --help: call options_print_help */
    OPTIONS_VERSION = -3, /* --version */
    OPTIONS_MDOC = -4,    /* --help-mdoc: call options_print_mdoc (not shown in --help) */
    OPTIONS_FILTER = -5,  /* once, last: all lone words joined with blanks, in arg.word */
    OPTIONS_OPERAND = -6, /* once for each lone word, if the table takes operands */
};

struct option_arg {
    const char *word;   /* the value; NULL of a flag */
    const char *second; /* of OPTION_WORD_PLUS; NULL if there was none */
    unsigned place;     /* of a list's word: how many stood before it */
    char given[64];     /* as the user spelled the option: "-r", "--read"; for messages */
};

struct options {
    const struct option_table *table;
    char **words;
    int count, at;
    const char *cluster;            /* letters of a word that are still to be looked at */
    const struct option_spec *list; /* the list option whose words go on */
    char list_given[64];
    unsigned list_words;
    char **lone; /* words that belong to no option */
    int lone_count, lone_at;
    char *filter;
};

/* `argv` as main gets it, argv[0] left out of account. Nothing is copied or changed. */
void options_init(struct options *options, const struct option_table *table, int argc, char **argv);
void options_release(struct options *options); /* the filter text is gone, too */

/* The next event. What arg holds lives as long as argv and options. */
int options_next(struct options *options, struct option_arg *ret, struct error *err) MUST_USE;

void options_print_help(const struct option_table *table, const char *program, FILE *to);

/* The OPTIONS and EXAMPLES sections of the manual page, in mdoc(7). */
void options_print_mdoc(const struct option_table *table, FILE *to);
