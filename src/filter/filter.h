/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Filter: the clients' filter language (ra(1), FILTER EXPRESSION). Text is compiled once into a
 * typed tree and evaluated on records; a compiled filter never changes and may be shared between
 * threads. `and` and `or` bind equally, from left to right, as users know it.
 */
struct filter;
struct service_names;

struct host_address {
    uint8_t family; /* FAMILY_IP4 or FAMILY_IP6 */
    uint8_t bytes[16];
};

/* What names mean is the program's to find out. */
struct filter_names {
    const struct service_names *services; /* NULL: ports are numbers */
    /* Puts at most `most` addresses of a host and returns how many; NULL: hosts are addresses. */
    unsigned (*find_host)(const char *name, struct host_address *ret, unsigned most);
    /* The link address of a host; NULL: they have no names. */
    bool (*find_ether)(const char *name, uint8_t ret[6]);
    bool reads_files; /* "in @file" is allowed: the text is the user's own */
};

/*
 * Compiles. An empty text matches everything. A syntax error names the position and shows the
 * expression with a caret under it (two further lines in err). `names` is looked at only here, and
 * may be NULL.
 */
int filter_compile(struct filter **ret, const char *text, const struct filter_names *names,
                   struct error *err) MUST_USE;
void filter_free(struct filter *filter); /* NULL is fine */

/*
 * The same for an expression that stands in a larger text: an error says only what is wrong, and
 * *ret_at where in the expression that is.
 */
int filter_compile_part(struct filter **ret, const char *text, const struct filter_names *names,
                        size_t *ret_at, struct error *err) MUST_USE;

/* A filter on labels alone: this extended regular expression, as a whole. */
int filter_compile_label(struct filter **ret, const char *pattern, struct error *err) MUST_USE;

/* `into` becomes a filter for what both match; `more` is used up. */
void filter_join(struct filter *into, struct filter *more);

/* A sentence about what may not mean what it seems to, or NULL. It lives as long as the filter. */
const char *filter_warning(const struct filter *filter);

bool filter_match(const struct filter *filter, const struct record *r);

/* True if it depends on a field that is read from one of these blocks (enum record_block). */
bool filter_looks_at(const struct filter *filter, uint32_t blocks);

/*
 * The filter as text with all its parentheses; it compiles to the same filter. The caller frees it.
 */
char *filter_text(const struct filter *filter) MUST_USE;
