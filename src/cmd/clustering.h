/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "aggregate/key.h"
#include "aggregate/rule_run.h"
#include "aggregate/rules.h"
#include "base/error.h"
#include "base/options.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"
#include "cmd/tool_settings.h"
#include "record/record.h"

/* What tools that merge records have in common: which belong together, and by what rules. */
enum {
    CLUSTERING_KEY = TOOL_OWN, /* -m */
    CLUSTERING_RULES,          /* -f */
    CLUSTERING_END             /* where the tool's own options begin */
};

/* For -m in option tables. */
#define CLUSTERING_KEY_HELP                                                                        \
    "Merge records that agree in these fields: srcid, proto, saddr, daddr (each with /length "     \
    "or /mask for networks), sport, dport, smac, dmac, soui, doui, svlan, dvlan, stos, dtos, "     \
    "sttl, dttl, inode and others; matrix, macmatrix: both addresses, whatever the direction; "    \
    "addr, port, mac: each record counts for both of its ends; all: all of them; none: merge "     \
    "nothing. If not given: srcid, proto, saddr, daddr, sport and dport."

struct clustering {
    struct key_model key;
    const char *rules_path; /* NULL: none */
    struct rules rules;
    enum rule_choice correct;
    bool no_report, bare, both_ends, one_way;
    struct tool_limits limits;
};

/* One option, and those of memory and threads, or a mode: 0, TOOL_UNKNOWN or -1. */
int clustering_take(struct clustering *clustering, int event, const struct option_arg *arg,
                    struct error *err) MUST_USE;

/*
 * What the machine, the environment and the rules say about what was not given; `least_bytes` of
 * memory are needed.
 */
int clustering_prepare(struct clustering *clustering, const struct tool_settings *tool,
                       uint64_t least_bytes, struct error *err) MUST_USE;
void clustering_release(struct clustering *clustering);

/* The way into clusters, with so much memory and so many threads. */
struct rule_run *clustering_run(const struct clustering *clustering, uint64_t memory_bytes,
                                unsigned threads) MUST_USE;

/* -M uni: the record becomes one of its source, and *ret what its target sent; false: nothing. */
bool clustering_split(const struct clustering *clustering, struct record *r, struct record *ret);

/* -M norep: the record no longer says how many were merged; lines (`is_printed`) say 0. */
void clustering_finish(const struct clustering *clustering, struct record *r, bool is_printed);
